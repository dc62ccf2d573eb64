import { type WeightNames, weightNames, weightNamesOfFormat1 } from '../models/file-names.js';
import { ConfigReader, isModelClass } from '../models/from-config.js';
import type { LayersModel } from '../models/index.js';
import { show } from '../options.js';
import { fromPythonCase } from './casing.js';
import { blaming, corrupt, unsupported } from './failures.js';
import { readModelConfig } from './model-config.js';
import { FORMAT, readOrigin } from './origin.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** A model from a file, without its weights. */
export interface ReadModel {
  model: LayersModel;
  /** What the file calls its weights. */
  weightNames: WeightNames;
}

/**
 * The model of a modelTopology: as TF.js writes it, or Keras 2 or 3, or TF.js's converter from Keras (model_config, layers as config itself).
 * Its weights are not drawn yet. Throws CORRUPT_FILE, UNSUPPORTED or TOO_LARGE.
 */
export function readTopology(path: string, json: JsonObject): ReadModel {
  const written = isObject(json.modelTopology) ? json.modelTopology : undefined;
  const outer = written && isObject(written.model_config) ? written.model_config : written;
  if (outer === undefined) throw corrupt(path, 'modelTopology is missing');
  const origin = readOrigin(path, json, written as JsonObject, outer);
  const topology = fromPythonCase(path, outer);
  const { className } = topology;
  if (typeof className !== 'string' || !isModelClass(className)) {
    throw unsupported(
      path,
      `the model's class is ${show(className)}; 'Sequential' and 'Functional' can be loaded`,
    );
  }
  const config = readModelConfig(path, origin.writer, className, topology.config);
  const reader = new ConfigReader({ formulas: origin.formulas, sharesLayers: origin.format === FORMAT });
  const model = blaming(path, () => reader.model({ className, config }));
  return { model, weightNames: origin.format === 1 ? weightNamesOfFormat1(reader.made) : weightNames(model) };
}
