import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { Tensor } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import type { LabelledImages } from './image-set.js';
import { readIdx } from './read-idx.js';

/** The two files of a labelled dataset. */
export interface IdxPair {
  /** The path of an IDX file of images, [n, height, width]. */
  images: string;
  /** The path of an IDX file of labels, [n]. */
  labels: string;
}

/**
 * Reads any IDX file (the format of MNIST), gzipped or not. Unsigned bytes become uint8, other whole numbers
 * int32, floats and doubles float32.
 *
 * Reads a pair of files for fit: images [n, height, width] get a channel axis, [n, height, width, 1], and
 * labels of bytes become int32.
 *
 * @throws IO_ERROR if a file can't be read; CORRUPT_FILE, with the fault, if it is damaged; SHAPE_MISMATCH if
 * the numbers of images and labels differ.
 */
export async function idx(path: string): Promise<Tensor>;
export async function idx(paths: IdxPair): Promise<LabelledImages>;
export async function idx(from: string | IdxPair): Promise<Tensor | LabelledImages> {
  if (typeof from === 'string') return readIdx(from);
  const checks = new OptionChecks('datasets.idx');
  checks.keys(from, ['images', 'labels']);
  for (const key of ['images', 'labels'] as const) {
    if (typeof from[key] !== 'string') {
      checks.fail('INVALID_ARGUMENT', `${key} is ${show(from[key])}; it must be the path of an IDX file.`);
    }
  }
  return readIdxPair(from);
}

async function readIdxPair(paths: IdxPair): Promise<LabelledImages> {
  const [images, labels] = await Promise.all([readIdx(paths.images), readIdx(paths.labels)]);
  if (images.shape[0] !== labels.shape[0]) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${paths.images} has ${images.shape[0]} images (${showShape(images.shape)}), but ${paths.labels} has ` +
        `${labels.shape[0]} labels (${showShape(labels.shape)}); the two files don't match.`,
    );
  }
  return { images: withChannels(images), labels: asClasses(labels) };
}

/** Adds a channel axis to images [n, height, width]; returns others unchanged. */
export function withChannels(images: Tensor): Tensor {
  return images.rank === 3 ? images.reshape([...images.shape, 1]) : images;
}

/** Converts labels from uint8 to int32; returns others unchanged. */
export function asClasses(labels: Tensor): Tensor {
  return labels.dtype === 'uint8'
    ? new Tensor(Int32Array.from(labels.dataSync()), labels.shape, 'int32')
    : labels;
}
