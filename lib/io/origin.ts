import type { Formulas } from '../layers/formulas.js';
import { show } from '../options.js';
import { corrupt, unsupported } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/**
 * The form of the topologies that this version writes, under `convforge: {format}`; other readers ignore it.
 *
 * - 1: version 0.1.0's, which doesn't say so. References number a model's uses from 0. Names may be those of layers in other models; weights
 *   of theirs are numbered.
 * - 2: references number a model's uses from 1. Names are unique in the file, so that layers of one name, in models inside each other,
 *   are one layer. `convforge` beside a layer's class_name has its own name, where that is another, and the formulas of a layer that
 *   comes from a TF.js file.
 */
export const FORMAT = 2;

/** Who wrote a topology. */
export type Writer = 'convforge' | 'tfjs' | 'keras2' | 'keras3';

export interface Origin {
  writer: Writer;
  /** Of what convforge wrote. */
  format?: number;
  /** Those of its layers, where they don't say. */
  formulas: Formulas;
}

/**
 * Where the model of a model.json comes from. `topology` is its modelTopology, and `model` the model in it, which is the same but for
 * files that TF.js's converter made. Throws UNSUPPORTED for what a later version wrote.
 */
export function readOrigin(path: string, json: JsonObject, topology: JsonObject, model: JsonObject): Origin {
  const format = readFormat(path, json, model);
  if (format !== undefined) return { writer: 'convforge', format, formulas: 'keras' };
  const version = topology.keras_version ?? model.keras_version;
  if (typeof version !== 'string') {
    return isLikeKeras3(model)
      ? { writer: 'keras3', formulas: 'keras' }
      : { writer: 'keras2', formulas: 'tfjs' };
  }
  if (version.startsWith('tfjs-layers ')) return { writer: 'tfjs', formulas: 'tfjs' };
  return Number.parseInt(version, 10) >= 3
    ? { writer: 'keras3', formulas: 'keras' }
    : { writer: 'keras2', formulas: 'tfjs' };
}

/** The format that we wrote a model.json in; undefined if others wrote it. */
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

/** Its inputs have a `batch_shape`, where Keras 2 and TF.js have a `batch_input_shape`. */
function isLikeKeras3({ config }: JsonObject): boolean {
  const layers = isObject(config) && Array.isArray(config.layers) ? config.layers : [];
  return layers.some((layer) => isObject(layer) && isObject(layer.config) && 'batch_shape' in layer.config);
}
