import '../layers/operation/operate.js';
import { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { Operand } from '../tensor/tensor-like.js';
import * as tensors from '../tensor/index.js';
import type { Axes, Shape, TensorLike } from '../tensor/index.js';
import type { SampleShape } from '../tensor/shapes.js';
import './tensor-methods.js';
import type { Pair } from './pad.js';

/*
 * Functions of tensors as methods of values of models. Axis 0 is the batch, which no function may reduce, cut or
 * reorder.
 */

declare module '../layers/symbolic-tensor.js' {
  interface SymbolicTensor<S extends SampleShape> {
    /** The same values with another shape. One size may be -1, and follows from the others. */
    reshape(shape: Shape): SymbolicTensor;
    /** The block of shape `size` that starts at `begin`: see tf.slice. */
    slice(begin: number | readonly number[], size?: number | readonly number[]): SymbolicTensor;
    /** Concatenates this tensor and others along an axis: see tf.concat. */
    concat(others: Operand | readonly Operand[], axis?: number): SymbolicTensor;
    /** Stacks this tensor and others along a new axis: see tf.stack. */
    stack(others: Operand | readonly Operand[], axis?: number): SymbolicTensor;
    /** The slices along `axis` at these indices: see tf.gather. */
    gather(indices: TensorLike, axis?: number, batchDims?: number): SymbolicTensor;
    /** Reverses the order along `axis` (default: all axes): see tf.reverse. */
    reverse(axis?: Axes): SymbolicTensor<S>;
    /** Repeats each axis `repetitions` times: see tf.tile. */
    tile(repetitions: readonly number[]): SymbolicTensor;
    /** Pads each axis by [before, after]: see tf.pad. */
    pad(paddings: readonly (readonly [number, number])[], constantValue?: number): SymbolicTensor;
    /** Splits along `axis`: see tf.split. */
    split(numOrSizeSplits: number | readonly number[], axis?: number): SymbolicTensor[];
    /** The slices along `axis`, without that axis: see tf.unstack. */
    unstack(axis?: number): SymbolicTensor[];
    /** These values where `condition` isn't 0, elsewhere those of `x`: see tf.where. */
    where(condition: Operand, x: Operand): SymbolicTensor;
    /** Permutes the axes, by default in reverse order: see tf.transpose. */
    transpose(permutation?: readonly number[]): SymbolicTensor;
    /** Inserts an axis of size 1 before `axis`. -1 appends it. */
    expandDims(axis?: number): SymbolicTensor;
    /** Removes axes of size 1: all, or those given. */
    squeeze(axes?: readonly number[]): SymbolicTensor;
    /** The sum over `axis`. See tf.sum. */
    sum(axis?: Axes, keepDims?: boolean): SymbolicTensor;
    /** The mean over `axis`. See tf.mean. */
    mean(axis?: Axes, keepDims?: boolean): SymbolicTensor;
    /** The maximum over `axis`. See tf.max. */
    max(axis?: Axes, keepDims?: boolean): SymbolicTensor;
    /** The minimum over `axis`. See tf.min. */
    min(axis?: Axes, keepDims?: boolean): SymbolicTensor;
    /** The product over `axis`. See tf.prod. */
    prod(axis?: Axes, keepDims?: boolean): SymbolicTensor;
    /** Whether any value over `axis` is non-zero. See tf.any. */
    any(axis?: Axes, keepDims?: boolean): SymbolicTensor;
    /** Whether all values over `axis` are non-zero. See tf.all. */
    all(axis?: Axes, keepDims?: boolean): SymbolicTensor;
    /** log(sum(e^x)) over `axis`. See tf.logSumExp. */
    logSumExp(axis?: Axes, keepDims?: boolean): SymbolicTensor;
    /** The elementwise sum: see tf.add. */
    add(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    add(other: Operand): SymbolicTensor;
    /** The elementwise difference: see tf.sub. */
    sub(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    sub(other: Operand): SymbolicTensor;
    /** The elementwise product: see tf.mul. */
    mul(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    mul(other: Operand): SymbolicTensor;
    /** The elementwise quotient: see tf.div. */
    div(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    div(other: Operand): SymbolicTensor;
    /** The elementwise maximum: see tf.maximum. */
    maximum(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    maximum(other: Operand): SymbolicTensor;
    /** The elementwise minimum: see tf.minimum. */
    minimum(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    minimum(other: Operand): SymbolicTensor;
    /** The elementwise power, x^exponent: see tf.pow. */
    pow(exponent: SymbolicTensor<S> | number): SymbolicTensor<S>;
    pow(exponent: Operand): SymbolicTensor;
    /** The elementwise squared difference: see tf.squaredDifference. */
    squaredDifference(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    squaredDifference(other: Operand): SymbolicTensor;
    /** Clips each element to [clipValueMin, clipValueMax]: see tf.clipByValue. */
    clipByValue(clipValueMin: number, clipValueMax: number): SymbolicTensor<S>;
    /** Rounds each element down. */
    floor(): SymbolicTensor<S>;
    /** Rounds each element up. */
    ceil(): SymbolicTensor<S>;
    /** Rounds each element to the nearest whole number, halves to the even one. */
    round(): SymbolicTensor<S>;
    /** The sign of each element: -1, 0 or 1. NaN stays. */
    sign(): SymbolicTensor<S>;
    /** The elementwise negation, -x. */
    neg(): SymbolicTensor<S>;
    /** The elementwise absolute value, |x|. */
    abs(): SymbolicTensor<S>;
    /** The elementwise square, x^2. */
    square(): SymbolicTensor<S>;
    /** The elementwise square root. */
    sqrt(): SymbolicTensor<S>;
    /** The elementwise exponential, e^x. */
    exp(): SymbolicTensor<S>;
    /** The elementwise natural logarithm. */
    log(): SymbolicTensor<S>;
    /** Whether elements are equal. See tf.equal. */
    equal(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    equal(other: Operand): SymbolicTensor;
    /** Whether elements differ. See tf.notEqual. */
    notEqual(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    notEqual(other: Operand): SymbolicTensor;
    /** Whether this > other. See tf.greater. */
    greater(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    greater(other: Operand): SymbolicTensor;
    /** Whether this >= other. See tf.greaterEqual. */
    greaterEqual(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    greaterEqual(other: Operand): SymbolicTensor;
    /** Whether this < other. See tf.less. */
    less(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    less(other: Operand): SymbolicTensor;
    /** Whether this <= other. See tf.lessEqual. */
    lessEqual(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    lessEqual(other: Operand): SymbolicTensor;
    /** Whether both elements are non-zero. See tf.logicalAnd. */
    logicalAnd(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    logicalAnd(other: Operand): SymbolicTensor;
    /** Whether at least one element is non-zero. See tf.logicalOr. */
    logicalOr(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    logicalOr(other: Operand): SymbolicTensor;
    /** Whether elements are 0. */
    logicalNot(): SymbolicTensor<S>;
    /** The elementwise sine of an angle in radians. */
    sin(): SymbolicTensor<S>;
    /** The elementwise cosine of an angle in radians. */
    cos(): SymbolicTensor<S>;
    /** The elementwise log(1 + x), accurate for small x. */
    log1p(): SymbolicTensor<S>;
    /** The elementwise reciprocal, 1 / x. */
    reciprocal(): SymbolicTensor<S>;
    /** Whether elements are NaN. */
    isNaN(): SymbolicTensor<S>;
    /** See tf.matMul. */
    matMul(other: Operand, transposeA?: boolean, transposeB?: boolean): SymbolicTensor;
    /** See tf.dot. */
    dot(other: Operand): SymbolicTensor;
    /** max(x, 0) by element. */
    relu(): SymbolicTensor<S>;
    /** 1 / (1 + e^-x) by element. */
    sigmoid(): SymbolicTensor<S>;
    /** The hyperbolic tangent by element. */
    tanh(): SymbolicTensor<S>;
    /** The softmax along the last axis. */
    softmax(dim?: number): SymbolicTensor<S>;
    /** The logarithm of the softmax along the last axis. */
    logSoftmax(axis?: number): SymbolicTensor<S>;
    /** Resizes images: see image.resizeBilinear. */
    resizeBilinear(size: Pair, alignCorners?: boolean, halfPixelCenters?: boolean): SymbolicTensor;
    /** Resizes images: see image.resizeNearestNeighbor. */
    resizeNearestNeighbor(size: Pair, alignCorners?: boolean, halfPixelCenters?: boolean): SymbolicTensor;
    /** The elementwise e^x - 1, accurate for small x. */
    expm1(): SymbolicTensor<S>;
    /** The elementwise 1 / sqrt(x). */
    rsqrt(): SymbolicTensor<S>;
    /** The elementwise remainder with the sign of `other`: see tf.mod. */
    mod(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    mod(other: Operand): SymbolicTensor;
    /** The elementwise quotient, rounded down: see tf.floorDiv. */
    floorDiv(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    floorDiv(other: Operand): SymbolicTensor;
    /** Whether exactly one element is non-zero. See tf.logicalXor. */
    logicalXor(other: SymbolicTensor<S> | number): SymbolicTensor<S>;
    logicalXor(other: Operand): SymbolicTensor;
    /** The sums along `axis` up to each element: see tf.cumsum. */
    cumsum(axis?: number, exclusive?: boolean, reverse?: boolean): SymbolicTensor<S>;
    /** Elements at equal distances along the first axes: see tf.stridedSlice. */
    stridedSlice(
      begin: readonly number[],
      end: readonly number[],
      strides?: readonly number[] | null,
      beginMask?: number,
      endMask?: number,
      ellipsisMask?: number,
      newAxisMask?: number,
      shrinkAxisMask?: number,
    ): SymbolicTensor;
    /** Pads each axis by its mirror image: see tf.mirrorPad. */
    mirrorPad(
      paddings: readonly (readonly [number, number])[],
      mode: 'reflect' | 'symmetric',
    ): SymbolicTensor;
    /** Repeats the values to a shape: see tf.broadcastTo. */
    broadcastTo(shape: Shape): SymbolicTensor;
    /** max(min(x, 6), 0) by element. */
    relu6(): SymbolicTensor<S>;
    /** x where x > 0, else e^x - 1. */
    elu(): SymbolicTensor<S>;
    /** The scaled exponential linear unit: see tf.selu. */
    selu(): SymbolicTensor<S>;
    /** log(1 + e^x) by element. */
    softplus(): SymbolicTensor<S>;
    /** The error function by element. */
    erf(): SymbolicTensor<S>;
    /** x where x > 0, else alpha x. Default alpha 0.2. */
    leakyRelu(alpha?: number): SymbolicTensor<S>;
    /** x where x > 0, else alpha x: see tf.prelu. */
    prelu(alpha: TensorLike): SymbolicTensor<S>;
    /** Turns channels of images into blocks of pixels: see tf.depthToSpace. */
    depthToSpace(blockSize: number, dataFormat?: 'NHWC'): SymbolicTensor;
    /** Divides by the squares of channels around: see tf.localResponseNormalization. */
    localResponseNormalization(
      depthRadius?: number,
      bias?: number,
      alpha?: number,
      beta?: number,
    ): SymbolicTensor<S>;
  }
}

/** Methods that tensors have, too. They compute with what they are called on and nothing else, so one body serves both. */
const SHARED = [
  'abs',
  'add',
  'all',
  'any',
  'broadcastTo',
  'ceil',
  'clipByValue',
  'concat',
  'cos',
  'cumsum',
  'depthToSpace',
  'div',
  'dot',
  'elu',
  'equal',
  'erf',
  'exp',
  'expandDims',
  'expm1',
  'floor',
  'floorDiv',
  'gather',
  'greater',
  'greaterEqual',
  'isNaN',
  'leakyRelu',
  'less',
  'lessEqual',
  'localResponseNormalization',
  'log',
  'log1p',
  'logSoftmax',
  'logSumExp',
  'logicalAnd',
  'logicalNot',
  'logicalOr',
  'logicalXor',
  'matMul',
  'max',
  'maximum',
  'mean',
  'min',
  'minimum',
  'mirrorPad',
  'mod',
  'mul',
  'neg',
  'notEqual',
  'pad',
  'pow',
  'prelu',
  'prod',
  'reciprocal',
  'relu',
  'relu6',
  'reshape',
  'resizeBilinear',
  'resizeNearestNeighbor',
  'reverse',
  'round',
  'rsqrt',
  'selu',
  'sigmoid',
  'sign',
  'sin',
  'slice',
  'softmax',
  'softplus',
  'split',
  'sqrt',
  'square',
  'squaredDifference',
  'squeeze',
  'stack',
  'stridedSlice',
  'sub',
  'sum',
  'tanh',
  'tile',
  'transpose',
  'unstack',
  'where',
] as const satisfies readonly (keyof SymbolicTensor & keyof tensors.Tensor)[];

for (const name of SHARED) {
  const value = tensors.Tensor.prototype[name];
  Object.defineProperty(SymbolicTensor.prototype, name, { value, configurable: true, writable: true });
}
