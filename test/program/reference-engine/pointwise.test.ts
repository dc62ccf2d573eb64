import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, chain, dense, type Link, rescaling, reshape, training } from '../../support/chain.js';
import { expectClose, expectGradients, randomNumbers } from '../../support/numeric.js';
import { gradientsOf, outputOf } from '../../support/one-batch.js';

/** A float64 program with random weights. */
function program(input: number[], links: Link[]): ReferenceProgram {
  const made = new ReferenceProgram(chain(input, links, training('halfSquaredError')), 'float64');
  made.weights.forEach((weights, index) => void weights.set(randomNumbers(weights.length, 20 + index)));
  return made;
}

function outputsOf(made: ReferenceProgram, x: Float64Array, outputs: number): ArrayLike<number> {
  return gradientsOf(made, x, new Float64Array(outputs), { seed: 0, step: 0 }).outputs;
}

const ACTIVATIONS = {
  relu: (x: number) => (x + Math.abs(x)) / 2,
  sigmoid: (x: number) => Math.exp(x) / (Math.exp(x) + 1),
  tanh: (x: number) => (Math.exp(2 * x) - 1) / (Math.exp(2 * x) + 1),
};

describe.each(Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[])('%s', (kind) => {
  test('forward and gradients', () => {
    const made = program([7], [activation(kind)]);
    const x = randomNumbers(14, 1, -3, 3);
    expectClose(outputsOf(made, x, 14), x.map(ACTIVATIONS[kind]), { absolute: 1e-12, relative: 1e-12 });
    expectGradients(made, x, randomNumbers(14, 2));
  });

  test('is finite for huge inputs', () => {
    const limits = { relu: [0, 1e30], sigmoid: [0, 1], tanh: [-1, 1] }[kind];
    const made = new ReferenceProgram(chain([2], [activation(kind)]));
    expect(Array.from(outputOf(made, new Float32Array([-1e30, 1e30]), 1))).toEqual(
      Array.from(new Float32Array(limits)),
    );
  });
});

test('the gradient of relu at 0 is 0', () => {
  const made = program([3], [activation('relu')]);
  const { inputGradient } = gradientsOf(made, new Float64Array([-1, 0, 1]), new Float64Array([-5, -5, -5]), {
    seed: 0,
    step: 0,
  });
  expect(Array.from(inputGradient)).toEqual([0, 0, 6]);
});

test('relu propagates NaN', () => {
  const made = new ReferenceProgram(chain([1], [activation('relu')]));
  expect(Array.from(outputOf(made, new Float32Array([Number.NaN]), 1))).toEqual([Number.NaN]);
});

describe('softmax', () => {
  test('works over the last axis, forward and backward', () => {
    const made = program([2, 3], [activation('softmax')]);
    const x = randomNumbers(12, 3, -2, 2);
    const expected: number[] = [];
    for (let row = 0; row < 4; row++) {
      const exponentials = Array.from(x.subarray(row * 3, row * 3 + 3), Math.exp);
      const sum = exponentials[0] + exponentials[1] + exponentials[2];
      expected.push(...exponentials.map((value) => value / sum));
    }
    expectClose(outputsOf(made, x, 12), expected, { absolute: 1e-12 });
    expectGradients(made, x, randomNumbers(12, 4));
  });

  test('does not overflow', () => {
    const made = new ReferenceProgram(chain([3], [activation('softmax')]));
    expect(Array.from(outputOf(made, new Float32Array([1e30, 1e30, -1e30]), 1))).toEqual([0.5, 0.5, 0]);
  });
});

describe.each([
  { name: 'rows of features', input: [4], units: 3, bias: true },
  { name: 'one unit, one input', input: [1], units: 1, bias: true },
  { name: 'no bias', input: [3], units: 2, bias: false },
  { name: 'the last axis of an image', input: [2, 3, 4], units: 5, bias: true },
])('dense: $name', ({ input, units, bias }) => {
  test('forward and gradients', () => {
    const made = program(input, [dense(units, { bias })]);
    const inputs = input[input.length - 1];
    const x = randomNumbers(2 * input.reduce((a, b) => a * b), 5);
    const expected: number[] = [];
    for (let row = 0; row < x.length / inputs; row++) {
      for (let unit = 0; unit < units; unit++) {
        let sum = bias ? made.weights[1][unit] : 0;
        for (let i = 0; i < inputs; i++) sum += x[row * inputs + i] * made.weights[0][i * units + unit];
        expected.push(sum);
      }
    }
    expectClose(outputsOf(made, x, expected.length), expected, { absolute: 1e-12 });
    expectGradients(made, x, randomNumbers(expected.length, 6));
  });
});

test('sums are in double precision and rounded once', () => {
  const made = new ReferenceProgram(chain([3], [dense(1, { bias: false })]));
  made.weights[0].set([1, 1, 1]);
  expect(Array.from(outputOf(made, new Float32Array([2 ** 24, 1, 1]), 1))).toEqual([2 ** 24 + 2]);
});

test('rescaling: x * scale + offset', () => {
  const made = program([3], [rescaling(0.5, -1)]);
  const x = new Float64Array([2, 4, -6]);
  expect(Array.from(outputsOf(made, x, 3))).toEqual([0, 1, -4]);
  expectGradients(made, x, randomNumbers(3, 7));
});

test('reshape keeps the order of elements', () => {
  const made = program([2, 3, 1], [reshape(6), reshape(3, 2)]);
  const x = new Float64Array([1, 2, 3, 4, 5, 6]);
  expect(Array.from(outputsOf(made, x, 6))).toEqual([1, 2, 3, 4, 5, 6]);
  expectGradients(made, x, randomNumbers(6, 8));
});
