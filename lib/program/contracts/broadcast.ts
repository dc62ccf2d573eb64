import { showShape, type Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `broadcast`. */
export interface BroadcastAttributes {
  /** The output's shape, with the input's number of axes. Each size must be the input's, unless that is 1. */
  shape: Shape;
}

/** Repeats axes of size 1 to fill a shape. */
export const broadcast: Contract<BroadcastAttributes> = {
  inputs: 'one',
  attributes: { shape: 'required' },
  parameters: {},
  outputShapes({ attributes: { shape }, inputs: [input], fail }) {
    const fits =
      shape.length === input.length && input.every((size, axis) => size === 1 || size === shape[axis]);
    if (!fits) fail('SHAPE_MISMATCH', `${showShape(input)} can't be repeated to ${showShape(shape)}.`);
    return [shape];
  },
};
