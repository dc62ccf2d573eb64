import { addMethods } from '../tensor/methods.js';
import type { TensorLike } from '../tensor/index.js';
import {
  elu,
  erf,
  leakyRelu,
  logSoftmax,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  softmax,
  softplus,
  tanh,
} from './activations.js';
import { depthToSpace, localResponseNormalization } from './channels.js';
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
    /** max(min(x, 6), 0) by element. */
    relu6(): Tensor;
    /** x where x > 0, else e^x - 1. */
    elu(): Tensor;
    /** The scaled exponential linear unit: see ops.selu. */
    selu(): Tensor;
    /** log(1 + e^x) by element. */
    softplus(): Tensor;
    /** The error function by element. */
    erf(): Tensor;
    /** x where x > 0, else alpha x. Default alpha 0.2. */
    leakyRelu(alpha?: number): Tensor;
    /** x where x > 0, else alpha x: see ops.prelu. */
    prelu(alpha: TensorLike): Tensor;
    /** Turns channels of images into blocks of pixels: see ops.depthToSpace. */
    depthToSpace(blockSize: number, dataFormat?: 'NHWC'): Tensor;
    /** Divides by the squares of channels around: see ops.localResponseNormalization. */
    localResponseNormalization(depthRadius?: number, bias?: number, alpha?: number, beta?: number): Tensor;
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
  depthToSpace,
  dot,
  elu,
  erf,
  leakyRelu,
  localResponseNormalization,
  logSoftmax,
  matMul,
  maxPool,
  prelu,
  relu,
  relu6,
  resizeBilinear,
  resizeNearestNeighbor,
  selu,
  sigmoid,
  softmax,
  softplus,
  tanh,
});
