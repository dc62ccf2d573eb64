import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../data/dataset.js';
import { type ImagesDataset, images, type LabelledImage } from '../data/images.js';
import type { ImageFormOptions } from '../data/image-form.js';

/** How a folder of images is read. */
export interface ClassFolderOptions {
  form: ImageFormOptions;
  /** The classes, in the order of their numbers. Default: the subfolders. */
  classNames?: readonly string[];
}

/** A folder of images, divided as its subfolders say. */
export interface ClassFolder {
  train: ImagesDataset;
  test?: ImagesDataset;
}

/** The names of a subfolder with test images, of which the first counts. */
const TEST_FOLDERS = ['test', 'val', 'validation', 'valid'];

/**
 * Lists the images of a folder: of its subfolders train and test (or val), or else of a subfolder for each
 * class. Throws as data.images.
 */
export async function openClassFolder(
  folder: string,
  { form, classNames }: ClassFolderOptions,
): Promise<ClassFolder> {
  const names = await readdir(folder);
  const open = (inner: string, classes?: readonly string[]) =>
    images(inner, { ...form, ...(classes && { classNames: classes }) });
  if (!names.includes('train') || !(await isFolder(join(folder, 'train'))))
    return { train: await open(folder, classNames) };
  const train = await open(join(folder, 'train'), classNames);
  const test = TEST_FOLDERS.find((name) => names.includes(name));
  return test === undefined ? { train } : { train, test: await open(join(folder, test), train.classNames) };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

/** Bytes of decoded images to keep in memory, so that they are decoded once. */
const MOST_KEPT = 512 * 2 ** 20;

/** The images of a dataset, kept in memory if they are few. */
export function kept(
  dataset: ImagesDataset,
  [height, width, channels]: readonly number[],
): Dataset<LabelledImage> {
  const bytes = (dataset.size ?? Number.POSITIVE_INFINITY) * height * width * channels;
  return bytes <= MOST_KEPT ? dataset.cache() : dataset;
}
