import { addMethods } from './add-methods.js';
import * as arithmetic from './arithmetic.js';
import * as comparison from './comparison.js';
import type { TensorLike } from './tensor-like.js';

/*
 * The methods of tensors that work by element.
 */

declare module './tensor.js' {
  interface Tensor {
    /** Elementwise sum: see {@link add}. */
    add(other: TensorLike): Tensor;
    /** Elementwise difference: see {@link sub}. */
    sub(other: TensorLike): Tensor;
    /** Elementwise product: see {@link mul}. */
    mul(other: TensorLike): Tensor;
    /** Elementwise quotient, float32: see {@link div}. */
    div(other: TensorLike): Tensor;
    /** The greater of each pair: see {@link maximum}. */
    maximum(other: TensorLike): Tensor;
    /** The lesser of each pair: see {@link minimum}. */
    minimum(other: TensorLike): Tensor;
    /** x^exponent by element: see {@link pow}. */
    pow(exponent: TensorLike): Tensor;
    /** The square of the difference by element: see {@link squaredDifference}. */
    squaredDifference(other: TensorLike): Tensor;
    /** Each number held within the two: see {@link clipByValue}. */
    clipByValue(clipValueMin: number, clipValueMax: number): Tensor;
    /** The next whole number at or below. */
    floor(): Tensor;
    /** The next whole number at or above. */
    ceil(): Tensor;
    /** To the nearest whole number; of two, the even one. */
    round(): Tensor;
    /** -1, 0 or 1; NaN stays. */
    sign(): Tensor;
    /** -x by element. */
    neg(): Tensor;
    /** |x| by element. */
    abs(): Tensor;
    /** x^2 by element. */
    square(): Tensor;
    /** The square root by element, float32. */
    sqrt(): Tensor;
    /** e^x by element, float32. */
    exp(): Tensor;
    /** The natural logarithm by element, float32. */
    log(): Tensor;
    /** bool: where elements are equal. See {@link equal}. */
    equal(other: TensorLike): Tensor;
    /** bool: where elements differ. See {@link notEqual}. */
    notEqual(other: TensorLike): Tensor;
    /** bool: where this is greater. See {@link greater}. */
    greater(other: TensorLike): Tensor;
    /** bool: where this is greater or equal. See {@link greaterEqual}. */
    greaterEqual(other: TensorLike): Tensor;
    /** bool: where this is less. See {@link less}. */
    less(other: TensorLike): Tensor;
    /** bool: where this is less or equal. See {@link lessEqual}. */
    lessEqual(other: TensorLike): Tensor;
    /** bool: where neither is 0. See {@link logicalAnd}. */
    logicalAnd(other: TensorLike): Tensor;
    /** bool: where one of them or both aren't 0. See {@link logicalOr}. */
    logicalOr(other: TensorLike): Tensor;
    /** bool: where it is 0. */
    logicalNot(): Tensor;
    /** The sine of an angle in radians, by element. */
    sin(): Tensor;
    /** The cosine of an angle in radians, by element. */
    cos(): Tensor;
    /** log(1 + x) by element, exact also where x is small. */
    log1p(): Tensor;
    /** 1 / x by element, float32. */
    reciprocal(): Tensor;
    /** bool: where it is NaN. */
    isNaN(): Tensor;
  }
}

addMethods({
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  pow: arithmetic.pow,
  squaredDifference: arithmetic.squaredDifference,
  clipByValue: arithmetic.clipByValue,
  floor: arithmetic.floor,
  ceil: arithmetic.ceil,
  round: arithmetic.round,
  sign: arithmetic.sign,
  neg: arithmetic.neg,
  abs: arithmetic.abs,
  square: arithmetic.square,
  sqrt: arithmetic.sqrt,
  exp: arithmetic.exp,
  log: arithmetic.log,
  sin: arithmetic.sin,
  cos: arithmetic.cos,
  log1p: arithmetic.log1p,
  reciprocal: arithmetic.reciprocal,
  equal: comparison.equal,
  notEqual: comparison.notEqual,
  greater: comparison.greater,
  greaterEqual: comparison.greaterEqual,
  less: comparison.less,
  lessEqual: comparison.lessEqual,
  logicalAnd: comparison.logicalAnd,
  logicalOr: comparison.logicalOr,
  logicalNot: comparison.logicalNot,
  isNaN: comparison.isNaN,
});
