import { addMethods } from '../tensor/methods.js';
import type { TensorLike } from '../tensor/index.js';
import { logSoftmax, relu, sigmoid, softmax, tanh } from './activations.js';
import { conv2d } from './conv2d.js';
import { resizeBilinear, resizeNearestNeighbor } from './image.js';
import { dot, matMul } from './matmul.js';
import type { DimRoundingMode, Pad, Pair } from './pad.js';
import { avgPool, maxPool } from './pool2d.js';

/* Tensor methods that an engine computes. They are added here, since tensors must not depend on engines. */

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** See ops.matMul. */
    matMul(other: TensorLike, transposeA?: boolean, transposeB?: boolean): Tensor;
    /** See ops.dot. */
    dot(other: TensorLike): Tensor;
    /** max(x, 0) by element. */
    relu(): Tensor;
    /** 1 / (1 + e^-x) by element. */
    sigmoid(): Tensor;
    /** The hyperbolic tangent by element. */
    tanh(): Tensor;
    /** The softmax along the last axis. */
    softmax(dim?: number): Tensor;
    /** The logarithm of the softmax along the last axis. */
    logSoftmax(axis?: number): Tensor;
    /** The convolution of images: see ops.conv2d. */
    conv2d(
      filter: TensorLike,
      strides: number | Pair,
      pad: Pad,
      dataFormat?: 'NHWC',
      dilations?: number | Pair,
      dimRoundingMode?: DimRoundingMode | null,
    ): Tensor;
    /** Max-pooling of images: see ops.maxPool. */
    maxPool(
      filterSize: number | Pair,
      strides: number | Pair,
      pad: Pad,
      dimRoundingMode?: DimRoundingMode | null,
    ): Tensor;
    /** Average pooling of images: see ops.avgPool. */
    avgPool(
      filterSize: number | Pair,
      strides: number | Pair,
      pad: Pad,
      dimRoundingMode?: DimRoundingMode | null,
    ): Tensor;
    /** Resizes images: see image.resizeBilinear. */
    resizeBilinear(size: Pair, alignCorners?: boolean, halfPixelCenters?: boolean): Tensor;
    /** Resizes images: see image.resizeNearestNeighbor. */
    resizeNearestNeighbor(size: Pair, alignCorners?: boolean, halfPixelCenters?: boolean): Tensor;
  }
}

addMethods({
  avgPool,
  conv2d,
  dot,
  logSoftmax,
  matMul,
  maxPool,
  relu,
  resizeBilinear,
  resizeNearestNeighbor,
  sigmoid,
  softmax,
  tanh,
});
