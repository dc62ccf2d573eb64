import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { chain, conv2d, training } from '../../support/chain.js';
import { expectClose, expectGradients, randomIntegers, randomNumbers } from '../../support/numeric.js';
import { gradientsOf, outputOf } from '../../support/one-batch.js';

type Pair = [number, number];
interface Case {
  name: string;
  input: [number, number, number];
  size: Pair;
  filters: number;
  strides?: Pair;
  dilation?: Pair;
  padding?: [number, number, number, number];
  bias?: boolean;
  groups?: number;
}

const CASES: Case[] = [
  { name: 'one pixel, 1x1', input: [1, 1, 1], size: [1, 1], filters: 1 },
  { name: '1x1 over channels', input: [3, 2, 4], size: [1, 1], filters: 3 },
  { name: 'plain 3x3', input: [5, 6, 2], size: [3, 3], filters: 3 },
  { name: 'no bias', input: [4, 4, 1], size: [2, 2], filters: 2, bias: false },
  { name: 'as large as the image', input: [4, 5, 2], size: [4, 5], filters: 2 },
  {
    name: 'larger than the image, padded',
    input: [2, 2, 2],
    size: [4, 4],
    filters: 2,
    padding: [1, 2, 2, 1],
  },
  { name: 'strides that do not divide', input: [7, 8, 1], size: [3, 2], filters: 2, strides: [3, 4] },
  { name: 'strides beyond the kernel', input: [7, 7, 2], size: [1, 2], filters: 2, strides: [3, 3] },
  { name: 'dilation', input: [7, 8, 2], size: [3, 2], filters: 2, dilation: [2, 3] },
  { name: 'two groups', input: [4, 5, 4], size: [2, 3], filters: 6, groups: 2 },
  { name: 'depthwise', input: [4, 3, 3], size: [3, 2], filters: 3, groups: 3, padding: [1, 1, 0, 1] },
  { name: 'depthwise, two kernels a channel', input: [3, 4, 3], size: [2, 2], filters: 6, groups: 3 },
  { name: 'asymmetric padding', input: [3, 4, 2], size: [3, 3], filters: 2, padding: [2, 0, 1, 3] },
  {
    name: 'everything at once',
    input: [6, 5, 3],
    size: [3, 2],
    filters: 2,
    strides: [2, 1],
    dilation: [2, 2],
    padding: [1, 2, 0, 3],
  },
];

/** Copies the image into a larger one of zeros first, unlike the engine. */
function convolve(
  c: Case,
  samples: number,
  x: ArrayLike<number>,
  kernel: ArrayLike<number>,
  bias?: ArrayLike<number>,
) {
  const [h, w, channels] = c.input;
  const groups = c.groups ?? 1;
  const depth = channels / groups;
  const [sh, sw] = c.strides ?? [1, 1];
  const [dh, dw] = c.dilation ?? [1, 1];
  const [top, bottom, left, right] = c.padding ?? [0, 0, 0, 0];
  const output: number[] = [];
  for (let n = 0; n < samples; n++) {
    const image = Array.from({ length: h + top + bottom }, (_, row) =>
      Array.from({ length: w + left + right }, (_, column) =>
        Array.from({ length: channels }, (_, channel) => {
          const inside = row >= top && row < top + h && column >= left && column < left + w;
          return inside ? x[((n * h + row - top) * w + column - left) * channels + channel] : 0;
        }),
      ),
    );
    for (let row = 0; row + (c.size[0] - 1) * dh < image.length; row += sh) {
      for (let column = 0; column + (c.size[1] - 1) * dw < image[0].length; column += sw) {
        for (let filter = 0; filter < c.filters; filter++) {
          const firstChannel = Math.floor(filter / (c.filters / groups)) * depth;
          let sum = bias ? bias[filter] : 0;
          for (let kh = 0; kh < c.size[0]; kh++) {
            for (let kw = 0; kw < c.size[1]; kw++) {
              for (let channel = 0; channel < depth; channel++) {
                const k = ((kh * c.size[1] + kw) * depth + channel) * c.filters + filter;
                sum += image[row + kh * dh][column + kw * dw][firstChannel + channel] * kernel[k];
              }
            }
          }
          output.push(sum);
        }
      }
    }
  }
  return output;
}

describe.each(CASES)('conv2d: $name', (c) => {
  const samples = 2;
  const description = chain(c.input, [conv2d(c.size, c.filters, c)], training('halfSquaredError'));
  const size = c.input.reduce((a, b) => a * b) * samples;

  test('forward is exact on integers', () => {
    const program = new ReferenceProgram(description);
    program.weights.forEach(
      (weights, index) => void weights.set(randomIntegers(weights.length, index, -9, 9)),
    );
    const x = new Float32Array(randomIntegers(size, 7, -9, 9));
    const expected = convolve(c, samples, x, program.weights[0], program.weights[1]);
    expect(Array.from(outputOf(program, x, samples))).toEqual(expected);
  });

  test('gradients equal central differences', () => {
    const program = new ReferenceProgram(description, 'float64');
    program.weights.forEach((weights, index) => void weights.set(randomNumbers(weights.length, index)));
    const x = randomNumbers(size, 7);
    const outputs = convolve(c, samples, x, program.weights[0], program.weights[1]);
    const y = randomNumbers(outputs.length, 8);
    expectClose(gradientsOf(program, x, y, { seed: 1, step: 0 }).outputs, outputs, { absolute: 1e-12 });
    expectGradients(program, x, y);
  });
});

test("the tutorial's example: 5x5 with a 3x3 filter", () => {
  const program = new ReferenceProgram(chain([5, 5, 1], [conv2d([3, 3], 1, { bias: false })]));
  program.weights[0].set([1, 0, 1, 0, 1, 0, 1, 0, 1]);
  const image = [1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0];
  expect(Array.from(outputOf(program, new Float32Array(image), 1))).toEqual([4, 3, 4, 2, 4, 3, 2, 3, 4]);
});
