import { showShape, sameShape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `merge`. */
export interface MergeAttributes {
  /** The function. 'subtract' takes exactly two inputs, the others at least two. */
  kind: 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum';
}

/**
 * An elementwise function of several inputs of one shape, taken in their order. The gradient of a maximum or
 * minimum goes to the first input that attains it. A maximum or minimum is NaN if an input is.
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
        `merge takes inputs of equal shapes, not ${showShape(first)} and ${showShape(odd)}.`,
      );
    return [first];
  },
};
