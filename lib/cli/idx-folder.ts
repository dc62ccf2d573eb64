import { join } from 'node:path';
import { type IdxPair, idx } from '../datasets/idx.js';
import type { LabelledImages } from '../datasets/image-set.js';
import { ConvforgeError } from '../errors.js';

/** An IDX file by its name, gzipped or not: train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz and the like. */
const IDX_NAME = /[-.]idx\d?(?:[-.]ubyte)?(?:\.gz)?$/i;

/** What names of test files have. */
const TEST_NAME = /t10k|test|val/i;

/** Whether a folder with files of these names is one of IDX files. */
export function hasIdxFiles(files: readonly string[]): boolean {
  return files.some((name) => IDX_NAME.test(name));
}

/**
 * Reads the images and labels of a folder of IDX files: the training part, and the test part if there is one.
 *
 * @throws DATASET_NOT_FOUND for a missing or a second file of a kind; as datasets.idx; SHAPE_MISMATCH.
 */
export async function readIdxFolder(
  folder: string,
  files: readonly string[],
): Promise<{ train: LabelledImages; test?: LabelledImages }> {
  // The .gz comes first, as in other folders of datasets.
  const plain = files.filter((name) => IDX_NAME.test(name) && !files.includes(`${name}.gz`));
  const tests = plain.filter((name) => TEST_NAME.test(name));
  const trains = plain.filter((name) => !TEST_NAME.test(name));
  const train = await readPair(pairIn(folder, trains, 'training'));
  if (tests.length === 0) return { train };
  return { train, test: await readPair(pairIn(folder, tests, 'test')) };
}

function pairIn(folder: string, files: readonly string[], part: string): IdxPair {
  const path = (kind: string) => {
    const found = files.filter((name) => name.toLowerCase().includes(kind));
    if (found.length === 1) return join(folder, found[0]);
    throw new ConvforgeError(
      'DATASET_NOT_FOUND',
      `${folder} has ${found.length === 0 ? 'no file' : `several files (${found.join(', ')})`} of ${part} ${kind}s; it must have one whose name has '${kind}', such as ${part === 'test' ? 't10k' : 'train'}-${kind}s-idx${kind === 'image' ? 3 : 1}-ubyte.`,
    );
  };
  return { images: path('image'), labels: path('label') };
}

async function readPair(pair: IdxPair): Promise<LabelledImages> {
  const { images, labels } = await idx(pair);
  if (images.rank !== 4 || labels.rank !== 1 || labels.dtype !== 'int32') {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${pair.images} has values [${images.shape.join(', ')}], and ${pair.labels} ${labels.dtype} values [${labels.shape.join(', ')}]; they must be images [n, height, width] and whole numbers [n].`,
    );
  }
  return { images, labels };
}
