import { show } from '../options.js';
import { corrupt, unsupported } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/**
 * The form of the topologies that this version writes, under `convforge: {format}`; other readers ignore it. Version 0.1.0 wrote none.
 *
 * - 2: references number a model's uses from 1.
 */
export const FORMAT = 2;

/** Throws UNSUPPORTED for the format of a later version. */
export function checkFormat(path: string, { convforge }: JsonObject): void {
  if (convforge === undefined) return;
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
}
