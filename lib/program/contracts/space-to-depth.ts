import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { checkImage } from './window.js';

/** Attributes of `spaceToDepth`. */
export interface SpaceToDepthAttributes {
  /** Height and width of a block; at least 1. */
  blockSize: number;
  /** Whether to turn channels into blocks instead. Default false. */
  reverse?: boolean;
}

/**
 * Moves each b x b block of pixels of images [h, w, c] to the channels of one pixel:
 * y[h, w, (i * b + j) * c + k] is x[h * b + i, w * b + j, k] for channel k of c. `reverse` is the inverse:
 * y[h * b + i, w * b + j, k] is x[h, w, (i * b + j) * c + k] for channel k of y's c channels. (TensorFlow's
 * space_to_depth and depth_to_space in format NHWC.)
 */
export const spaceToDepth: Contract<SpaceToDepthAttributes> = {
  inputs: 'one',
  attributes: { blockSize: 'required', reverse: 'optional' },
  parameters: {},
  outputShapes(query) {
    const { blockSize, reverse } = query.attributes;
    const [image] = query.inputs;
    checkImage(query, image);
    const [height, width, channels] = image;
    const cells = blockSize * blockSize;
    if (reverse ? channels % cells : height % blockSize || width % blockSize) {
      const needed = reverse
        ? `its channels must be a multiple of ${cells}`
        : `its height and width must be multiples of ${blockSize}`;
      query.fail(
        'SHAPE_MISMATCH',
        `the input is ${showShape(image)}; for blocks of size ${blockSize} ${needed}.`,
      );
    }
    return reverse
      ? [[height * blockSize, width * blockSize, channels / cells]]
      : [[height / blockSize, width / blockSize, channels * cells]];
  },
};
