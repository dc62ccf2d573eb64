import { describe, expect, test } from 'vitest';
import type { Shape } from '../../../lib/program/description.js';
import { cumsum, expectLinkAsReference, reduce } from '../../support/arithmetic.js';
import { activation, chain, dense, type Link, reshape, training } from '../../support/chain.js';
import { NAMED_ENGINES } from '../../support/engine-comparison.js';
import { refusal } from '../../support/engine-runs.js';
import { randomIntegers, randomNumbers, sizeOf } from '../../support/numeric.js';
import { expectSameEverything } from '../../support/whole-programs.js';

// The ops reduce and cumsum, in the native engine against the reference engine.

const KINDS = ['sum', 'mean', 'max', 'min', 'product'];
const HALF = training('halfSquaredError');

/** Every list of axes of a shape. */
const axesOf = ({ length }: Shape): number[][] =>
  Array.from({ length: 2 ** length }, (_, bits) =>
    [...Array(length).keys()].filter((axis) => (bits >> axis) & 1),
  );

describe.each(KINDS)('%s', (kind) => {
  test.each<[Shape]>([[[5, 7, 3]], [[2, 3, 1, 5]], [[1]], [[33]], [[]]])(
    'of %j over any axes',
    async (shape) => {
      const samples = 3;
      for (const axes of axesOf(shape)) {
        // Whole numbers, so that some are equal and some are 0.
        for (const values of [
          randomNumbers(samples * sizeOf(shape), 1, 0.5, 1.5),
          randomIntegers(samples * sizeOf(shape), 2, -2, 2),
        ]) {
          const x = [new Float32Array(values)];
          await expectLinkAsReference([shape], reduce(kind, axes), x, { absolute: 1e-7 });
          await expectLinkAsReference([shape], reduce(kind, axes, true), x, { absolute: 1e-7 });
        }
      }
    },
  );

  test.each<[Shape, number[]]>([
    [
      [56, 56, 40],
      [0, 1],
    ],
    [[40, 3000], [1]],
    [[3, 200, 40], [1]],
    [[100000], [0]],
    [
      [30, 40, 50],
      [0, 2],
    ],
  ])('of %j over %j', async (shape, axes) => {
    const x = [new Float32Array(randomNumbers(2 * sizeOf(shape), 3, 0.97, 1.03))];
    await expectLinkAsReference([shape], reduce(kind, axes), x, { relative: 1e-6 });
  });

  test('shows NaN and infinity', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const at of [0, 17, 39]) {
        const x = new Float32Array(randomNumbers(40, 4, 1, 2));
        x[at] = value;
        const anyGradient = { absolute: [0, Number.POSITIVE_INFINITY] as const };
        for (const axes of [[0], [1], [0, 1]])
          await expectLinkAsReference([[4, 10]], reduce(kind, axes), [x], anyGradient);
      }
    }
  });

  test('between layers', async () => {
    const flatten: Link = (input) => reshape(sizeOf(input))(input);
    const links = [dense(6), activation('tanh'), reduce(kind, [0], true), flatten, dense(2)];
    await expectSameEverything(chain([4, 5], links, HALF), 3);
  });
});

test('a NaN has the gradient of a maximum, if it is the first', async () => {
  const x = Float32Array.of(1, Number.NaN, 3, Number.NaN);
  const { gradients } = await expectLinkAsReference([[4]], reduce('max', [0]), [x]);
  expect([...gradients[0]].map((gradient) => gradient !== 0)).toEqual([false, true, false, false]);
});

test('sums of 10^6 elements are exact to 1e-6', async () => {
  const x = new Float32Array(1e6).fill(0.1);
  for (const shape of [[1e6], [1e5, 10]]) {
    const axes = [...shape.keys()];
    const { outputs } = await expectLinkAsReference([shape], reduce('sum', axes), [x], { relative: 1e-7 });
    expect(outputs[0][0]).toBe(Math.fround(1e6 * x[0]));
  }
});

describe.each([{}, { exclusive: true }, { reverse: true }, { exclusive: true, reverse: true }])(
  'cumsum %j',
  (options) => {
    test.each([0, 1, 2])('along axis %d', async (axis) => {
      const x = [new Float32Array(randomNumbers(2 * 105, 5))];
      await expectLinkAsReference([[5, 7, 3]], cumsum(axis, options), x, { absolute: 1e-6 });
    });
  },
);

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  test.each<[Link, string, string]>([
    [reduce('median', [0]), 'UNSUPPORTED', 'median'],
    [reduce('sum', [2]), 'INVALID_ARGUMENT', 'axes of [4, 5] in rising order'],
    [reduce('sum', [1, 0]), 'INVALID_ARGUMENT', 'in rising order'],
    [reduce('sum', [0, 0]), 'INVALID_ARGUMENT', 'in rising order'],
    [reduce('sum', [-1]), 'INVALID_ARGUMENT', 'axes'],
    [cumsum(2), 'INVALID_ARGUMENT', 'there is no axis 2'],
    [cumsum(-1), 'INVALID_ARGUMENT', 'axis'],
  ])('refuses what does not fit: %#', async (link, code, text) => {
    const found = await refusal(() => engine.createProgram(chain([4, 5], [link])));
    expect(found.code).toBe(code);
    expect(found.message).toContain(text);
  });
});
