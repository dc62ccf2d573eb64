import { inferPadding } from '../layers/windows.js';
import { OptionChecks, show } from '../options.js';
import { type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import { readImages } from './image-batch.js';
import { checkRounding, type DimRoundingMode, type Pad, readPad } from './pad.js';
import { runNode } from './run-node.js';

/**
 * The 2D convolution of images with filters:
 *
 *     y[oh, ow, co] = sum over kh, kw, ci of x[oh * stride + kh * dilation - top, ..., ci] * filter[kh, kw, ci, co]
 *
 * The output size of an axis is floor((I + pads - ((K - 1) * dilation + 1)) / stride) + 1 for I inputs and a
 * kernel of K.
 *
 * @param x [n, height, width, ci], or [height, width, ci] for one image.
 * @param filter [kh, kw, ci, co].
 * @param strides One number, or [height, width].
 * @param pad See {@link Pad}.
 * @param dataFormat Must be 'NHWC': channels are the last axis.
 * @param dilations One number, or [height, width]. Default 1.
 * @param dimRoundingMode Must be 'floor', as in the formula.
 * @returns float32 [n, height, width, co], or [height, width, co] for one image.
 * @throws SHAPE_MISMATCH, INVALID_ARGUMENT, UNSUPPORTED
 */
export function conv2d(
  x: TensorLike,
  filter: TensorLike,
  strides: number | readonly [number, number],
  pad: Pad,
  dataFormat: 'NHWC' = 'NHWC',
  dilations: number | readonly [number, number] = 1,
  dimRoundingMode?: DimRoundingMode | null,
): Tensor {
  const checks = new OptionChecks('conv2d');
  checkRounding(checks, dimRoundingMode);
  const images = readImages(checks, x);
  const kernel = readFilter(checks, filter, images.imageShape[2]);
  if (dataFormat !== 'NHWC') {
    checks.fail(
      'UNSUPPORTED',
      `dataFormat is ${show(dataFormat)}; only 'NHWC' is supported: transpose x to [n, height, width, channels].`,
    );
  }
  const size: [number, number] = [kernel.shape[0], kernel.shape[1]];
  const stride = checks.pair('strides', strides);
  const dilation = checks.pair('dilations', dilations);
  const padding = readPad(checks, pad);
  const options = { what: 'filter', size, strides: stride, dilation, padding };
  const sides = inferPadding(checks, options, images.imageShape);
  const attributes = { strides: stride, dilation, padding: sides };
  const node = { op: 'conv2d', attributes } as const;
  return images.like(runNode(node, images.x, images.samples, images.imageShape, 'conv2d', kernel));
}

function readFilter(checks: OptionChecks, value: TensorLike, channels: number): Tensor {
  const filter = toTensor(value, `${checks.subject}: filter`);
  if (filter.rank !== 4 || filter.shape.includes(0)) {
    checks.fail(
      'SHAPE_MISMATCH',
      `filter is ${showShape(filter.shape)}; it must be [height, width, channels in, channels out], each 1 or more.`,
    );
  }
  if (filter.shape[2] !== channels) {
    checks.fail(
      'SHAPE_MISMATCH',
      `filter ${showShape(filter.shape)} is for images of ${filter.shape[2]} channels, but x has ${channels}.`,
    );
  }
  return filter;
}
