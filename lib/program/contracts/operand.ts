import { showShape } from '../../tensor/shapes.js';
import type { BinaryKind } from './binary.js';
import { broadcastShapes } from './broadcast-shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `operand`. */
export interface OperandAttributes {
  /** As in `binary`. */
  kind: BinaryKind;
  /** Whether the constant is the left side, a, and the input the right one, b. Default false. */
  reversed?: boolean;
  /** The constant. Default: the parameter `operand`. A node has one of the two. */
  value?: number;
}

/**
 * The functions of `binary` with one input and a constant: a number, or the parameter `operand`, which is
 * repeated as an input of `binary` is. The output may have more elements than the input.
 */
export const operand: Contract<OperandAttributes, 'operand'> = {
  inputs: 'one',
  attributes: { kind: 'required', reversed: 'optional', value: 'optional' },
  parameters: { operand: 'optional' },
  outputShapes(query) {
    const { attributes, inputs, parameters, fail } = query;
    const constant = parameters.operand;
    if ((attributes.value === undefined) === (constant === undefined)) {
      const given = constant ? `both value and an operand of ${showShape(constant)}` : 'neither';
      fail('INVALID_ARGUMENT', `operand takes a value or the parameter operand, not ${given}.`);
    }
    return [constant ? broadcastShapes(query, [inputs[0], constant]) : inputs[0]];
  },
};
