import { ConvforgeError } from '../errors.js';
import { type OptionChecks, show } from '../options.js';
import { Tensor } from '../tensor/index.js';
import type { Sharp } from './sharp.js';

/** How a picture of other proportions is brought to a size: stretched, cropped around its centre, or with black edges. */
export type ImageFit = 'fill' | 'cover' | 'contain';

/** How pictures become tensors: the same options for training and for serving give the same tensors. */
export interface ImageFormOptions {
  /** Height and width: one number for both, or [height, width]. Default: each as it is. */
  size?: number | readonly [number, number];
  /** 1 for grey, 3 for red, green and blue. Default 3. */
  channels?: 1 | 3;
  /** How pictures are brought to `size`. Default 'fill', stretched. */
  fit?: ImageFit;
}

/** The names of the options. */
export const IMAGE_FORM_OPTIONS: readonly string[] = ['size', 'channels', 'fit'];

const FITS: readonly unknown[] = ['fill', 'cover', 'contain'];

/** The options, checked. */
export interface ImageForm {
  size?: readonly [number, number];
  channels: 1 | 3;
  fit: ImageFit;
}

/** Throws INVALID_ARGUMENT. */
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
 * A picture as uint8 [height, width, channels], transparency put on black, a camera's orientation applied; of several frames the first.
 * `what` names it in errors. Rejects with CORRUPT_FILE.
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

/** What `decode` gives; CORRUPT_FILE where it throws. */
export async function decoding<T>(what: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConvforgeError('CORRUPT_FILE', `${what} can't be decoded as a picture: ${message}.`, { cause });
  }
}
