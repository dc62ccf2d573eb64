import type { Tensor } from '../tensor/index.js';

/** A set in the layout of MNIST: four IDX files. */
export interface IdxSet {
  /** The folder of its files in the cache and in a folder of datasets. */
  name: string;
  /** As people write it. */
  title: string;
  files: Record<ImageSetPart, IdxFile>;
  /** The name of each label, from 0. */
  classNames: readonly string[];
}

/** What is known of such a set where its files can be fetched: their content, and where they are. */
export interface ImageSet extends IdxSet {
  files: Record<ImageSetPart, KnownFile>;
  /** Folder addresses with the files, gzipped, under their names plus '.gz'; the official one first. Each ends in '/'. */
  addresses: readonly string[];
  /** Where a system package puts the files. */
  systemFolder: string;
  /** The Debian package that has the files in `systemFolder`. */
  debianPackage?: string;
}

export type ImageSetPart = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';

/** An IDX file; a copy may be gzipped and is then called `name` + '.gz'. */
export interface IdxFile {
  name: string;
}

/** One whose content is known. */
export interface KnownFile extends IdxFile {
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
   * A folder that has the files (gzipped or not), itself or in a subfolder named as the set is ('fashion-mnist', 'mnist', 'emnist').
   * Default: the environment variable CONVFORGE_DATA; without either, the files are looked for and fetched (EMNIST's aren't).
   */
  folder?: string;
  /** Told in a sentence of what takes time, such as a download. */
  log?: (message: string) => void;
}

/** The file names of a set. */
export function fileNames(set: IdxSet): string[] {
  return Object.values(set.files).map((file) => file.name);
}
