import { ConvforgeError } from '../errors.js';
import { type OptionChecks, show } from '../options.js';
import type { Tensor } from '../tensor/index.js';

/**
 * How an image is resized to other proportions: 'fill' stretches it, 'cover' crops around its centre,
 * 'contain' adds black edges.
 */
export type ImageFit = 'fill' | 'cover' | 'contain';

/** How pixels are computed when an image is resized. Enlarged images are smooth but for 'nearest'. */
export type ImageInterpolation = 'nearest' | 'bilinear' | 'bicubic' | 'mitchellcubic' | 'lanczos3';

/** The package that decodes and resizes images. */
export type ImageDecoder = 'sharp' | '@napi-rs/image';

/** How images become tensors. Training and serving must use the same options to get the same tensors. */
export interface ImageFormOptions {
  /** Height and width: one number for both, or [height, width]. Default: the image's own. */
  size?: number | readonly [number, number];
  /** 1 for grey, 3 for red, green and blue. Default 3. */
  channels?: 1 | 3;
  /** How images are resized to `size`. Default 'fill'. */
  fit?: ImageFit;
  /** How pixels are computed when an image is resized. Default 'lanczos3'. */
  interpolation?: ImageInterpolation;
  /**
   * The package that decodes and resizes. Default 'sharp', which refuses damaged JPEGs and converts embedded
   * colour profiles to sRGB. '@napi-rs/image' takes a tenth of the time for small images and a third for
   * larger ones, ignores profiles, and fills damaged parts of a JPEG, but refuses one that is cut off. Pixels
   * differ by a few levels.
   */
  decoder?: ImageDecoder;
}

/** The names of the options. */
export const IMAGE_FORM_OPTIONS: readonly string[] = ['size', 'channels', 'fit', 'interpolation', 'decoder'];

const FITS: readonly ImageFit[] = ['fill', 'cover', 'contain'];
const INTERPOLATIONS: readonly ImageInterpolation[] = [
  'nearest',
  'bilinear',
  'bicubic',
  'mitchellcubic',
  'lanczos3',
];
const DECODERS: readonly ImageDecoder[] = ['sharp', '@napi-rs/image'];

/** The checked options. */
export interface ImageForm {
  size?: readonly [number, number];
  channels: 1 | 3;
  fit: ImageFit;
  interpolation: ImageInterpolation;
  decoder: ImageDecoder;
}

/** Decodes the bytes of a file. `what` names it in errors. Rejects with CORRUPT_FILE. */
export type DecodeImage = (bytes: Uint8Array, what: string) => Promise<Tensor>;

/** Reads and checks the options. Throws INVALID_ARGUMENT. */
export function readImageForm(checks: OptionChecks, options: ImageFormOptions): ImageForm {
  const { channels = 3, fit = 'fill', interpolation = 'lanczos3', decoder = 'sharp' } = options;
  if (channels !== 1 && channels !== 3)
    checks.fail('INVALID_ARGUMENT', `channels is ${show(channels)}; it must be 1 or 3.`);
  checks.oneOf('fit', fit, FITS);
  checks.oneOf('interpolation', interpolation, INTERPOLATIONS);
  checks.oneOf('decoder', decoder, DECODERS);
  const form = { channels, fit, interpolation, decoder };
  return options.size === undefined ? form : { ...form, size: checks.pair('size', options.size) };
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
