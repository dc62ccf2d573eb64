import { broadcastShapes } from './broadcast-shapes.js';
import type { Contract } from './contract.js';

/** A function of two numbers. */
export type BinaryKind =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'power'
  | 'maximum'
  | 'minimum'
  | 'squaredDifference'
  | 'modulo'
  | 'floorDivide'
  | 'less'
  | 'lessEqual'
  | 'greater'
  | 'greaterEqual'
  | 'equal'
  | 'notEqual'
  | 'logicalAnd'
  | 'logicalOr'
  | 'logicalXor';

/** Attributes of `binary`. */
export interface BinaryAttributes {
  /**
   * - 'power': a^b. Its gradient by b is 0 where a is not positive.
   * - 'maximum', 'minimum': the gradient goes to a where both are equal. NaN if either is.
   * - 'squaredDifference': (a - b)^2.
   * - 'modulo': the remainder of a / b with the sign of b. 'floorDivide': a / b, rounded down, with the
   *   gradient 0.
   * - 'less', 'lessEqual', 'greater', 'greaterEqual', 'equal', 'notEqual': 1 or 0, with the gradient 0.
   * - 'logicalAnd', 'logicalOr', 'logicalXor': 1 or 0, where 0 is false and other numbers are true, with the
   *   gradient 0.
   */
  kind: BinaryKind;
}

/**
 * A function of the elements a and b of exactly two inputs. Sizes along an axis must be equal or 1, and what
 * has size 1 is repeated. Axes are aligned at the last one: [4] fits [2, 3, 4].
 */
export const binary: Contract<BinaryAttributes> = {
  inputs: 'several',
  attributes: { kind: 'required' },
  parameters: {},
  outputShapes(query) {
    const { inputs, fail } = query;
    if (inputs.length !== 2) fail('INVALID_ARGUMENT', `binary takes two inputs, not ${inputs.length}.`);
    return [broadcastShapes(query, inputs)];
  },
};
