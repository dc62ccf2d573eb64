import type { Layer } from '../layers/base-layer.js';
import type { WeightStore } from '../layers/weight-store.js';
import type { WeightParts } from '../layers/weight-tensors.js';
import type { Optimizer } from '../optimizers/index.js';
import type { Tensor } from '../tensor/index.js';
import type { Compiled } from './compile.js';
import type { ModelGraph } from './model-graph.js';
import type { ModelState } from './model-state.js';

/** A model as training, callbacks and files see it: layers, weights and compilation. */
export interface Model extends ModelGraph {
  /**
   * Weights and programs of the model.
   * @internal
   */
  readonly state: ModelState;
  /** Whether training changes its weights. */
  trainable: boolean;
  /** Set to true to end fit after the current batch or epoch. */
  stopTraining: boolean;
  /** Whether compile was called since the layers last changed. */
  readonly isCompiled: boolean;
  /**
   * Throws NOT_COMPILED before compile.
   * @internal
   */
  readonly compiled: Compiled;
  /** The optimizer given to compile; its learningRate can be set at any time. Throws NOT_COMPILED. */
  readonly optimizer: Optimizer;
  /**
   * The weights in the order of TF.js, for a model that contains this one.
   * @internal
   */
  readonly weightParts: WeightParts;

  /** Copies the weights in TF.js's order. Throws MODEL_BUSY while a step may be running. */
  getWeights(trainableOnly?: boolean): Tensor[];
  /**
   * Sets the weights, in the order of getWeights. Throws SHAPE_MISMATCH; MODEL_BUSY while a step may be
   * running.
   */
  setWeights(weights: readonly Tensor[]): void;
}

/** A model that is used as a layer. */
export interface ModelLayer extends Layer {
  readonly model: Model;
}

/** The model that a layer wraps; undefined for any other layer. */
export function modelOf(layer: Layer): Model | undefined {
  return layer.isModel ? (layer as ModelLayer).model : undefined;
}

/** A model and all its nested models, each once. */
export function modelsWithin(model: Model): ReadonlySet<Model> {
  const found = new Set([model]);
  // Iterating over a set also visits what is added meanwhile.
  for (const { layers } of found) {
    for (const inner of layers.map((layer) => modelOf(innermost(layer)))) if (inner) found.add(inner);
  }
  return found;
}

/** The stores of the model's weights in the order in which its program reads and writes them. */
export function storesInOrder(model: Model): readonly WeightStore[] {
  const seen = new Set<Layer>();
  const stores: WeightStore[] = [];
  const visit = ({ sorted }: Model): void => {
    for (const { layer } of sorted) {
      const own = innermost(layer);
      if (seen.has(own)) continue;
      seen.add(own);
      const inner = modelOf(own);
      if (inner) visit(inner);
      else stores.push(...own.stores);
    }
  };
  visit(model);
  return stores;
}

/**
 * The layers of the model and its nested models that training may change. As in Keras, these are the
 * trainable layers that are used in some model that isn't frozen.
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

/**
 * Sets `trainable` of the model's own layers. `isOwn`: whether it was set for this model, not for one around
 * it.
 */
export function setLayersTrainable({ layers }: Model, trainable: boolean, isOwn: boolean): void {
  for (const layer of layers) {
    const inner = innermost(layer);
    if (!inner.isModel) inner.setTrainableByModel(trainable, isOwn && inner === layer);
  }
}

/** The layer that holds the weights: the layer itself, or the one that it wraps. */
export function innermost(layer: Layer): Layer {
  return layer.inner ? innermost(layer.inner) : layer;
}
