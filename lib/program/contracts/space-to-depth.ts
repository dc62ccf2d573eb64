import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { checkImage } from './window.js';

/** Attributes of `spaceToDepth`. */
export interface SpaceToDepthAttributes {
  /** Rows, and columns, of a block; from 1 up. */
  blockSize: number;
  /** Whether channels become blocks instead. Default false. */
  reverse?: boolean;
}

/**
 * The cells of each block of b x b cells of images [h, w, c] as channels of one cell: y[h, w, (i * b + j) * c + k] is
 * x[h * b + i, w * b + j, k], for the channel k of c. With `reverse` the other way round: y[h * b + i, w * b + j, k] is
 * x[h, w, (i * b + j) * c + k], for c channels of y. (TensorFlow's space_to_depth and depth_to_space, of format NHWC.)
 */
export const spaceToDepth: Contract<SpaceToDepthAttributes> = {
  inputs: 'one',
  attributes: { blockSize: 'required', reverse: 'optional' },
  parameters: {},
  outputShapes(query) {
    const { blockSize, reverse } = query.attributes;
    const [image] = query.inputs;
    checkImage(query, 'spaceToDepth', image);
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
