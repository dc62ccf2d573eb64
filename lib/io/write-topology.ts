import type { LayersModel } from '../models/index.js';
import { toPythonCase } from './casing.js';
import { FORMAT } from './format.js';
import type { JsonObject } from './read-model-json.js';
import { tfjsConfig } from './tfjs-names.js';

/** The model without weights, as TF.js writes it. */
export function writeTopology(model: LayersModel): JsonObject {
  const topology = { className: model.getClassName(), config: model.getConfig() };
  return {
    ...toPythonCase(tfjsConfig(topology)),
    // Readers look at these two: the version of TF.js whose format this is, and TF.js's own name in its own spelling.
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
    convforge: { format: FORMAT },
  };
}
