import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import type { Shape } from '../program/description.js';
import type { FittingAfter, LastOf, OutputsAfter, ShapeOf } from '../shape-types/index.js';
import type { Layer } from './base-layer.js';

/** One use of a layer: what it takes and what it gives. */
export class LayerNode {
  /** One, or several where the layer is a model that has several. */
  readonly outputs: readonly SymbolicTensor[];

  /** `inputs`: none for an input of a model. `shapes`: of a sample of each output. */
  constructor(
    readonly layer: Layer,
    readonly inputs: readonly SymbolicTensor[],
    shapes: readonly Shape[],
  ) {
    this.outputs = shapes.map((shape) => new SymbolicTensor(shape, this));
  }
}

/** A layer, or a model that is used as one. */
export interface PipeStep {
  /** What it makes of `input`. Throws if the shape doesn't fit. */
  apply(input: SymbolicTensor): SymbolicTensor;
}

/** A value that a model will compute, known by its shape: what `input` and `layer.apply` give. Where its type knows the shape, it is `S`. */
export class SymbolicTensor<S extends Shape = Shape> {
  /** Of one sample. */
  readonly sampleShape: S;
  /** @internal */
  readonly node: LayerNode;

  /** @internal */
  constructor(sampleShape: S, node: LayerNode) {
    this.sampleShape = sampleShape;
    this.node = node;
  }

  /** [null, ...], the batch in front. */
  get shape(): (number | null)[] {
    return [null, ...this.sampleShape];
  }

  /**
   * Sends the value through layers, or models, one after the other: `x.pipe(a, b)` is `b.apply(a.apply(x))`. The type of the result
   * knows its shape, and a layer that doesn't fit is a type error. Throws what `apply` throws.
   */
  pipe<This extends SymbolicTensor, const Steps extends readonly PipeStep[]>(
    this: This,
    ...steps: FittingAfter<Steps, ShapeOf<This>>
  ): SymbolicTensor<LastOf<OutputsAfter<Steps, ShapeOf<This>>, ShapeOf<This>>> {
    const value = (steps as readonly unknown[]).reduce<SymbolicTensor>((before, step) => {
      if (isStep(step)) return step.apply(before);
      throw new ConvforgeError('INVALID_ARGUMENT', `pipe takes layers and models, not ${show(step)}.`);
    }, this);
    return value as never;
  }

  /** The name of the layer that gives it. */
  get name(): string {
    return this.node.layer.name;
  }

  /** The layer that gives it. */
  get sourceLayer(): Layer {
    return this.node.layer;
  }
}

function isStep(step: unknown): step is PipeStep {
  return step !== null && typeof step === 'object' && 'apply' in step && typeof step.apply === 'function';
}
