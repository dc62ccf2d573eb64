import { encodePng as encodePicture, type Picture } from '../io/png.js';
import { OptionChecks } from '../options.js';
import { showShape } from '../tensor/shapes.js';
import { type TensorLike, toTensor } from '../tensor/index.js';

/**
 * The content of a PNG file, compressed off the thread.
 *
 * @param image [height, width, channels], 0 to 255, of 1 channel (grey), 2 (grey, opacity), 3 (red, green, blue) or 4 (those and
 * opacity). Values are brought to bytes as `cast('uint8')` does.
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
  return encodePicture({ width, height, channels: channels as Picture['channels'], pixels }, compression);
}
