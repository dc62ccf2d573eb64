import type { Layer } from '../layers/base-layer.js';
import type { WeightParts } from '../layers/weight-tensors.js';
import type { Optimizer } from '../optimizers/index.js';
import type { Tensor } from '../tensor/index.js';
import type { Compiled } from './compile.js';
import type { ModelGraph } from './model-graph.js';
import type { ModelState } from './model-state.js';

/** What training, callbacks and files see of a model: its layers, its weights, and how it is trained. */
export interface Model extends ModelGraph {
  /**
   * Weights and program.
   * @internal
   */
  readonly state: ModelState;
  /** Whether training changes its weights. */
  trainable: boolean;
  /** Set to true to end fit after the batch or epoch that runs. */
  stopTraining: boolean;
  /** Whether compile was called, for the layers that it has now. */
  readonly isCompiled: boolean;
  /**
   * Throws NOT_COMPILED before compile.
   * @internal
   */
  readonly compiled: Compiled;
  /** The optimizer of compile; its learningRate can be set at any time. Throws NOT_COMPILED. */
  readonly optimizer: Optimizer;
  /**
   * The weights as TF.js orders them in a model that this one is in.
   * @internal
   */
  readonly weightParts: WeightParts;

  /** Copies of the weights, in TF.js's order. Throws MODEL_BUSY while a step may be under way. */
  getWeights(trainableOnly?: boolean): Tensor[];
  /** In the order of getWeights. Throws SHAPE_MISMATCH; MODEL_BUSY while a step may be under way. */
  setWeights(weights: readonly Tensor[]): void;
}

/** A model that is used as a layer. */
export interface ModelLayer extends Layer {
  readonly model: Model;
}

/** The model that a layer stands for, if it does. */
export function modelOf(layer: Layer): Model | undefined {
  return layer.isModel ? (layer as ModelLayer).model : undefined;
}
