import type { Layer } from '../layers/base-layer.js';
import type { LayerConfig } from '../layers/config.js';
import type { ApplyOptions } from '../layers/symbolic-tensor.js';

/** A layer in a model's config. */
export interface LayerEntry {
  /** Keras's name of the class, such as "Conv2D". */
  className: string;
  /** The layer's options. */
  config: LayerConfig;
  /** Name that references use. Default: the name in `config`. */
  name?: string;
  /** Values of its weights that the file has among its layers, in the order of the weights. @internal */
  values?: readonly Float32Array[];
  /** Extensions that other readers of the file ignore. */
  convforge?: {
    /** The layer's own name, if the file needs another one to be unique. */
    name?: string;
    /** The formulas that the layer computes, if they aren't Keras 3's. */
    formulas?: 'keras2' | 'tfjs';
    /** Options that override those in `config`, which holds what TF.js can read. */
    options?: LayerConfig;
  };
}

/** Writes a layer as an entry of a config. */
export function layerEntry(layer: Layer): LayerEntry {
  return {
    className: layer.getClassName(),
    config: layer.getConfig(),
    ...(layer.formulas !== 'keras' && { convforge: { formulas: layer.formulas } }),
  };
}

/**
 * A reference to a value, as TF.js and Keras write it: [layer, index of its use, index of that use's output,
 * options of the use that takes the value].
 */
export type Reference = [string, number, number, ApplyOptions?];

/**
 * Number of a layer's first use in references. For a model it is 1: in TF.js and Keras, use 0 is the one from
 * the model's own inputs to its outputs.
 */
export function firstUse(layer: Layer): 0 | 1 {
  return layer.isModel ? 1 : 0;
}

/** A layer of a saved Functional model. */
export interface SavedLayer extends LayerEntry {
  name: string;
  /** For each use, references to its inputs. */
  inboundNodes: readonly (readonly Reference[])[];
}

/** The config of a saved Functional model. */
export interface SavedGraph {
  name?: string;
  layers: readonly SavedLayer[];
  inputLayers: readonly Reference[];
  outputLayers: readonly Reference[];
}

/** A model as plain data: the results of `getClassName` and `getConfig`. */
export interface ModelConfig {
  /** 'Sequential' or 'Functional'. */
  className: string;
  /** The model's name and layers. */
  config: Record<string, unknown>;
}

const FUNCTIONAL: ReadonlySet<string> = new Set(['Functional', 'Model']);

export function isFunctional(className: string): boolean {
  return FUNCTIONAL.has(className);
}

/** Whether a class in a config is a model class. */
export function isModelClass(className: string): boolean {
  return className === 'Sequential' || isFunctional(className);
}
