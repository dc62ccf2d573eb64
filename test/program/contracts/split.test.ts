import { expect, test } from 'vitest';
import { ConvforgeError } from '../../../lib/errors.js';
import { outputShapes } from '../../../lib/program/contracts/index.js';
import type { Shape } from '../../../lib/program/description.js';

const shapes = (input: Shape, axis: number, sizes: number[]) =>
  outputShapes('split', {
    inputs: [input],
    attributes: { axis, sizes },
    parameters: {},
    fail: (code, message) => {
      throw new ConvforgeError(code, message);
    },
  });

test.each([
  [[6], 0, [1, 2, 3], [[1], [2], [3]]],
  [
    [4, 5],
    1,
    [4, 1],
    [
      [4, 4],
      [4, 1],
    ],
  ],
  [
    [4, 5, 3],
    0,
    [2, 2],
    [
      [2, 5, 3],
      [2, 5, 3],
    ],
  ],
  [[4, 5], 0, [4], [[4, 5]]],
])('split gives a part for each size: %j along %d into %j', (input, axis, sizes, expected) => {
  expect(shapes(input, axis, sizes)).toEqual(expected);
});

test.each([
  [[6], 1, [6], 'there is no axis 1 in [6]'],
  [[6, 4], 0, [2, 2, 1], "parts of [2, 2, 1] don't add up to axis 0 of [6, 4]"],
  [[6], 0, [], "don't add up to axis 0 of [6]"],
])('split refuses %j along %d into %j', (input, axis, sizes, message) => {
  expect(() => shapes(input, axis, sizes)).toThrow(message);
});
