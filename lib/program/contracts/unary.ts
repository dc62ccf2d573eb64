import { type Contract, unchanged } from './contract.js';

/** Attributes of `unary`. */
export interface UnaryAttributes {
  /**
   * - 'abs': |x|, with the gradient 0 at 0.
   * - 'negative': -x.
   * - 'sign': -1, 0 or 1.
   * - 'floor', 'ceil', 'round': a whole number. 'round' takes halves to the even one.
   * - 'log': the natural logarithm. 'log1p': log(1 + x), accurate near 0.
   * - 'expm1': e^x - 1, accurate near 0.
   * - 'sqrt', 'rsqrt': the square root, and 1 over it.
   * - 'square': x * x.
   * - 'reciprocal': 1 / x.
   * - 'erf': the error function.
   * - 'sin', 'cos': of radians.
   * - 'logicalNot': 1 where x is 0, else 0.
   * - 'isNaN': 1 where x is NaN, else 0.
   */
  kind:
    | 'abs'
    | 'negative'
    | 'sign'
    | 'floor'
    | 'ceil'
    | 'round'
    | 'log'
    | 'log1p'
    | 'expm1'
    | 'sqrt'
    | 'rsqrt'
    | 'square'
    | 'reciprocal'
    | 'erf'
    | 'sin'
    | 'cos'
    | 'logicalNot'
    | 'isNaN';
}

/**
 * A function of each element. The gradient of 'sign', 'floor', 'ceil', 'round', 'logicalNot' and 'isNaN' is 0.
 * Further functions are kinds of `activation`.
 */
export const unary: Contract<UnaryAttributes> = {
  inputs: 'one',
  attributes: { kind: 'required' },
  parameters: {},
  outputShapes: unchanged,
};
