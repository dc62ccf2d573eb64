import type { LayersModel } from '../models/index.js';
import { show } from '../options.js';
import { blaming, corrupt } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Gives the model the file's userDefinedMetadata, if there is any. Throws CORRUPT_FILE or TOO_LARGE. */
export function readMetadata(path: string, { userDefinedMetadata }: JsonObject, model: LayersModel): void {
  if (userDefinedMetadata === undefined || userDefinedMetadata === null) return;
  if (!isObject(userDefinedMetadata)) {
    throw corrupt(path, `userDefinedMetadata is ${show(userDefinedMetadata)}; it must be an object`);
  }
  blaming(path, () => model.setUserDefinedMetadata(userDefinedMetadata));
}
