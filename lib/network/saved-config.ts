import type { Layer } from '../layers/base-layer.js';
import type { LayerConfig } from '../layers/config.js';
import type { ApplyOptions } from '../layers/symbolic-tensor.js';

/** A layer in a model's config. */
export interface LayerEntry {
  /** As Keras names it, "Conv2D". */
  className: string;
  /** Its options. */
  config: LayerConfig;
  /** By which references name it. Default: that of its config. */
  name?: string;
  /** What other readers of the file ignore. */
  convforge?: {
    /** The layer's own name, where that in the file must be another one to be unique. */
    name?: string;
    /** Of a layer that comes from a TF.js file. */
    formulas?: 'tfjs';
    /** Options that take the place of those in the config, which are what TF.js can read. */
    options?: LayerConfig;
  };
}

/** A layer as an entry of a config. */
export function layerEntry(layer: Layer): LayerEntry {
  return {
    className: layer.getClassName(),
    config: layer.getConfig(),
    ...(layer.formulas === 'tfjs' && { convforge: { formulas: 'tfjs' } }),
  };
}

/** [layer, which of its uses, which of that use's outputs, options of the use that takes it], as TF.js and Keras write a reference to a value. */
export type Reference = [string, number, number, ApplyOptions?];

/** The number of a layer's first use in references: for TF.js and Keras a model has a use before, which leads from its inputs to its outputs. */
export function firstUse(layer: Layer): 0 | 1 {
  return layer.isModel ? 1 : 0;
}

/** A layer of a saved Functional model. */
export interface SavedLayer extends LayerEntry {
  name: string;
  /** Per use, references to what it takes. */
  inboundNodes: readonly (readonly Reference[])[];
}

/** The config of a saved Functional model. */
export interface SavedGraph {
  name?: string;
  layers: readonly SavedLayer[];
  inputLayers: readonly Reference[];
  outputLayers: readonly Reference[];
}

/** A model as plain data: what `getClassName` and `getConfig` give. */
export interface ModelConfig {
  /** 'Sequential' or 'Functional'. */
  className: string;
  /** Its name and its layers. */
  config: Record<string, unknown>;
}

const FUNCTIONAL: ReadonlySet<string> = new Set(['Functional', 'Model']);

export function isFunctional(className: string): boolean {
  return FUNCTIONAL.has(className);
}

/** Whether a class in a config is a model's. */
export function isModelClass(className: string): boolean {
  return className === 'Sequential' || isFunctional(className);
}
