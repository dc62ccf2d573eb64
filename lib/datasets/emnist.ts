import { withPauses } from '../data/yield-to-event-loop.js';
import { ConvforgeError } from '../errors.js';
import { OptionChecks, show, unknownName } from '../options.js';
import { Tensor } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import { checkOptions, givenFolder } from './dataset-options.js';
import { findInGivenFolder } from './folder.js';
import { withChannels } from './idx.js';
import type { DatasetOptions, IdxSet, ImageDataset, LabelledImages } from './image-set.js';
import { readIdx } from './read-idx.js';

const DIGITS = [...'0123456789'];
const CAPITALS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** A letter whose two cases look alike is one class, named by the capital. The other small letters follow. */
const MERGED = [...DIGITS, ...CAPITALS, ...'abdefghnqrt'];

/** The classes of each split, in the order of their labels. */
const CLASS_NAMES = {
  byclass: [...DIGITS, ...CAPITALS, ...'abcdefghijklmnopqrstuvwxyz'],
  bymerge: MERGED,
  balanced: MERGED,
  letters: CAPITALS,
  digits: DIGITS,
  mnist: DIGITS,
} as const;

/** A split of EMNIST: a selection of its characters and of their classes. */
export type EmnistSplit = keyof typeof CLASS_NAMES;

export const EMNIST_SPLITS = Object.keys(CLASS_NAMES) as readonly EmnistSplit[];

const SIDE = 28;
const CELLS = SIDE * SIDE;

/** Images to transpose before the event loop may run. */
const IMAGES_AT_ONCE = 1024;

const ORIGIN = 'the file gzip.zip of https://www.nist.gov/itl/products-and-services/emnist-dataset';

/**
 * EMNIST: images of handwritten characters. Images are uint8 [n, 28, 28, 1] from 0 (paper) to 255 (ink), and
 * upright, while the files store them transposed. Labels are int32 [n] from 0, while the files of 'letters'
 * count from 1.
 *
 * The files are never downloaded. The folder that `folder` or CONVFORGE_DATA names, or its subfolder
 * 'emnist', must have them, gzipped or not. Their format, sizes and labels are checked; their checksums
 * aren't known.
 *
 * @param split 'byclass' (62 classes: digits, capital and small letters), 'bymerge' (47: letters whose two
 * cases look alike are one class), 'balanced' (the same 47 classes with equally many images), 'letters' (26:
 * both cases of a letter are one class), 'digits' or 'mnist' (10; 'mnist' has as many images as MNIST).
 * @throws DATASET_NOT_FOUND, with where to get the files; CORRUPT_FILE, SHAPE_MISMATCH, IO_ERROR
 */
export async function emnist(split: EmnistSplit, options: DatasetOptions = {}): Promise<ImageDataset> {
  const set = emnistSet(split);
  checkOptions('datasets.emnist', options);
  const given = givenFolder(options);
  if (given === undefined) {
    throw new ConvforgeError(
      'DATASET_NOT_FOUND',
      `EMNIST is not downloaded: get ${ORIGIN}, unpack it, and name its folder by the option 'folder' or the environment variable ` +
        'CONVFORGE_DATA.',
    );
  }
  const advice = `Put them there; ${ORIGIN} has them.`;
  const paths = await findInGivenFolder(set, given.folder, given.by, advice);
  const firstLabel = split === 'letters' ? 1 : 0;
  const classes = set.classNames.length;
  const [train, test] = await Promise.all([
    readPart(paths.trainImages, paths.trainLabels, firstLabel, classes),
    readPart(paths.testImages, paths.testLabels, firstLabel, classes),
  ]);
  return { train, test, classNames: set.classNames };
}

/** The files and classes of a split. Throws INVALID_ARGUMENT for another. */
export function emnistSet(split: EmnistSplit): IdxSet {
  const checks = new OptionChecks('datasets.emnist');
  if (typeof split !== 'string') {
    checks.fail(
      'INVALID_ARGUMENT',
      `split is ${show(split)}; it must be one of ${Object.keys(CLASS_NAMES).join(', ')}.`,
    );
  }
  if (!Object.hasOwn(CLASS_NAMES, split)) {
    checks.fail('INVALID_ARGUMENT', unknownName('split', split, Object.keys(CLASS_NAMES)));
  }
  return {
    name: 'emnist',
    title: `EMNIST's split '${split}'`,
    files: {
      trainImages: { name: `emnist-${split}-train-images-idx3-ubyte` },
      trainLabels: { name: `emnist-${split}-train-labels-idx1-ubyte` },
      testImages: { name: `emnist-${split}-test-images-idx3-ubyte` },
      testLabels: { name: `emnist-${split}-test-labels-idx1-ubyte` },
    },
    classNames: CLASS_NAMES[split],
  };
}

async function readPart(
  imagesPath: string,
  labelsPath: string,
  firstLabel: number,
  classes: number,
): Promise<LabelledImages> {
  const [images, labels] = await Promise.all([readIdx(imagesPath), readIdx(labelsPath)]);
  const [n, height, width] = images.shape;
  if (images.dtype !== 'uint8' || images.rank !== 3 || height !== SIDE || width !== SIDE) {
    failCorrupt(imagesPath, images, `uint8 images [n, ${SIDE}, ${SIDE}]`);
  }
  if (labels.dtype !== 'uint8' || labels.rank !== 1) failCorrupt(labelsPath, labels, 'uint8 labels [n]');
  if (labels.size !== n) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${imagesPath} has ${n} images, but ${labelsPath} has ${labels.size} labels; the two files don't match.`,
    );
  }
  await transposeInPlace(images);
  return { images: withChannels(images), labels: classesOf(labels, labelsPath, firstLabel, classes) };
}

/** Transposes each image in place, since the largest split takes half a gigabyte. */
async function transposeInPlace(images: Tensor): Promise<void> {
  const values = images.dataSync();
  for await (const first of withPauses(steps(images.shape[0], IMAGES_AT_ONCE))) {
    const end = Math.min(first + IMAGES_AT_ONCE, images.shape[0]) * CELLS;
    for (let image = first * CELLS; image < end; image += CELLS) {
      for (let row = 1; row < SIDE; row++) {
        for (let column = 0; column < row; column++) {
          const a = image + row * SIDE + column;
          const b = image + column * SIDE + row;
          const value = values[a];
          values[a] = values[b];
          values[b] = value;
        }
      }
    }
  }
}

function* steps(end: number, step: number): Generator<number> {
  for (let i = 0; i < end; i += step) yield i;
}

/** Labels counted from 0. Throws CORRUPT_FILE for a label without a class. */
function classesOf(labels: Tensor, path: string, first: number, classes: number): Tensor {
  const values = Int32Array.from(labels.dataSync(), (label) => label - first);
  const invalid = values.findIndex((label) => label < 0 || label >= classes);
  if (invalid !== -1) {
    throw new ConvforgeError(
      'CORRUPT_FILE',
      `${path}: label ${invalid} is ${values[invalid] + first}; this split has labels from ${first} to ${first + classes - 1}. Get it again.`,
    );
  }
  return new Tensor(values, labels.shape, 'int32');
}

function failCorrupt(path: string, { dtype, shape }: Tensor, expected: string): never {
  throw new ConvforgeError(
    'CORRUPT_FILE',
    `${path} has ${dtype} values of shape ${showShape(shape)}, expected ${expected}. Get it again.`,
  );
}
