import { encodePng as encodeImage, type ByteImage } from '../io/png.js';
import { OptionChecks } from '../options.js';
import { showShape } from '../tensor/shapes.js';
import { type TensorLike, toTensor } from '../tensor/index.js';

/**
 * Encodes an image as a PNG file. Compression runs off the main thread.
 *
 * @param image [height, width, channels], 0 to 255, with 1 channel (grey), 2 (grey, alpha), 3 (RGB) or 4
 * (RGB, alpha). Values become bytes as by `cast('uint8')`.
 * @param compression 0 (fast) to 9 (small). Default 1.
 * @throws SHAPE_MISMATCH, INVALID_ARGUMENT
 */
export async function encodePng(image: TensorLike, compression = 1): Promise<Uint8Array> {
  const checks = new OptionChecks('encodePng');
  const tensor = toTensor(image, 'encodePng: image');
  const [height, width, channels] = tensor.shape;
  if (tensor.rank !== 3 || channels < 1 || channels > 4 || height < 1 || width < 1) {
    checks.fail(
      'SHAPE_MISMATCH',
      `image is ${showShape(tensor.shape)}; it must be [height, width, channels], of 1 to 4 channels.`,
    );
  }
  checks.number(
    'compression',
    compression,
    (level) => Number.isInteger(level) && level >= 0 && level <= 9,
    'a whole number from 0 to 9',
  );
  const pixels = tensor.cast('uint8').dataSync() as Uint8Array;
  return encodeImage({ width, height, channels: channels as ByteImage['channels'], pixels }, compression);
}
