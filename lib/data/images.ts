import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import type { Tensor } from '../tensor/index.js';
import { withPauses } from './yield-to-event-loop.js';
import { Dataset } from './dataset.js';
import { decodeImage, IMAGE_FORM_OPTIONS, type ImageFormOptions, readImageForm } from './image-form.js';
import { loadSharp } from './sharp.js';
import { classKey, drawFirstPart, readSplit, type SplitOptions } from './split.js';

/** Options of {@link images}. */
export interface ImagesOptions extends ImageFormOptions {
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

interface ImageFile {
  path: string;
  label: number;
}

/** What the parts of a split dataset share. */
interface ImageSource {
  classNames: readonly string[];
  decode: (path: string) => Promise<Tensor>;
  skips: boolean;
}

/** A dataset of the images in a folder: see {@link images}. */
export class ImagesDataset extends Dataset<LabelledImage> {
  /** The name of each label, from 0. */
  readonly classNames: readonly string[];
  readonly #source: ImageSource;
  readonly #files: readonly ImageFile[];
  readonly #skipped: Set<string>;

  constructor(files: readonly ImageFile[], source: ImageSource) {
    const skipped = new Set<string>();
    super(() => readImages(files, source, skipped), source.skips ? null : files.length);
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

  /** As `Dataset.split`. It decodes no image, and each part decodes only its own. */
  override split(fraction: number, options?: SplitOptions<LabelledImage>): [ImagesDataset, ImagesDataset] {
    const { seed, classOf } = readSplit(fraction, options);
    if (typeof options?.stratify === 'function') {
      new OptionChecks('dataset.split').fail(
        'INVALID_ARGUMENT',
        "stratify is a function, but split doesn't decode images; give true to stratify by their classes.",
      );
    }
    const classes = this.#files.map(({ label }) => (classOf ? classKey(label) : ''));
    const isFirst = drawFirstPart(classes, fraction, seed);
    const part = (first: boolean) =>
      new ImagesDataset(
        this.#files.filter((_, i) => isFirst[i] === first),
        this.#source,
      );
    return [part(true), part(false)];
  }
}

async function* readImages(
  files: readonly ImageFile[],
  { decode, skips }: ImageSource,
  skipped: Set<string>,
): AsyncGenerator<LabelledImage, void, void> {
  const failures: string[] = [];
  for await (const { path, label } of withPauses(files)) {
    let xs: Tensor;
    try {
      xs = await decode(path);
    } catch (error) {
      if (!skips) throw error;
      skipped.add(path);
      failures.push((error as Error).message);
      continue;
    }
    yield { xs, ys: label };
  }
  if (failures.length > 0)
    console.warn(`data.images: ${failures.length} of ${files.length} images were left out; ${failures[0]}`);
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
  checks.keys(options, [...IMAGE_FORM_OPTIONS, 'onError']);
  const form = readImageForm(checks, options);
  const { onError = 'throw' } = options;
  if (onError !== 'throw' && onError !== 'skip')
    checks.fail('INVALID_ARGUMENT', `onError is ${show(onError)}; it must be 'throw' or 'skip'.`);
  const sharp = await loadSharp('data.images');
  const { classNames, files } = await listImages(checks, folder);
  const decode = async (path: string) => decodeImage(sharp, await read(path), form, path);
  return new ImagesDataset(files, { classNames, decode, skips: onError === 'skip' });
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ConvforgeError('IO_ERROR', `Can't read ${path}: ${(cause as Error).message}.`, { cause });
  }
}

async function listImages(
  checks: OptionChecks,
  folder: string,
): Promise<{ classNames: string[]; files: ImageFile[] }> {
  const folders = (await entriesOf(folder)).filter((entry) => entry.isDirectory());
  const classNames = folders.map(({ name }) => name).sort();
  const files: ImageFile[] = [];
  for (const [label, name] of classNames.entries()) {
    const inside = await entriesOf(join(folder, name));
    const images = inside.filter((entry) => entry.isFile() && /\.(png|jpe?g|webp|avif)$/i.test(entry.name));
    for (const image of images.map((entry) => entry.name).sort())
      files.push({ path: join(folder, name, image), label });
  }
  if (files.length === 0) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${folder} has no .png, .jpg, .jpeg, .webp or .avif files in subfolders; make one for each class, such as ${join(folder, 'cats')}.`,
    );
  }
  return { classNames, files };
}

/** The entries of a folder, without hidden ones. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.'));
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConvforgeError('IO_ERROR', `Can't read the folder ${folder}: ${message}.`, { cause });
  }
}
