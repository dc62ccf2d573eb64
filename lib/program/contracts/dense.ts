import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';
import { kernelShape } from './kernel.js';

/** Attributes of `dense`: none. */
export type DenseAttributes = Record<never, never>;

/**
 * The matrix product of the last axis with a kernel [inputs, units], plus an optional bias [units]:
 * [..., inputs] becomes [..., units]. y[..., u] = bias[u] + sum over i of x[..., i] * kernel[i, u].
 */
export const dense: Contract<DenseAttributes, 'kernel' | 'bias'> = {
  inputs: 'one',
  attributes: {},
  parameters: { kernel: 'required', bias: 'optional' },
  outputShapes(query) {
    const [input] = query.inputs;
    const [inputs, units] = kernelShape(query, 2);
    if (input.at(-1) !== inputs) {
      query.fail(
        'SHAPE_MISMATCH',
        `the kernel [${inputs}, ${units}] takes ${inputs} inputs, the last axis of ${showShape(input)} has ${input.at(-1) ?? 'none'}.`,
      );
    }
    return [[...input.slice(0, -1), units]];
  },
};
