import type { AttributesOf } from '../../description.js';
import { oneOf } from '../checks.js';
import type { Op } from '../op.js';

interface Merge {
  value(terms: readonly number[]): number;
  /** The derivative of the value by one of the terms. */
  derivative(terms: readonly number[], by: number): number;
}

const MERGES: Record<AttributesOf<'merge'>['kind'], Merge> = {
  subtract: { value: ([a, b]) => a - b, derivative: (_, by) => (by === 0 ? 1 : -1) },
  multiply: {
    value: (terms) => product(terms),
    derivative: (terms, by) => product(terms.filter((_, index) => index !== by)),
  },
  average: {
    value: (terms) => terms.reduce((sum, term) => sum + term, 0) / terms.length,
    derivative: (terms) => 1 / terms.length,
  },
  maximum: chosen(Math.max),
  minimum: chosen(Math.min),
};

function product(terms: readonly number[]): number {
  return terms.reduce((result, term) => result * term, 1);
}

/** Chooses one of the terms: the first of equal ones. Here a NaN equals a NaN. */
function chosen(choose: (...terms: number[]) => number): Merge {
  const first = (terms: readonly number[]) => {
    const value = choose(...terms);
    return Number.isNaN(value) ? terms.findIndex(Number.isNaN) : terms.indexOf(value);
  };
  return {
    value: (terms) => choose(...terms),
    derivative: (terms, by) => (first(terms) === by ? 1 : 0),
  };
}

export const merge: Op<'merge'> = {
  check: (node) => void oneOf(node, 'kind', Object.keys(MERGES)),
  forward({ node, inputs, output }) {
    const { value } = MERGES[node.attributes.kind];
    for (let i = 0; i < output.length; i++) output[i] = value(inputs.map((input) => input[i]));
  },
  backward({ node, inputs, outputGradient, inputGradients }) {
    const { derivative } = MERGES[node.attributes.kind];
    for (let i = 0; i < outputGradient.length; i++) {
      const terms = inputs.map((input) => input[i]);
      inputGradients.forEach((gradient, by) => {
        gradient[i] = outputGradient[i] * derivative(terms, by);
      });
    }
  },
};
