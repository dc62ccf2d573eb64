import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../../lib/program/reference-engine/index.js';
import { clip, unary } from '../../../support/arithmetic.js';
import { UNARY_KINDS } from '../../../support/arithmetic-kinds.js';
import { activation, chain, type Link, training } from '../../../support/chain.js';
import { expectGradients, randomNumbers } from '../../../support/numeric.js';

const HALF = training('halfSquaredError');

const run = (link: Link, x: readonly number[]) => {
  const program = new ReferenceProgram(chain([x.length], [link]), 'float64');
  return [...program.runHere([Float32Array.from(x)], 1)[0]];
};

describe('gradients equal central differences', () => {
  // No number is near a kink, and the logarithm of each exists.
  test.each(UNARY_KINDS)('%s', (kind) => {
    const program = new ReferenceProgram(chain([6], [unary(kind), activation('tanh')], HALF), 'float64');
    expectGradients(program, randomNumbers(12, 1, 0.1, 0.4), randomNumbers(12, 2));
    expectGradients(program, randomNumbers(12, 3, 0.6, 0.9), randomNumbers(12, 4));
  });

  test.each([{ min: -0.5 }, { max: 0.5 }, { min: -0.2, max: 0.3 }])('clip to %j', (limits) => {
    const program = new ReferenceProgram(chain([6], [clip(limits), activation('tanh')], HALF), 'float64');
    expectGradients(program, randomNumbers(24, 5), randomNumbers(24, 6));
  });
});

test.each([
  ['abs', [-2, 0, 3], [2, 0, 3]],
  ['negative', [-2, 0, 3], [2, -0, -3]],
  ['sign', [-2, 0, 3], [-1, 0, 1]],
  ['floor', [-1.5, 1.5, 2], [-2, 1, 2]],
  ['ceil', [-1.5, 1.5, 2], [-1, 2, 2]],
  ['round', [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.75], [-2, -2, -0, 0, 2, 2, 3]],
  ['log', [1, 0, -1], [0, -Infinity, Number.NaN]],
  ['log1p', [0, -1, -2], [0, -Infinity, Number.NaN]],
  ['expm1', [0, -Infinity], [0, -1]],
  ['sqrt', [4, -1], [2, Number.NaN]],
  ['rsqrt', [4, 0], [0.5, Infinity]],
  ['square', [-3, 0.5], [9, 0.25]],
  ['reciprocal', [-4, 0], [-0.25, Infinity]],
  ['erf', [0, Infinity, -Infinity], [0, 1, -1]],
  ['sin', [0], [0]],
  ['cos', [0], [1]],
  ['logicalNot', [0, 2, Number.NaN], [1, 0, 0]],
  ['isNaN', [0, Number.NaN, Infinity], [0, 1, 0]],
])('%s of %j', (kind, x, expected) => {
  expect(run(unary(kind), x)).toEqual(expected);
});

test('clip: a limit that is missing, and limits in the other order', () => {
  const x = [-2, -1, 0, 1, 2, Number.NaN];
  expect(run(clip({}), x)).toEqual(x);
  expect(run(clip({ min: -1 }), x)).toEqual([-1, -1, 0, 1, 2, Number.NaN]);
  expect(run(clip({ min: -1, max: 1 }), x)).toEqual([-1, -1, 0, 1, 1, Number.NaN]);
  expect(run(clip({ min: 1, max: -1 }), x)).toEqual([-1, -1, -1, -1, -1, Number.NaN]);
});
