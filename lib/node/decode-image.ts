import { decoding, IMAGE_FORM_OPTIONS, type ImageFormOptions, readImageForm } from '../data/image-form.js';
import { loadDecoder } from '../data/load-decoder.js';
import { loadSharp, type Sharp } from '../data/sharp.js';
import { OptionChecks, show } from '../options.js';
import { isUint8Array } from '../realms.js';
import { Tensor } from '../tensor/index.js';

/**
 * Decodes an image (PNG, JPEG, WebP, AVIF, GIF) to uint8 [height, width, channels], as `data.images` does, so
 * that a server preprocesses as training did: `decodeImage(bytes, { size: 64 })`. The camera's orientation is
 * applied, and transparent images are put on black. Decoding runs off the main thread.
 *
 * @param contents The bytes of a file.
 * @param options {@link ImageFormOptions}.
 * @throws PEER_MISSING without the package sharp; CORRUPT_FILE if the bytes are no image; INVALID_ARGUMENT,
 * UNKNOWN_OPTION.
 */
export function decodeImage(contents: Uint8Array, options: ImageFormOptions): Promise<Tensor>;
/**
 * Decodes an image to int32 [height, width, channels], as TF.js does, but to a promise. An alpha channel is
 * dropped or kept, and the camera's orientation is ignored.
 *
 * @param contents The bytes of a file.
 * @param channels 0 (default) for the file's own, 1 for grey, 3 for colour, 4 for colour and alpha.
 * @param dtype Must be 'int32', as in TF.js.
 * @param expandAnimations Whether a GIF gives all its frames, [frames, height, width, channels]. Default
 * true.
 * @throws PEER_MISSING without the package sharp; CORRUPT_FILE if the bytes are no image; INVALID_ARGUMENT,
 * UNSUPPORTED.
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
  if (!isUint8Array(contents) || contents.length === 0)
    checks.fail('INVALID_ARGUMENT', `contents is ${show(contents)}; give the bytes of an image file.`);
  const what = `The image of ${contents.length} bytes`;
  if (typeof given !== 'number') {
    checks.keys(given, IMAGE_FORM_OPTIONS);
    const form = readImageForm(checks, given);
    const decode = await loadDecoder('node.decodeImage', form);
    return decode(contents, what);
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
  requested: number,
  expandAnimations: boolean,
): Promise<Tensor> {
  const { format, channels: own = 3, pages = 1 } = await sharp(contents).metadata();
  const isGif = format === 'gif';
  const channels = requested === 0 ? (isGif ? 3 : own) : requested;
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
