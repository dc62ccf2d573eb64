import { showShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `resample`. */
export interface ResampleAttributes {
  /** The axis, without the batch, from 0. */
  axis: number;
  /** The size of the axis in the output; at least 1. */
  size: number;
  /** How many elements are mixed for each output; at least 1. */
  taps: number;
  /** Indices of elements along the axis, from 0, as a row-major list [size, taps]. */
  indices: readonly number[];
  /** Their weights. An element of weight 0 is left out, whatever its value. */
  weights: readonly number[];
}

/**
 * Mixes elements along an axis: output o is the sum over t of weights[o, t] times the element at
 * indices[o, t]. One for each axis gives any separable resizing, such as ONNX's Resize.
 */
export const resample: Contract<ResampleAttributes> = {
  inputs: 'one',
  attributes: {
    axis: 'required',
    size: 'required',
    taps: 'required',
    indices: 'required',
    weights: 'required',
  },
  parameters: {},
  outputShapes({ attributes: { axis, size, taps, indices, weights }, inputs: [input], fail }) {
    if (axis >= input.length) fail('INVALID_ARGUMENT', `there is no axis ${axis} in ${showShape(input)}.`);
    if (indices.length !== size * taps || weights.length !== size * taps) {
      const given = `${indices.length} indices and ${weights.length} weights`;
      fail('SHAPE_MISMATCH', `${given} don't fill [size, taps], [${size}, ${taps}].`);
    }
    const outside = indices.find((index) => index >= input[axis]);
    if (outside !== undefined) {
      const place = `along axis ${axis} of ${showShape(input)}`;
      fail('INVALID_ARGUMENT', `there is no index ${outside} ${place}.`);
    }
    return [input.with(axis, size)];
  },
};
