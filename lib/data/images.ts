import { readFile } from 'node:fs';
import { promisify } from 'node:util';
import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import type { Tensor } from '../tensor/index.js';
import { array } from './array.js';
import { Dataset } from './dataset.js';
import { type ImageFile, listImages } from './image-folder.js';
import { IMAGE_FORM_OPTIONS, type ImageFormOptions, readImageForm } from './image-form.js';
import { loadDecoder } from './load-decoder.js';
import { type SplitOptions, readSplit } from './split.js';
import { type Elements, mappedAhead } from './stages.js';

/**
 * The number of images that are read and decoded at a time. Node's pool has four threads, and more would not
 * help: they share the processors with training.
 */
const AHEAD = 4;

/** Options of {@link images}. */
export interface ImagesOptions extends ImageFormOptions {
  /**
   * The classes to read, in the order of their numbers: names of subfolders. Default: all subfolders, in the
   * order of their names.
   */
  classNames?: readonly string[];
  /**
   * What to do with a file that can't be read or decoded. 'throw' (default) throws; 'skip' leaves it out,
   * counts it in `skipped`, and warns by console.warn once a pass.
   */
  onError?: 'throw' | 'skip';
}

/** An image and its class. */
export interface LabelledImage {
  /** uint8 [height, width, channels], from 0 (black) to 255. */
  xs: Tensor;
  /** The class number: the index of its name in `classNames`. */
  ys: number;
}

/** What all datasets of a folder share. */
interface ImageSource {
  classNames: readonly string[];
  decode: (path: string) => Promise<Tensor>;
  skips: boolean;
}

/**
 * A dataset of the images in a folder: see {@link images}. What changes its order or takes a part of it works
 * on the list of files: `shuffle`, `split`, and without `onError: 'skip'` also `take` and `skip`. So a shuffle
 * of all images holds none of them in memory, and no image is decoded in vain.
 */
export class ImagesDataset extends Dataset<LabelledImage> {
  /** The name of each label, from 0. */
  readonly classNames: readonly string[];
  readonly #source: ImageSource;
  readonly #files: Dataset<ImageFile>;
  readonly #skipped: Set<string>;

  /** @param skipped The paths of images that were left out. */
  constructor(files: Dataset<ImageFile>, source: ImageSource, skipped = new Set<string>()) {
    super((pass) => readImages(files.pass(pass), source, skipped), source.skips ? null : files.size);
    this.classNames = source.classNames;
    this.#source = source;
    this.#files = files;
    this.#skipped = skipped;
  }

  /** The number of images left out so far, each counted once: see the option `onError`. */
  get skipped(): number {
    return this.#skipped.size;
  }

  protected override get facts(): Record<string, unknown> {
    return { ...super.facts, classNames: this.classNames };
  }

  /** As `Dataset.shuffle`. It decodes images only after it has drawn them, and holds none. */
  override shuffle(bufferSize: number, seed?: number, reshuffleEachIteration?: boolean): ImagesDataset {
    return this.#with(this.#files.shuffle(bufferSize, seed, reshuffleEachIteration));
  }

  override take(count: number): Dataset<LabelledImage> {
    return this.#source.skips ? super.take(count) : this.#with(this.#files.take(count));
  }

  override skip(count: number): Dataset<LabelledImage> {
    return this.#source.skips ? super.skip(count) : this.#with(this.#files.skip(count));
  }

  /** As `Dataset.split`. It decodes no image, and each part decodes only its own. */
  override split(fraction: number, options?: SplitOptions<LabelledImage>): [ImagesDataset, ImagesDataset] {
    const { seed } = readSplit(fraction, options);
    const stratify = options?.stratify ?? false;
    if (typeof stratify === 'function') {
      new OptionChecks('dataset.split').fail(
        'INVALID_ARGUMENT',
        "stratify is a function, but split doesn't decode images; give true to stratify by their classes.",
      );
    }
    const byClass = stratify && (({ label }: ImageFile) => label);
    const [first, second] = this.#files.split(fraction, { seed, stratify: byClass });
    return [new ImagesDataset(first, this.#source), new ImagesDataset(second, this.#source)];
  }

  #with(files: Dataset<ImageFile>): ImagesDataset {
    return new ImagesDataset(files, this.#source, this.#skipped);
  }
}

/** An image, or why there is none. */
interface Outcome {
  path: string;
  image?: LabelledImage;
  error?: Error;
}

async function* readImages(
  files: Elements<ImageFile>,
  { decode, skips }: ImageSource,
  skipped: Set<string>,
): Elements<LabelledImage> {
  const failures: Error[] = [];
  let count = 0;
  const read = async ({ path, label }: ImageFile): Promise<Outcome> => {
    try {
      return { path, image: { xs: await decode(path), ys: label } };
    } catch (error) {
      if (!skips) throw error;
      return { path, error: error as Error };
    }
  };
  for await (const { path, image, error } of mappedAhead(files, read, AHEAD)) {
    count++;
    if (image) {
      yield image;
    } else {
      skipped.add(path);
      failures.push(error as Error);
    }
  }
  if (failures.length > 0)
    console.warn(`data.images: ${failures.length} of ${count} images were left out; ${failures[0].message}`);
}

/** A dataset whose number of elements is known. */
interface Counted {
  readonly size: number;
}

/** A dataset whose number of elements isn't known, since some may be skipped. */
interface Uncounted {
  readonly size: null;
}

/**
 * A dataset of the images (PNG, JPEG, WebP and AVIF) in a folder with a subfolder for each class. Elements
 * are {xs, ys} for `batch` and fitDataset. Images are decoded when they are needed, as `node.decodeImage`
 * does with the same options: the camera's orientation is applied, and transparent images are put on black.
 *
 * Classes are numbered in the order of their names, which `classNames` has. Images come class by class in the
 * order of their names, so shuffle them. `size` is the number of images, or null with `onError: 'skip'`.
 *
 * @throws PEER_MISSING without the package sharp; IO_ERROR; INVALID_ARGUMENT if there are no images. Reading
 * throws IO_ERROR, and CORRUPT_FILE for a file that is not an image.
 */
export function images(
  folder: string,
  options: ImagesOptions & { onError: 'skip' },
): Promise<ImagesDataset & Uncounted>;
export function images(
  folder: string,
  options?: ImagesOptions & { onError?: 'throw' },
): Promise<ImagesDataset & Counted>;
export function images(folder: string, options?: ImagesOptions): Promise<ImagesDataset>;
export async function images(folder: string, options: ImagesOptions = {}): Promise<ImagesDataset> {
  const checks = new OptionChecks('data.images');
  if (typeof folder !== 'string' || folder === '')
    checks.fail('INVALID_ARGUMENT', `${show(folder)} is not a folder; give its path.`);
  checks.keys(options, [...IMAGE_FORM_OPTIONS, 'classNames', 'onError']);
  const form = readImageForm(checks, options);
  const { onError = 'throw' } = options;
  checks.oneOf('onError', onError, ['throw', 'skip']);
  const given = readClassNames(checks, options.classNames);
  const decodeBytes = await loadDecoder('data.images', form);
  const { classNames, files } = await listImages(checks, folder, given);
  const decode = async (path: string) => decodeBytes(await read(path), path);
  return new ImagesDataset(array(files), { classNames, decode, skips: onError === 'skip' });
}

function readClassNames(checks: OptionChecks, names: unknown): readonly string[] | undefined {
  if (names === undefined) return undefined;
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string');
  if (!isList || new Set(names).size !== names.length) {
    return checks.fail(
      'INVALID_ARGUMENT',
      `classNames is ${show(names)}; it must be a list of subfolders, each once.`,
    );
  }
  return [...names] as string[];
}

/** The promises of node:fs/promises take half as long again for small files. */
const readWhole = promisify(readFile);

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path);
  } catch (cause) {
    throw new ConvforgeError('IO_ERROR', `Can't read ${path}: ${(cause as Error).message}.`, { cause });
  }
}
