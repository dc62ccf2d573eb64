import type { Tensor } from '../tensor/index.js';

/** A dataset in the layout of MNIST: four IDX files. */
export interface IdxSet {
  /** Its subfolder in the cache and in a folder of datasets. */
  name: string;
  /** For messages. */
  title: string;
  files: Record<ImageSetPart, IdxFile>;
  /** The name of each label, from 0. */
  classNames: readonly string[];
}

/** A dataset whose files can be downloaded and checked. */
export interface ImageSet extends IdxSet {
  files: Record<ImageSetPart, KnownFile>;
  /**
   * URLs of folders with the gzipped files, named `name` + '.gz'. The official one comes first. Each must end
   * in '/'.
   */
  addresses: readonly string[];
  /** The folder in which a system package puts the files. */
  systemFolder: string;
  /** The Debian package that has the files in `systemFolder`. */
  debianPackage?: string;
}

export type ImageSetPart = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';

/** An IDX file. A gzipped copy is named `name` + '.gz'. */
export interface IdxFile {
  name: string;
}

/** An IDX file whose content is known. */
export interface KnownFile extends IdxFile {
  /** Bytes uncompressed. */
  size: number;
  /** SHA-256 of the uncompressed content, in lower-case hexadecimal. */
  sha256: string;
}

/** Images and their labels, as fit takes them. */
export interface LabelledImages {
  /** [n, height, width, channels] */
  images: Tensor;
  /** [n] */
  labels: Tensor;
}

/** A dataset of labelled images, in a training and a test part. */
export interface ImageDataset {
  /** The training set. */
  train: LabelledImages;
  /** The test set. */
  test: LabelledImages;
  /** The name of each label, from 0. */
  classNames: readonly string[];
}

/** Options of the functions in `datasets`. */
export interface DatasetOptions {
  /**
   * The folder of the files, gzipped or not, or its parent, if the subfolder is named 'fashion-mnist',
   * 'mnist' or 'emnist'. Default: the environment variable CONVFORGE_DATA. Without either, the files are
   * looked for in the cache and in system folders, and else downloaded (EMNIST's never are).
   */
  folder?: string;
  /** Called with a sentence before something slow, such as a download. */
  log?: (message: string) => void;
}

/** The file names of a set. */
export function fileNames(set: IdxSet): string[] {
  return Object.values(set.files).map((file) => file.name);
}
