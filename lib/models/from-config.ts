import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';
import type { LayerConfig } from '../layers/config.js';
import { layerClass } from '../layers/registry.js';
import { show } from '../options.js';
import type { LayersModel } from './layers-model.js';
import { rebuildGraph, type SavedGraph } from './saved-graph.js';
import { Sequential } from './sequential.js';

/** A model as plain data: what `getClassName` and `getConfig` give. */
export interface ModelConfig {
  /** 'Sequential' or 'Functional'. */
  className: string;
  /** Its name and its layers. */
  config: Record<string, unknown>;
}

const FUNCTIONAL: ReadonlySet<string> = new Set(['Functional', 'Model']);

export function isModelClass(className: string): boolean {
  return className === 'Sequential' || FUNCTIONAL.has(className);
}

/**
 * A model without weights, from its config; they are drawn when they are needed. Throws UNSUPPORTED for a class or an option that
 * isn't there, INVALID_ARGUMENT for layers that don't fit together.
 */
export function modelFromConfig(saved: ModelConfig): LayersModel {
  const model = makeModel(saved);
  if (saved.config.trainable === false) model.trainable = false;
  return model;
}

function makeModel({ className, config }: ModelConfig): LayersModel {
  if (FUNCTIONAL.has(className)) {
    return rebuildGraph(config as unknown as SavedGraph, (saved) =>
      layerFromConfig(saved.className, { ...saved.config, name: saved.name }),
    );
  }
  if (className !== 'Sequential') {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `the model's class is ${show(className)}; 'Sequential' and 'Functional' can be loaded.`,
    );
  }
  const { name, layers } = config as unknown as {
    name?: string;
    layers: readonly { className: string; config: LayerConfig }[];
  };
  const made = layers.map((layer) => layerFromConfig(layer.className, layer.config));
  return new Sequential(name === undefined ? { layers: made } : { layers: made, name });
}

function layerFromConfig(className: string, config: LayerConfig): Layer {
  if (isModelClass(className)) return modelFromConfig({ className, config }).asLayer();
  return layerClass(className).fromConfig(config);
}
