import { showShape, sameShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `concatenate`. */
export interface ConcatenateAttributes {
  /** The axis to concatenate along, without the batch, from 0. */
  axis: number;
}

/** Concatenates two or more inputs along an axis. All other sizes must be equal. */
export const concatenate: Contract<ConcatenateAttributes> = {
  inputs: 'several',
  attributes: { axis: 'required' },
  parameters: {},
  outputShapes({ attributes: { axis }, inputs, fail }) {
    const [first, ...others] = inputs;
    if (axis >= first.length) fail('INVALID_ARGUMENT', `there is no axis ${axis} in ${showShape(first)}.`);
    for (const shape of others) {
      if (shape.length === first.length && sameShape(shape.toSpliced(axis, 1), first.toSpliced(axis, 1)))
        continue;
      const pair = `${showShape(first)} and ${showShape(shape)}`;
      fail('SHAPE_MISMATCH', `inputs may differ only along axis ${axis}, unlike ${pair}.`);
    }
    return [
      first.with(
        axis,
        inputs.reduce((sum, shape) => sum + shape[axis], 0),
      ),
    ];
  },
};
