import { checkFlag, wholeNumber } from '../checks.js';
import type { Op } from '../op.js';
import { copying } from '../strided.js';

type Position = readonly number[];

/**
 * The position [row, column, channel] in spaceToDepth's output of a position in its input. `inImage` is the
 * inverse.
 */
function inBlocks([row, column, channel]: Position, size: number, channels: number): Position {
  const cell = (row % size) * size + (column % size);
  return [Math.floor(row / size), Math.floor(column / size), cell * channels + channel];
}

function inImage([row, column, channel]: Position, size: number, channels: number): Position {
  const cell = Math.floor(channel / channels);
  return [row * size + Math.floor(cell / size), column * size + (cell % size), channel % channels];
}

export const spaceToDepth: Op<'spaceToDepth'> = {
  check(node) {
    wholeNumber(node, 'blockSize', 1);
    checkFlag(node, 'reverse');
  },
  ...copying(({ node, inputShape, outputShape }, position) => {
    const { blockSize, reverse } = node.attributes;
    return reverse
      ? inBlocks(position, blockSize, outputShape[2])
      : inImage(position, blockSize, inputShape[2]);
  }),
};
