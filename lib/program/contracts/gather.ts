import { showShape, sizeOf, type Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `gather`. */
export interface GatherAttributes {
  /** The axis to choose from, without the batch, from 0. */
  axis: number;
  /** Indices along the axis, from 0, as a row-major list of the elements of indicesShape. */
  indices: readonly number[];
  /** The shape of the indices. [] replaces the axis by none. */
  indicesShape: Shape;
}

/**
 * Chooses slices of its input along an axis, in any order and as often as wanted. The output has the input's
 * shape with indicesShape in the place of the axis. The gradient of a slice that was chosen several times is
 * the sum of theirs.
 */
export const gather: Contract<GatherAttributes> = {
  inputs: 'one',
  attributes: { axis: 'required', indices: 'required', indicesShape: 'required' },
  parameters: {},
  outputShapes({ attributes: { axis, indices, indicesShape }, inputs: [input], fail }) {
    if (axis >= input.length) fail('INVALID_ARGUMENT', `there is no axis ${axis} in ${showShape(input)}.`);
    if (indices.length !== sizeOf(indicesShape)) {
      const shape = showShape(indicesShape);
      fail('SHAPE_MISMATCH', `${indices.length} indices don't fill indicesShape ${shape}.`);
    }
    const outside = indices.find((index) => index >= input[axis]);
    if (outside !== undefined) {
      const place = `along axis ${axis} of ${showShape(input)}`;
      fail('INVALID_ARGUMENT', `there is no index ${outside} ${place}.`);
    }
    return [[...input.slice(0, axis), ...indicesShape, ...input.slice(axis + 1)]];
  },
};
