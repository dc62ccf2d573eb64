import type { Formulas } from '../layers/formulas.js';
import { show } from '../options.js';
import { corrupt, unsupported } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/**
 * Format of the topologies that this version writes, as `convforge: {format}`; other readers ignore it.
 *
 * - 1: version 0.1.0, which doesn't write the number. References number a model's uses from 0. Layers in
 *   different models may have the same name; their weights are numbered.
 * - 2: references number a model's uses from 1. Names are unique in the file: equally named layers, in nested
 *   models, are the same layer. `convforge` beside a layer's class_name has the layer's own name, if that
 *   differs, and the formulas of a layer that comes from a file of Keras 2 or TF.js.
 */
export const FORMAT = 2;

/** The library that wrote a topology. */
export type Writer = 'convforge' | 'tfjs' | 'keras2' | 'keras3';

export interface Origin {
  writer: Writer;
  /** Version of convforge's format, if convforge wrote it. */
  format?: number;
  /** Formulas of the layers whose entries name none. */
  formulas: Formulas;
}

/**
 * Finds out what wrote a model.json. `topology` is its modelTopology, and `model` the model in it; the two
 * differ only in files of TF.js's converter. `ofKeras2` are the formulas of layers that Keras 2 wrote. Throws
 * UNSUPPORTED for files of a later version.
 */
export function readOrigin(
  path: string,
  json: JsonObject,
  topology: JsonObject,
  model: JsonObject,
  ofKeras2: Formulas,
): Origin {
  const format = readFormat(path, json, model);
  if (format !== undefined) return { writer: 'convforge', format, formulas: 'keras' };
  const version = topology.keras_version ?? model.keras_version;
  if (typeof version !== 'string') {
    return isLikeKeras3(model)
      ? { writer: 'keras3', formulas: 'keras' }
      : { writer: 'keras2', formulas: ofKeras2 };
  }
  if (version.startsWith('tfjs-layers ')) return { writer: 'tfjs', formulas: 'tfjs' };
  return Number.parseInt(version, 10) >= 3
    ? { writer: 'keras3', formulas: 'keras' }
    : { writer: 'keras2', formulas: ofKeras2 };
}

/** convforge's format of a model.json; undefined if something else wrote it. */
function readFormat(path: string, json: JsonObject, { convforge }: JsonObject): number | undefined {
  if (convforge === undefined) {
    const { generatedBy } = json;
    return typeof generatedBy === 'string' && generatedBy.startsWith('convforge ') ? 1 : undefined;
  }
  const format = isObject(convforge) ? convforge.format : undefined;
  if (!Number.isSafeInteger(format) || (format as number) < 1) {
    throw corrupt(path, `its convforge.format is ${show(format)}; it must be a whole number from 1 up`);
  }
  if ((format as number) > FORMAT) {
    throw unsupported(
      path,
      `a later version of convforge wrote it, in format ${format}; this one reads formats up to ${FORMAT}`,
    );
  }
  return format as number;
}

/** Whether inputs have a `batch_shape`, as in Keras 3; Keras 2 and TF.js write `batch_input_shape`. */
function isLikeKeras3({ config }: JsonObject): boolean {
  const layers = isObject(config) && Array.isArray(config.layers) ? config.layers : [];
  return layers.some((layer) => isObject(layer) && isObject(layer.config) && 'batch_shape' in layer.config);
}
