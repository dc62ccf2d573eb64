import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { chain, pool2d, training } from '../../support/chain.js';
import { expectClose, expectGradients, randomNumbers } from '../../support/numeric.js';
import { gradientsOf, outputOf } from '../../support/one-batch.js';

type Pair = [number, number];
interface Case {
  name: string;
  input: [number, number, number];
  size: Pair;
  strides: Pair;
  padding: [number, number, number, number];
}

const CASES: Case[] = [
  { name: 'one cell', input: [1, 1, 1], size: [1, 1], strides: [1, 1], padding: [0, 0, 0, 0] },
  { name: '2x2 that divides', input: [4, 6, 2], size: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] },
  { name: 'a rest left over', input: [5, 7, 3], size: [2, 3], strides: [2, 3], padding: [0, 0, 0, 0] },
  { name: 'overlapping', input: [5, 5, 2], size: [3, 3], strides: [1, 2], padding: [0, 0, 0, 0] },
  { name: 'with gaps', input: [7, 7, 1], size: [2, 1], strides: [3, 4], padding: [0, 0, 0, 0] },
  { name: 'the whole image', input: [3, 4, 2], size: [3, 4], strides: [1, 1], padding: [0, 0, 0, 0] },
  { name: 'padded on all sides', input: [4, 4, 2], size: [3, 3], strides: [2, 2], padding: [1, 2, 2, 1] },
  { name: 'padded on one side', input: [3, 5, 1], size: [2, 2], strides: [1, 1], padding: [0, 1, 0, 1] },
];

const KINDS = {
  max: (cells: number[]) => Math.max(...cells),
  average: (cells: number[]) => cells.reduce((a, b) => a + b) / cells.length,
  sum: (cells: number[]) => cells.reduce((a, b) => a + b),
};

/** Collects the pixels of each window that are inside the image, and reduces them. */
function pool(c: Case, samples: number, x: ArrayLike<number>, reduce: (cells: number[]) => number): number[] {
  const [h, w, channels] = c.input;
  const [top, bottom, left, right] = c.padding;
  const output: number[] = [];
  for (let n = 0; n < samples; n++) {
    for (let row = -top; row + c.size[0] <= h + bottom; row += c.strides[0]) {
      for (let column = -left; column + c.size[1] <= w + right; column += c.strides[1]) {
        for (let channel = 0; channel < channels; channel++) {
          const cells: number[] = [];
          for (let r = Math.max(row, 0); r < Math.min(row + c.size[0], h); r++) {
            for (let q = Math.max(column, 0); q < Math.min(column + c.size[1], w); q++) {
              cells.push(x[((n * h + r) * w + q) * channels + channel]);
            }
          }
          output.push(reduce(cells));
        }
      }
    }
  }
  return output;
}

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('%s pooling', (kind) => {
  test.each(CASES)('$name: forward, and gradients by central differences', (c) => {
    const samples = 2;
    const description = chain(c.input, [pool2d(kind, c.size, c)], training('halfSquaredError'));
    const program = new ReferenceProgram(description, 'float64');
    const x = randomNumbers(c.input.reduce((a, b) => a * b) * samples, 3);
    const expected = pool(c, samples, x, KINDS[kind]);
    const y = randomNumbers(expected.length, 4);
    expectClose(gradientsOf(program, x, y, { seed: 0, step: 0 }).outputs, expected, { absolute: 1e-12 });
    expectGradients(program, x, y);
  });
});

/** The gradient by the input for an output gradient of 1 (targets are the outputs minus 1). */
function gradientOfOnes(
  kind: 'max' | 'average' | 'sum',
  size: Pair,
  padding: Case['padding'],
  image: number[],
) {
  const side = Math.sqrt(image.length);
  const description = chain([side, side, 1], [pool2d(kind, size, { padding })], training('halfSquaredError'));
  const program = new ReferenceProgram(description);
  const x = new Float32Array(image);
  const y = outputOf(program, x, 1).map((value) => value - 1);
  return Array.from(gradientsOf(program, x, y, { seed: 0, step: 0 }).inputGradient);
}

test('a tie of maxima goes to the first cell in row-major order', () => {
  expect(gradientOfOnes('max', [2, 2], [0, 0, 0, 0], [5, 5, 5, 5])).toEqual([1, 0, 0, 0]);
  expect(gradientOfOnes('max', [2, 2], [0, 0, 0, 0], [1, 5, 5, 5])).toEqual([0, 1, 0, 0]);
});

test('a maximum of negative numbers ignores the padding', () => {
  const program = new ReferenceProgram(chain([1, 1, 1], [pool2d('max', [2, 2], { padding: [1, 0, 1, 0] })]));
  expect(Array.from(outputOf(program, new Float32Array([-3]), 1))).toEqual([-3]);
});

test('an average excludes padded cells, forward and backward', () => {
  const padded = pool2d('average', [2, 2], { padding: [1, 1, 1, 1] });
  const program = new ReferenceProgram(chain([2, 2, 1], [padded]));
  expect(Array.from(outputOf(program, new Float32Array([1, 2, 3, 4]), 1))).toEqual([1, 2, 3, 4]);
  expect(gradientOfOnes('average', [2, 2], [1, 1, 1, 1], [1, 2, 3, 4])).toEqual([1, 1, 1, 1]);
  expect(gradientOfOnes('average', [2, 2], [0, 0, 0, 0], [1, 2, 3, 4])).toEqual([0.25, 0.25, 0.25, 0.25]);
});
