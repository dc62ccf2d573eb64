import { readdir } from 'node:fs/promises';
import type { Dataset } from '../data/dataset.js';
import type { LabelledImage } from '../data/images.js';
import { drawFirstPart } from '../data/split.js';
import type { LabelledImages } from '../datasets/image-set.js';
import { ConvforgeError } from '../errors.js';
import { nearest } from '../suggestions.js';
import { gather, type Shape, type Tensor, tensor } from '../tensor/index.js';
import { type ClassFolder, kept, openClassFolder } from './class-folder.js';
import { hasIdxFiles, readIdxFolder } from './idx-folder.js';
import { findKnownSet, KNOWN_SETS } from './known-sets.js';
import { UsageError } from './usage-error.js';

/** Labelled images: all in memory, or read one by one. */
export type Part =
  | { kind: 'arrays'; images: Tensor; labels: Tensor; count: number }
  | { kind: 'images'; images: Dataset<LabelledImage>; count: number };

/** Data with class names, in a training part and one to test on. */
export interface LabelledData {
  /** For messages: "Fashion-MNIST" or the folder. */
  title: string;
  classNames: readonly string[];
  /** [height, width, channels] */
  inputShape: Shape;
  train: Part;
  /** Absent: nothing is held out. */
  test?: Part;
  /** How the held-out part is called: a dataset has a test part, or some training images are for validation. */
  testName: 'test' | 'validation';
  /** Whether a mirrored image is still one of its class. */
  mirrors: boolean;
}

/** How data is read. */
export interface DataOptions {
  /** [height, width, channels] of the images that a model takes, null for sizes that may be any. */
  modelShape: readonly (number | null)[];
  /** The class names that a model has; none if it isn't known. */
  classNames: readonly string[];
  /** Height and width to resize images of a folder to. */
  imageSize?: readonly [number, number];
  grayscale?: boolean;
  /**
   * The share of images to hold out where there is no test part; 0 for none. Absent: the usual share. 'whole':
   * all images are one part, to evaluate on.
   */
  valSplit?: number | 'whole';
  /** Seed of the division and of the order of images of a folder. */
  seed: number;
  /** Told before something slow. */
  log: (message: string) => void;
}

/** The share of images that is held out for validation unless the user says otherwise. */
const VALIDATION_SHARE = 0.2;

/** The height and width of images of a folder where neither the model nor the user gives them. */
const IMAGE_SIZE = [64, 64] as const;

/**
 * Opens data by the name of a known dataset, or a folder with IDX files, or with a subfolder of images for each
 * class. Throws UsageError, and as the datasets do.
 */
export async function openData(name: string, options: DataOptions): Promise<LabelledData> {
  const known = findKnownSet(name);
  if (known) {
    refuseForArrays(options, known.title);
    refuseSplit(options, known.title);
    const { train, test, classNames } = await known.load(options.log);
    const parts = { train: ofArrays(train), test: ofArrays(test), testName: 'test' as const };
    const inputShape = train.images.shape.slice(1);
    return { title: known.title, classNames, inputShape, mirrors: known.mirrors, ...parts };
  }
  const files = await readdir(name).catch(() => undefined);
  if (!files) throw new UsageError(noData(name));
  return hasIdxFiles(files) ? openIdx(name, files, options) : openImages(name, options);
}

async function openIdx(
  folder: string,
  files: readonly string[],
  options: DataOptions,
): Promise<LabelledData> {
  refuseForArrays(options, `${folder} has IDX files, and`);
  const { train, test } = await readIdxFolder(folder, files);
  const most = [train, test].reduce((sum, part) => Math.max(sum, part ? highest(part.labels) : 0), 0);
  const { classNames: names } = options;
  const classNames = names.length > most ? names : Array.from({ length: most + 1 }, (_, i) => String(i));
  const common = { title: folder, classNames, inputShape: train.images.shape.slice(1), mirrors: false };
  if (test) {
    refuseSplit(options, folder);
    return { ...common, train: ofArrays(train), test: ofArrays(test), testName: 'test' };
  }
  const [rest, held] = divide(train, options);
  return {
    ...common,
    train: ofArrays(rest),
    ...(held && { test: ofArrays(held) }),
    testName: 'validation',
  };
}

async function openImages(folder: string, options: DataOptions): Promise<LabelledData> {
  const { seed, classNames } = options;
  const share = heldShare(options);
  const inputShape = imageShape(options);
  const [height, width, channels] = inputShape;
  const form = { size: [height, width], channels: channels as 1 | 3 } as const;
  const named = classNames.length > 0 ? { classNames } : {};
  const found = await openClassFolder(folder, { form, ...named });
  const common = { title: folder, classNames: found.train.classNames, inputShape, mirrors: true };
  const part = (images: ClassFolder['train']): Part => ({
    kind: 'images',
    images: kept(images, inputShape),
    count: images.size as number,
  });
  if (found.test) {
    refuseSplit(options, folder);
    return { ...common, train: part(found.train), test: part(found.test), testName: 'test' };
  }
  if (share === 0) return { ...common, train: part(found.train), testName: 'validation' };
  const [train, held] = found.train.split(1 - share, { seed, stratify: true });
  checkParts(folder, share, train.size as number, held.size as number);
  return { ...common, train: part(train), test: part(held), testName: 'validation' };
}

/** The shape of a folder's images: the model's sizes, or else the user's, or else the usual ones. */
export function imageShape({
  modelShape,
  imageSize,
  grayscale,
}: Pick<DataOptions, 'modelShape' | 'imageSize' | 'grayscale'>): Shape {
  const [height, width, channels] = modelShape;
  const [givenHeight, givenWidth] = imageSize ?? [height ?? IMAGE_SIZE[0], width ?? IMAGE_SIZE[1]];
  if ((height ?? givenHeight) !== givenHeight || (width ?? givenWidth) !== givenWidth)
    throw new UsageError(
      `--image-size is ${givenHeight}x${givenWidth}, but the model takes ${height ?? 'any'}x${width ?? 'any'}; leave it out`,
    );
  if (channels !== null && channels !== 1 && channels !== 3)
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `The model takes images of ${channels} channels; image files give 1 or 3.`,
    );
  if (grayscale && channels === 3)
    throw new UsageError('the model takes images of 3 channels; leave out --grayscale');
  return [givenHeight, givenWidth, channels ?? (grayscale ? 1 : 3)];
}

function refuseForArrays({ imageSize, grayscale }: DataOptions, what: string): void {
  const option = imageSize ? '--image-size' : grayscale ? '--grayscale' : undefined;
  if (option !== undefined)
    throw new UsageError(`${what} has images of one size; ${option} is for folders of image files`);
}

function refuseSplit({ valSplit }: DataOptions, folder: string): void {
  if (typeof valSplit === 'number')
    throw new UsageError(`${folder} has a test part, on which it is validated; leave out --val-split`);
}

/** Divides images into those to train on and those held out, with each class's share. */
function divide({ images, labels }: LabelledImages, options: DataOptions): [LabelledImages, LabelledImages?] {
  const share = heldShare(options);
  if (share === 0) return [{ images, labels }];
  const classes = Array.from(labels.dataSync(), String);
  const isFirst = drawFirstPart(classes, 1 - share, options.seed);
  const pick = (first: boolean): LabelledImages => {
    const indices = tensor(Int32Array.from([...isFirst.keys()].filter((i) => isFirst[i] === first)));
    return { images: gather(images, indices), labels: gather(labels, indices) };
  };
  const [rest, held] = [pick(true), pick(false)];
  checkParts('the folder', share, rest.images.shape[0], held.images.shape[0]);
  return [rest, held];
}

function heldShare({ valSplit = VALIDATION_SHARE }: DataOptions): number {
  return valSplit === 'whole' ? 0 : valSplit;
}

function checkParts(folder: string, share: number, train: number, held: number): void {
  if (train === 0 || held === 0)
    throw new UsageError(
      `--val-split ${share} of ${train + held} images in ${folder} leaves ${train} to train on and ${held} to validate on; each needs one or more`,
    );
}

function ofArrays({ images, labels }: LabelledImages): Part {
  return { kind: 'arrays', images, labels, count: images.shape[0] };
}

function highest(labels: Tensor): number {
  let most = 0;
  for (const label of labels.dataSync()) most = Math.max(most, label);
  return most;
}

function noData(name: string): string {
  const names = KNOWN_SETS.map((set) => set.name);
  const near = nearest(name, names);
  return `there is no data '${name}': no folder of that name, and no known dataset; ${near === undefined ? 'convforge datasets lists these' : `did you mean '${near}'?`}`;
}
