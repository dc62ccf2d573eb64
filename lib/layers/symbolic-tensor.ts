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
   * Whether the layer always computes as in training (true) or as in prediction (false). In training, batch
   * normalization uses the batch's statistics instead of the moving ones, and dropout, noise and augmentation
   * are active. For a model it applies to all its layers, unless they were called with an option of their
   * own. Default: as the model runs.
   */
  training?: boolean;
}

/** A budget: how many shapes may still be inferred. */
export interface Effort {
  left: number;
}

/** One use of a layer: its inputs and outputs. */
export class LayerNode {
  /** One output, or several if the layer is a model with several. */
  readonly outputs: readonly SymbolicTensor[];
  /**
   * Shapes of the outputs by the size that replaces unknown ones; null for a size that doesn't fit this layer
   * or one before.
   */
  readonly #shapesBySize = new Map<number, readonly Shape[] | null>();

  /** `inputs` is empty for an input of a model. `shapes` has the shape of each output, without the batch. */
  constructor(
    readonly layer: Layer,
    readonly inputs: readonly SymbolicTensor[],
    shapes: readonly SampleShape[],
    readonly options: ApplyOptions = {},
  ) {
    this.outputs = shapes.map((shape) => new SymbolicTensor(shape, this));
  }

  /**
   * Infers the outputs' shapes with each unknown size of the model's inputs replaced by `size`. Returns
   * undefined if that doesn't fit, or if `effort` runs out.
   */
  shapesAt(size: number, effort: Effort): readonly Shape[] | undefined {
    // An explicit stack: a deep model would overflow the call stack.
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

  /** Whether all sizes of its outputs are known. */
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

/**
 * Infers the tensors' shapes with each unknown size replaced by `size`. Returns undefined if that doesn't fit
 * one of them, or if `effort` runs out.
 */
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

/** A layer, or a model used as a layer. */
export interface PipeStep {
  /** Applies it to `input` and returns its output. Throws if the shape doesn't fit. */
  apply(input: SymbolicTensor): SymbolicTensor;
}

/**
 * A symbolic tensor: a value that a model will compute, known by its shape. `input` and `layer.apply` return
 * it. `S` is the shape if its type is known.
 */
export class SymbolicTensor<S extends SampleShape = SampleShape> {
  /** Shape of one sample; null for unknown sizes. */
  readonly sampleShape: S;
  /** @internal */
  readonly node: LayerNode;

  /** @internal */
  constructor(sampleShape: S, node: LayerNode) {
    this.sampleShape = sampleShape;
    this.node = node;
  }

  /** Shape with the batch in front, [null, ...]; null for unknown sizes. */
  get shape(): (number | null)[] {
    return [null, ...this.sampleShape];
  }

  /**
   * Applies layers or models one after another: `x.pipe(a, b)` is `b.apply(a.apply(x))`. The result's type
   * has its shape, and a layer that doesn't fit is a type error. Throws what `apply` throws.
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

  /** Name of the layer that computes it. */
  get name(): string {
    return this.node.layer.name;
  }

  /** The layer that computes it. */
  get sourceLayer(): Layer {
    return this.node.layer;
  }

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, inspectSymbolicTensor);
  }
}

/**
 * The return type of `input`: a tensor whose shape `S` is known to `pipe` but not to `apply`. `apply` returns
 * tensors of any shape, since TypeScript gives `x` one type throughout `let x = image; x = layer.apply(x)`.
 * `image.pipe()` is the same tensor with its shape.
 */
export type InputTensor<S extends SampleShape> = SymbolicTensor & KnownInput<S>;

function isStep(step: unknown): step is PipeStep {
  return step !== null && typeof step === 'object' && 'apply' in step && typeof step.apply === 'function';
}
