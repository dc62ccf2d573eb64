import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `reduce`. */
export interface ReduceAttributes {
  /** A maximum or minimum is NaN if an element is, and its gradient goes to the first element that attains it. */
  kind: 'sum' | 'mean' | 'max' | 'min' | 'product';
  /** The axes to reduce, without the batch, from 0, in rising order. Empty for none. */
  axes: readonly number[];
  /** Whether reduced axes stay, with size 1. Default false. */
  keepDims?: boolean;
}

/** Reduces the elements along some axes to one. Sums and products are computed in double precision. */
export const reduce: Contract<ReduceAttributes> = {
  inputs: 'one',
  attributes: { kind: 'required', axes: 'required', keepDims: 'optional' },
  parameters: {},
  outputShapes({ attributes: { axes, keepDims }, inputs: [input], fail }) {
    const rises = axes.every((axis, i) => i === 0 || axis > axes[i - 1]);
    if (!rises || axes.some((axis) => axis >= input.length)) {
      const shown = `axes is ${showShape(axes)}`;
      fail('INVALID_ARGUMENT', `${shown}; it must list axes of ${showShape(input)} in rising order, from 0.`);
    }
    const isKept = (axis: number) => !axes.includes(axis);
    if (keepDims) return [input.map((size, axis) => (isKept(axis) ? size : 1))];
    return [input.filter((_, axis) => isKept(axis))];
  },
};
