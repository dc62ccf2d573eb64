import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `permute`. */
export interface PermuteAttributes {
  /** The input axis for each output axis, without the batch, from 0. */
  axes: readonly number[];
}

/** Permutes the axes: axis i of the output is axis axes[i] of the input. */
export const permute: Contract<PermuteAttributes> = {
  inputs: 'one',
  attributes: { axes: 'required' },
  parameters: {},
  outputShapes({ attributes: { axes }, inputs: [input], fail }) {
    if (axes.length !== input.length || !input.every((_, axis) => axes.includes(axis))) {
      const given = `axes ${showShape(axes)}`;
      fail('INVALID_ARGUMENT', `${given} must name each axis of ${showShape(input)} once, from 0 on.`);
    }
    return [axes.map((axis) => input[axis])];
  },
};
