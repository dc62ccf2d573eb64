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

/** A model and those inside it, each once. */
export function modelsWithin(model: Model): ReadonlySet<Model> {
  const found = new Set([model]);
  // A set that grows while it is gone through gives what was added, too.
  for (const { layers } of found) {
    for (const inner of layers.map((layer) => modelOf(innermost(layer)))) if (inner) found.add(inner);
  }
  return found;
}

/**
 * The layers, of the model and of those inside it, whose weights training may change: as in Keras, each that is trainable and isn't
 * used in a frozen model alone.
 */
export function trainedLayers(model: Model): ReadonlySet<Layer> {
  const trained = new Set<Layer>();
  const models = new Set(model.trainable ? [model] : []);
  for (const { layers } of models) {
    for (const layer of layers.map(innermost)) {
      if (!layer.trainable) continue;
      const inner = modelOf(layer);
      if (inner) models.add(inner);
      else trained.add(layer);
    }
  }
  return trained;
}

/** The layer that has the weights: the layer itself, or the one that it applies. */
export function innermost(layer: Layer): Layer {
  return layer.inner ? innermost(layer.inner) : layer;
}
