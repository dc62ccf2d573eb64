import { show } from '../options.js';
import { corrupt, unsupported } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/**
 * The form of the topologies that this version writes, under `convforge: {format}`; other readers ignore it.
 *
 * - 1: version 0.1.0's, which doesn't say so. References number a model's uses from 0. Names may be those of layers in other models; weights
 *   of theirs are numbered.
 * - 2: references number a model's uses from 1. Names are unique in the file, so that layers of one name, in models inside each other,
 *   are one layer; `convforge: {name}` beside a layer's class_name is its own name, where that is another.
 */
export const FORMAT = 2;

/** The format that we wrote a model.json in; undefined if others wrote it. Throws UNSUPPORTED for that of a later version. */
export function readFormat(path: string, json: JsonObject, { convforge }: JsonObject): number | undefined {
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
