import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { Tensor } from '../tensor/index.js';
import { breathe } from './breathe.js';
import { Dataset } from './dataset.js';
import { loadSharp, type Sharp } from './sharp.js';

/** Options of {@link images}. */
export interface ImagesOptions {
  /** Height and width that pictures are stretched to: one number for both, or [height, width]. Default: each as it is. */
  size?: number | readonly [number, number];
  /** 1 for grey, 3 for red, green and blue. Default 3. */
  channels?: 1 | 3;
}

/** A picture with the number of its class. */
export interface LabelledImage {
  /** uint8 [height, width, channels], from 0 (black) to 255. */
  xs: Tensor;
  /** The number of its class, whose name is at this place of `classNames`. */
  ys: number;
}

interface ImageFile {
  path: string;
  label: number;
}

/** The pictures of a folder: see images. */
export class ImagesDataset extends Dataset<LabelledImage> {
  /** The number of pictures. */
  declare readonly size: number;
  /** The name of each label, from 0. */
  readonly classNames: readonly string[];

  constructor(classNames: readonly string[], files: readonly ImageFile[], decode: Decode) {
    const read = async function* () {
      for await (const { path, label } of breathe(files)) yield { xs: await decode(path), ys: label };
    };
    super(read, files.length);
    this.classNames = classNames;
  }
}

type Decode = (path: string) => Promise<Tensor>;

/**
 * The pictures (PNG and JPEG) of a folder that has a subfolder for each class, decoded as they are needed: elements {xs, ys} for `batch` and
 * fitDataset. Classes are numbered in the order of their names, which `classNames` has; pictures come class by class in the order
 * of theirs, so shuffle them. Transparency is put on black; a camera's orientation is applied.
 * @throws PEER_MISSING without the package sharp; IO_ERROR; INVALID_ARGUMENT if there are no pictures; where it is read CORRUPT_FILE
 * for what is no picture.
 */
export async function images(folder: string, options: ImagesOptions = {}): Promise<ImagesDataset> {
  const checks = new OptionChecks('data.images');
  if (typeof folder !== 'string' || folder === '')
    checks.fail('INVALID_ARGUMENT', `${show(folder)} is no folder; give its path.`);
  checks.keys(options, ['size', 'channels']);
  const size = options.size === undefined ? undefined : checks.pair('size', options.size);
  const { channels = 3 } = options;
  if (channels !== 1 && channels !== 3)
    checks.fail('INVALID_ARGUMENT', `channels is ${show(channels)}; it must be 1 or 3.`);
  const sharp = await loadSharp();
  const { classNames, files } = await listImages(checks, folder);
  return new ImagesDataset(classNames, files, (path) => decode(sharp, path, channels, size));
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
    const pictures = inside.filter((entry) => entry.isFile() && /\.(png|jpe?g)$/i.test(entry.name));
    for (const picture of pictures.map((entry) => entry.name).sort())
      files.push({ path: join(folder, name, picture), label });
  }
  if (files.length === 0) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${folder} has no .png, .jpg or .jpeg files in subfolders; make one for each class, such as ${join(folder, 'cats')}.`,
    );
  }
  return { classNames, files };
}

/** Without hidden ones. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.'));
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConvforgeError('IO_ERROR', `Can't read the folder ${folder}: ${message}.`, { cause });
  }
}

async function decode(
  sharp: Sharp,
  path: string,
  channels: 1 | 3,
  size: [number, number] | undefined,
): Promise<Tensor> {
  try {
    let image = sharp(path).rotate().flatten({ background: '#000' });
    if (size) image = image.resize(size[1], size[0], { fit: 'fill' });
    const decoded = await image
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { height, width } = decoded.info;
    return new Tensor(Uint8Array.from(decoded.data), [height, width, channels], 'uint8');
  } catch (cause) {
    throw new ConvforgeError(
      'CORRUPT_FILE',
      `${path} can't be decoded as a picture: ${(cause as Error).message}.`,
      { cause },
    );
  }
}
