import type { Layer } from '../layers/base-layer.js';
import { type Model, modelOf } from './model.js';

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
