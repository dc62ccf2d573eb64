import {
  decodeImage as decode,
  decoding,
  IMAGE_FORM_OPTIONS,
  type ImageFormOptions,
  readImageForm,
} from '../data/image-form.js';
import { loadSharp, type Sharp } from '../data/sharp.js';
import { OptionChecks, show } from '../options.js';
import { Tensor } from '../tensor/index.js';

/**
 * An image (PNG, JPEG, WebP, AVIF, GIF) as a tensor, decoded off the thread, exactly as `data.images` makes it of a file: uint8 [height,
 * width, channels], transparency put on black, a camera's orientation applied. So a server preprocesses as training did:
 * `decodeImage(bytes, { size: 64 })`.
 *
 * @param contents The bytes of a file.
 * @param options {@link ImageFormOptions}.
 * @throws PEER_MISSING without the package sharp; CORRUPT_FILE for what is no image; INVALID_ARGUMENT, UNKNOWN_OPTION.
 */
export function decodeImage(contents: Uint8Array, options: ImageFormOptions): Promise<Tensor>;
/**
 * An image as TF.js decodes it: int32 [height, width, channels], a channel for transparency cut off or kept, nothing turned. TF.js gives
 * the tensor at once; here it is awaited.
 *
 * @param contents The bytes of a file.
 * @param channels 0 (default) for those of the file, 1 for grey, 3, or 4 with transparency.
 * @param dtype Only 'int32', as in TF.js.
 * @param expandAnimations Whether a GIF gives all its frames, [frames, height, width, channels]. Default true.
 * @throws PEER_MISSING without the package sharp; CORRUPT_FILE for what is no image; INVALID_ARGUMENT, UNSUPPORTED.
 */
export function decodeImage(
  contents: Uint8Array,
  channels?: number,
  dtype?: 'int32',
  expandAnimations?: boolean,
): Promise<Tensor>;
export async function decodeImage(
  contents: Uint8Array,
  given: ImageFormOptions | number = 0,
  dtype = 'int32',
  expandAnimations = true,
): Promise<Tensor> {
  const checks = new OptionChecks('node.decodeImage');
  if (!(contents instanceof Uint8Array) || contents.length === 0)
    checks.fail('INVALID_ARGUMENT', `contents is ${show(contents)}; give the bytes of a picture's file.`);
  const what = `The picture of ${contents.length} bytes`;
  if (typeof given !== 'number') {
    checks.keys(given, IMAGE_FORM_OPTIONS);
    const form = readImageForm(checks, given);
    return decode(await loadSharp('node.decodeImage'), contents, form, what);
  }
  if (![0, 1, 3, 4].includes(given))
    checks.fail('INVALID_ARGUMENT', `channels is ${show(given)}; it must be 0, 1, 3 or 4.`);
  if (dtype !== 'int32')
    checks.fail('UNSUPPORTED', `dtype is ${show(dtype)}; it can be 'int32': use cast on the tensor.`);
  checks.boolean('expandAnimations', expandAnimations);
  const sharp = await loadSharp('node.decodeImage');
  return decoding(what, () => decodeAsTfjs(sharp, contents, given, expandAnimations));
}

async function decodeAsTfjs(
  sharp: Sharp,
  contents: Uint8Array,
  wanted: number,
  expandAnimations: boolean,
): Promise<Tensor> {
  const { format, channels: own = 3, pages = 1 } = await sharp(contents).metadata();
  const isGif = format === 'gif';
  const channels = wanted === 0 ? (isGif ? 3 : own) : wanted;
  const image = sharp(contents, { animated: isGif && expandAnimations });
  const isGrey = channels < 3;
  const coloured = image.toColourspace(isGrey ? 'b-w' : 'srgb');
  const hasAlpha = channels === 2 || channels === 4;
  const { data, info } = await (hasAlpha ? coloured.ensureAlpha() : coloured.removeAlpha())
    .raw()
    .toBuffer({ resolveWithObject: true });
  const values = Int32Array.from(data);
  if (!isGif || !expandAnimations) return new Tensor(values, [info.height, info.width, channels], 'int32');
  return new Tensor(values, [pages, info.height / pages, info.width, channels], 'int32');
}
