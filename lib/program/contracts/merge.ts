import { showShape, sameShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `merge`. */
export interface MergeAttributes {
  /** What is computed of the inputs' elements. 'subtract' takes exactly two inputs, the others two or more. */
  kind: 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum';
}

/**
 * An elementwise function of several inputs of one shape, taken in their order. The gradient of a maximum or minimum goes to
 * the first input that has it. It is NaN where an input is.
 */
export const merge: Contract<MergeAttributes> = {
  inputs: 'several',
  attributes: { kind: 'required' },
  parameters: {},
  outputShapes({ attributes, inputs: [first, ...others], fail }) {
    if (attributes.kind === 'subtract' && others.length !== 1)
      fail('INVALID_ARGUMENT', `subtract takes two inputs, not ${others.length + 1}.`);
    const odd = others.find((shape) => !sameShape(shape, first));
    if (odd)
      fail(
        'SHAPE_MISMATCH',
        `merge takes inputs of one shape, not ${showShape(first)} and ${showShape(odd)}.`,
      );
    return [first];
  },
};
