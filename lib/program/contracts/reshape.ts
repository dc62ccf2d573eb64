import { sizeOf, showShape, type Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `reshape`. */
export interface ReshapeAttributes {
  /** The output's shape. It must have as many elements as the input. */
  shape: Shape;
}

/** Reshapes the input: the same elements in row-major order. */
export const reshape: Contract<ReshapeAttributes> = {
  inputs: 'one',
  attributes: { shape: 'required' },
  parameters: {},
  outputShapes({ attributes: { shape }, inputs: [input], fail }) {
    const [from, to] = [sizeOf(input), sizeOf(shape)];
    if (from !== to)
      fail('SHAPE_MISMATCH', `${showShape(input)} has ${from} elements, ${showShape(shape)} has ${to}.`);
    return [shape];
  },
};
