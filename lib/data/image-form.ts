import { ConvforgeError } from '../errors.js';
import { type OptionChecks, show } from '../options.js';
import { Tensor } from '../tensor/index.js';
import type { Sharp } from './sharp.js';

/**
 * How an image is resized to other proportions: 'fill' stretches it, 'cover' crops around its centre,
 * 'contain' adds black edges.
 */
export type ImageFit = 'fill' | 'cover' | 'contain';

/** How images become tensors. Training and serving must use the same options to get the same tensors. */
export interface ImageFormOptions {
  /** Height and width: one number for both, or [height, width]. Default: the image's own. */
  size?: number | readonly [number, number];
  /** 1 for grey, 3 for red, green and blue. Default 3. */
  channels?: 1 | 3;
  /** How images are resized to `size`. Default 'fill'. */
  fit?: ImageFit;
}

/** The names of the options. */
export const IMAGE_FORM_OPTIONS: readonly string[] = ['size', 'channels', 'fit'];

const FITS: readonly unknown[] = ['fill', 'cover', 'contain'];

/** The checked options. */
export interface ImageForm {
  size?: readonly [number, number];
  channels: 1 | 3;
  fit: ImageFit;
}

/** Reads and checks the options. Throws INVALID_ARGUMENT. */
export function readImageForm(checks: OptionChecks, options: ImageFormOptions): ImageForm {
  const { channels = 3, fit = 'fill' } = options;
  if (channels !== 1 && channels !== 3)
    checks.fail('INVALID_ARGUMENT', `channels is ${show(channels)}; it must be 1 or 3.`);
  if (!FITS.includes(fit))
    checks.fail('INVALID_ARGUMENT', `fit is ${show(fit)}; it must be 'fill', 'cover' or 'contain'.`);
  if (options.size === undefined) return { channels, fit };
  return { channels, fit, size: checks.pair('size', options.size) };
}

/**
 * Decodes an image to uint8 [height, width, channels]. Applies the camera's orientation, puts transparent
 * images on black, and takes the first of several frames.
 *
 * @param what Names the image in errors.
 * @throws CORRUPT_FILE
 */
export async function decodeImage(
  sharp: Sharp,
  bytes: Uint8Array,
  { size, channels, fit }: ImageForm,
  what: string,
): Promise<Tensor> {
  return decoding(what, async () => {
    let image = sharp(bytes).rotate().flatten({ background: '#000' });
    if (size) image = image.resize(size[1], size[0], { fit, background: '#000' });
    const { data, info } = await image
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return new Tensor(Uint8Array.from(data), [info.height, info.width, channels], 'uint8');
  });
}

/** Calls `decode`, and throws CORRUPT_FILE if it throws. */
export async function decoding<T>(what: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConvforgeError('CORRUPT_FILE', `${what} can't be decoded as an image: ${message}.`, { cause });
  }
}
