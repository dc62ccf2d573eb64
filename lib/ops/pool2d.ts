import { inferPadding } from '../layers/windows.js';
import { OptionChecks, show } from '../options.js';
import type { Tensor, TensorLike } from '../tensor/index.js';
import { readImages } from './image-batch.js';
import { checkRounding, type DimRoundingMode, type Pad, type Pair, readPad } from './pad.js';
import { runNode } from './run-node.js';

/**
 * Max-pooling: the maximum of each window. Padding is ignored.
 *
 * @param x [n, height, width, channels], or [height, width, channels] for one image.
 * @param filterSize The window's size: one number, or [height, width].
 * @param strides One number, or [height, width].
 * @param pad See {@link Pad}. Must be less than the window.
 * @param dimRoundingMode Must be 'floor'.
 * @returns float32, of x's rank.
 * @throws SHAPE_MISMATCH, INVALID_ARGUMENT
 */
export function maxPool(
  x: TensorLike,
  filterSize: number | Pair,
  strides: number | Pair,
  pad: Pad,
  dimRoundingMode?: DimRoundingMode | null,
): Tensor {
  checkRounding(new OptionChecks('maxPool'), dimRoundingMode);
  return pool('maxPool', 'max', x, filterSize, strides, pad);
}

/**
 * Average pooling: the mean of the pixels of each window that are inside the image. Arguments as for {@link
 * maxPool}.
 */
export function avgPool(
  x: TensorLike,
  filterSize: number | Pair,
  strides: number | Pair,
  pad: Pad,
  dimRoundingMode?: DimRoundingMode | null,
): Tensor {
  checkRounding(new OptionChecks('avgPool'), dimRoundingMode);
  return pool('avgPool', 'average', x, filterSize, strides, pad);
}

/** Sum pooling: the sum of each window. Arguments as for {@link maxPool}. */
export function sumPool(x: TensorLike, filterSize: number | Pair, strides: number | Pair, pad: Pad): Tensor {
  return pool('sumPool', 'sum', x, filterSize, strides, pad);
}

function pool(
  name: string,
  kind: 'max' | 'average' | 'sum',
  x: TensorLike,
  filterSize: number | Pair,
  strides: number | Pair,
  pad: Pad,
): Tensor {
  const checks = new OptionChecks(name);
  const images = readImages(checks, x);
  const size = checks.pair('filterSize', filterSize);
  const stride = checks.pair('strides', strides);
  const padding = readPad(checks, pad);
  const options = { what: 'window', size, strides: stride, dilation: [1, 1], padding } as const;
  const sides = inferPadding(checks, options, images.imageShape);
  // A window must contain a pixel of the image.
  if (sides.some((cells, side) => cells >= size[side >> 1])) {
    checks.fail(
      'INVALID_ARGUMENT',
      `pad is ${show(pad)}; on each side it must be less than filterSize, ${show(size)}.`,
    );
  }
  const attributes = { kind, size, strides: stride, padding: sides };
  const node = { op: 'pool2d', attributes } as const;
  return images.like(runNode(node, images.x, images.samples, images.imageShape, name));
}
