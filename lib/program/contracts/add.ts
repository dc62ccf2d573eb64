import { showShape, sameShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `add`: none. */
export type AddAttributes = Record<never, never>;

/**
 * The elementwise sum of two or more inputs of one shape, added in their order. A node may list an input
 * several times.
 */
export const add: Contract<AddAttributes> = {
  inputs: 'several',
  attributes: {},
  parameters: {},
  outputShapes({ inputs: [first, ...others], fail }) {
    const odd = others.find((shape) => !sameShape(shape, first));
    if (odd)
      fail(
        'SHAPE_MISMATCH',
        `add takes inputs of equal shapes, not ${showShape(first)} and ${showShape(odd)}.`,
      );
    return [first];
  },
};
