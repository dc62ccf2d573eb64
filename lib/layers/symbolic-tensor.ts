import type { Shape } from '../program/description.js';
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

/** A value that a model will compute, known by its shape: what `input` and `layer.apply` give. */
export class SymbolicTensor {
  /** Of one sample. */
  readonly sampleShape: Shape;
  /** @internal */
  readonly node: LayerNode;

  /** @internal */
  constructor(sampleShape: Shape, node: LayerNode) {
    this.sampleShape = sampleShape;
    this.node = node;
  }

  /** [null, ...], the batch in front. */
  get shape(): (number | null)[] {
    return [null, ...this.sampleShape];
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
