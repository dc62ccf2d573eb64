import type { Tensor } from '../tensor/index.js';

/** What is known of a set in the layout of MNIST: where its files are, and what they hold. */
export interface ImageSet {
  /** The folder of its files in the cache and in a folder of datasets. */
  name: string;
  /** As people write it. */
  title: string;
  files: Record<ImageSetPart, KnownFile>;
  /** Folder addresses with the files, gzipped, under their names plus '.gz'; the official one first. Each ends in '/'. */
  addresses: readonly string[];
  /** Where a system package puts the files. */
  systemFolder: string;
  /** The Debian package that has the files in `systemFolder`. */
  debianPackage?: string;
  /** The name of each label, from 0. */
  classNames: readonly string[];
}

export type ImageSetPart = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';

/** An IDX file; a copy may be gzipped and is then called `name` + '.gz'. */
export interface KnownFile {
  name: string;
  /** Bytes, uncompressed. */
  size: number;
  /** Of the uncompressed content, in lower-case hexadecimal. */
  sha256: string;
}

/** Images with their labels, as fit takes them. */
export interface LabelledImages {
  /** [n, height, width, channels] */
  images: Tensor;
  /** [n] */
  labels: Tensor;
}

/** A set of labelled images in two parts. */
export interface ImageDataset {
  /** To train on. */
  train: LabelledImages;
  /** To measure with, never to train on. */
  test: LabelledImages;
  /** The name of each label, from 0. */
  classNames: readonly string[];
}

/** Where the files of a dataset come from. */
export interface DatasetOptions {
  /**
   * A folder that has the files (gzipped or not), itself or in a subfolder named as the set is ('fashion-mnist', 'mnist').
   * Default: the environment variable CONVFORGE_DATA; without either, the files are looked for and fetched.
   */
  folder?: string;
  /** Told in a sentence of what takes time, such as a download. */
  log?: (message: string) => void;
}

/** The file names of a set. */
export function fileNames(set: ImageSet): string[] {
  return Object.values(set.files).map((file) => file.name);
}
