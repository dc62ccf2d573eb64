import { ConvforgeError } from '../errors.js';
import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import { show } from '../options.js';
import type { Shape } from '../program/description.js';
import type { FittingAfter, KnownInput, LastOf, OutputsAfter, ShapeOf } from '../shape-types/index.js';
import type { Layer } from './base-layer.js';
import { inspectSymbolicTensor } from './inspect-layer.js';
import { isKnown, type SampleShape } from './shapes.js';
import { assumeSize, isMisfit } from './unknown-sizes.js';

/** Options of a layer's or a model's `apply`. */
export interface ApplyOptions {
  /**
   * Whether the layer computes as in training wherever the model runs, or as in prediction even in training: batch normalization takes
   * the batch's statistics or the moving ones, dropout, noise and augmentation draw or do nothing. Of a model it goes for all its layers
   * but those that were called with one of their own. Default: as the model runs.
   */
  training?: boolean;
}

/** How many shapes may still be inferred. */
export interface Effort {
  left: number;
}

/** One use of a layer: what it takes and what it gives. */
export class LayerNode {
  /** One, or several where the layer is a model that has several. */
  readonly outputs: readonly SymbolicTensor[];
  /** By the size that stands for unknown ones; null for a size that doesn't fit, here or before. */
  readonly #shapesBySize = new Map<number, readonly Shape[] | null>();

  /** `inputs`: none for an input of a model. `shapes`: of a sample of each output. */
  constructor(
    readonly layer: Layer,
    readonly inputs: readonly SymbolicTensor[],
    shapes: readonly SampleShape[],
    readonly options: ApplyOptions = {},
  ) {
    this.outputs = shapes.map((shape) => new SymbolicTensor(shape, this));
  }

  /**
   * Shapes of the outputs where each unknown size of the model's inputs is `size`; undefined if that doesn't fit, or `effort` has no
   * inferences left for what isn't known yet.
   */
  shapesAt(size: number, effort: Effort): readonly Shape[] | undefined {
    // A stack of our own: a model may have more layers than calls can nest.
    const stack: LayerNode[] = [this];
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (node.#shapesBySize.has(size)) continue;
      const missing = node.isKnown ? [] : node.inputs.map((input) => input.node);
      const unmet = missing.filter((before) => !before.#shapesBySize.has(size));
      if (unmet.length > 0) {
        stack.push(node, ...unmet);
        continue;
      }
      if (effort.left === 0) return undefined;
      effort.left--;
      node.#shapesBySize.set(size, node.#inferAt(size));
    }
    return this.#shapesBySize.get(size) ?? undefined;
  }

  /** Whether all sizes that it gives are known. */
  get isKnown(): boolean {
    return this.outputs.every(({ sampleShape }) => isKnown(sampleShape));
  }

  #inferAt(size: number): readonly Shape[] | null {
    const shapes = this.outputs.map(({ sampleShape }) => assumeSize(sampleShape, size));
    if (this.isKnown || this.inputs.length === 0) return shapes;
    const inputs = shapesAt(this.inputs, size, { left: 0 });
    if (!inputs) return null;
    try {
      return this.layer.infer(inputs).outputs;
    } catch (error) {
      if (isMisfit(error)) return null;
      throw error;
    }
  }
}

/** Shapes of values where each unknown size is `size`; undefined if that doesn't fit one of them, or `effort` is spent. */
export function shapesAt(
  tensors: readonly SymbolicTensor[],
  size: number,
  effort: Effort,
): readonly Shape[] | undefined {
  const shapes = tensors.map(
    (tensor) => tensor.node.shapesAt(size, effort)?.[tensor.node.outputs.indexOf(tensor)],
  );
  return shapes.every((shape) => shape !== undefined) ? shapes : undefined;
}

/** A layer, or a model that is used as one. */
export interface PipeStep {
  /** What it makes of `input`. Throws if the shape doesn't fit. */
  apply(input: SymbolicTensor): SymbolicTensor;
}

/** A value that a model will compute, known by its shape: what `input` and `layer.apply` give. Where its type knows the shape, it is `S`. */
export class SymbolicTensor<S extends SampleShape = SampleShape> {
  /** Of one sample; null for sizes that aren't known. */
  readonly sampleShape: S;
  /** @internal */
  readonly node: LayerNode;

  /** @internal */
  constructor(sampleShape: S, node: LayerNode) {
    this.sampleShape = sampleShape;
    this.node = node;
  }

  /** [null, ...], the batch in front, and null for sizes that aren't known. */
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

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, inspectSymbolicTensor);
  }
}

/**
 * What `input` gives: a value of shape `S`, which `pipe` knows. `apply` doesn't, and gives values of any shape, since TypeScript takes
 * `let x = image; x = layer.apply(x)` for one type throughout; `image.pipe()` is the same value with its shape.
 */
export type InputTensor<S extends SampleShape> = SymbolicTensor & KnownInput<S>;

function isStep(step: unknown): step is PipeStep {
  return step !== null && typeof step === 'object' && 'apply' in step && typeof step.apply === 'function';
}
