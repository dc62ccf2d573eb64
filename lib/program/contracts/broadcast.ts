import { showShape, type Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `broadcast`. */
export interface BroadcastAttributes {
  /** The output's shape: as many axes as the input, each of the input's size, or of any where that is 1. */
  shape: Shape;
}

/** Repeats the axes of size 1 up to a shape. */
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
