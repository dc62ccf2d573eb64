import type { Shape } from '../program/description.js';
import type { Layer } from './base-layer.js';

/** One use of a layer: what it takes and what it gives. */
export interface LayerNode {
  layer: Layer;
  /** None for an input of a model. */
  inputs: readonly SymbolicTensor[];
  output: SymbolicTensor;
}

/** A value that a model will compute, known by its shape: what `input` and `layer.apply` give. */
export class SymbolicTensor {
  /** Of one sample. */
  readonly sampleShape: Shape;
  readonly node: LayerNode;

  constructor(sampleShape: Shape, layer: Layer, inputs: readonly SymbolicTensor[]) {
    this.sampleShape = sampleShape;
    this.node = { layer, inputs, output: this };
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
