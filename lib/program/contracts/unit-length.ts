import type { Contract } from './contract.js';

/** Attributes of `unitLength`. */
export interface UnitLengthAttributes {
  /**
   * Lower limit of the sum of squares in the division, above 0. Default 1e-12, as in Keras 3. TF.js's is
   * 1e-7.
   */
  leastSquare?: number;
}

/** x / sqrt(max(sum of x^2 over the last axis, leastSquare)). */
export const unitLength: Contract<UnitLengthAttributes> = {
  inputs: 'one',
  attributes: { leastSquare: 'optional' },
  parameters: {},
  outputShapes({ inputs: [input], fail }) {
    if (input.length === 0) fail('SHAPE_MISMATCH', 'unitLength takes values of one axis or more.');
    return [input];
  },
};
