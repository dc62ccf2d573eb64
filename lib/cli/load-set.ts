import { givenFolder } from '../datasets/dataset-options.js';
import type { ImageDataset, ImageSet } from '../datasets/image-set.js';
import { loadImageSet } from '../datasets/sources.js';
import { ConvforgeError } from '../errors.js';
import { loadDebianPackage } from './debian-package.js';

/**
 * Loads the set as `tf.datasets` does, or else from its Debian package. Where CONVFORGE_DATA names a folder, the set must
 * be in it.
 *
 * @throws DATASET_NOT_FOUND with all places tried.
 */
export async function loadSet(set: ImageSet, log: (message: string) => void): Promise<ImageDataset> {
  const { debianPackage } = set;
  try {
    return await loadImageSet('train', set, { log });
  } catch (error) {
    const isMissing = error instanceof ConvforgeError && error.code === 'DATASET_NOT_FOUND';
    if (!isMissing || givenFolder({}) !== undefined || debianPackage === undefined) throw error;
    try {
      return await loadDebianPackage({ ...set, debianPackage }, log);
    } catch (cause) {
      if (!(cause instanceof ConvforgeError)) throw cause;
      throw new ConvforgeError(
        error.code,
        `${error.message}\nDebian's package ${debianPackage} can't be fetched either: ${cause.message}.`,
        { cause },
      );
    }
  }
}
