import { OptionChecks } from '../options.js';
import { type GraphValue, inGraph } from '../tensor/graph.js';
import { Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import type { Operand, Operated } from '../tensor/tensor-like.js';
import { readImages } from './image-batch.js';
import { runNode } from './run-node.js';

/**
 * Turns channels of images into blocks of pixels: [n, h, w, b * b * c] becomes [n, h * b, w * b, c].
 *
 * @param blockSize The block's height and width, b.
 * @param dataFormat Only 'NHWC'.
 * @throws SHAPE_MISMATCH if the channels aren't a multiple of b * b, UNSUPPORTED for another format.
 */
export function depthToSpace(x: TensorLike, blockSize: number, dataFormat?: 'NHWC'): Tensor;
export function depthToSpace(x: GraphValue, blockSize: number, dataFormat?: 'NHWC'): GraphValue;
export function depthToSpace(x: Operand, blockSize: number, dataFormat: 'NHWC' = 'NHWC'): Operated {
  const checks = new OptionChecks('depthToSpace');
  if (dataFormat !== 'NHWC')
    checks.fail('UNSUPPORTED', `dataFormat is '${String(dataFormat)}'; it can be 'NHWC'.`);
  checks.whole('blockSize', blockSize, 1);
  const made = inGraph('depthToSpace', [x], { blockSize });
  if (made) return made;
  const images = readImages(checks, x as TensorLike);
  const node = { op: 'spaceToDepth', attributes: { blockSize, reverse: true } } as const;
  const moved = images.like(runNode(node, images.x, images.samples, images.imageShape, 'depthToSpace'));
  return moved.cast(images.x.dtype);
}

/**
 * Divides each element by (bias + alpha * s)^beta, where s is the sum of the squares of the elements of up to
 * `depthRadius` channels on either side and of its own. The result is float32 (Krizhevsky et al.: ImageNet
 * Classification with Deep Convolutional Neural Networks, 2012).
 *
 * @param x [n, height, width, channels], or [height, width, channels] for one image.
 * @param depthRadius Default 5.
 * @param bias Default 1.
 * @param alpha Default 1.
 * @param beta Default 0.5.
 */
export function localResponseNormalization(
  x: TensorLike,
  depthRadius?: number,
  bias?: number,
  alpha?: number,
  beta?: number,
): Tensor;
export function localResponseNormalization(
  x: GraphValue,
  depthRadius?: number,
  bias?: number,
  alpha?: number,
  beta?: number,
): GraphValue;
export function localResponseNormalization(
  x: Operand,
  depthRadius = 5,
  bias = 1,
  alpha = 1,
  beta = 0.5,
): Operated {
  const checks = new OptionChecks('localResponseNormalization');
  checks.whole('depthRadius', depthRadius, 0);
  const made = inGraph('localResponseNormalization', [x], { depthRadius, bias, alpha, beta });
  if (made) return made;
  const images = readImages(checks, x as TensorLike);
  const values = toTensor(images.x, 'localResponseNormalization: x').dataSync();
  const channels = images.imageShape[2];
  const out = new Float32Array(values.length);
  for (let pixel = 0; pixel < values.length; pixel += channels) {
    for (let channel = 0; channel < channels; channel++) {
      let squares = 0;
      const last = Math.min(channel + depthRadius, channels - 1);
      for (let i = Math.max(channel - depthRadius, 0); i <= last; i++) squares += values[pixel + i] ** 2;
      out[pixel + channel] = values[pixel + channel] / (bias + alpha * squares) ** beta;
    }
  }
  return images.like(new Tensor(out, [images.samples, ...images.imageShape], 'float32'));
}
