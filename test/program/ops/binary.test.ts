import { describe, expect, test } from 'vitest';
import type { Shape } from '../../../lib/program/description.js';
import { binary, expectLinkAsReference, operand, select } from '../../support/arithmetic.js';
import { BINARY_KINDS } from '../../support/arithmetic-kinds.js';
import { activation, chain, dense, type Link, reshape, training } from '../../support/chain.js';
import { NAMED_ENGINES } from '../../support/engine-comparison.js';
import { refusal } from '../../support/engine-runs.js';
import { Graph } from '../../support/graph.js';
import { randomIntegers, randomNumbers, sizeOf } from '../../support/numeric.js';
import { SMALLEST, SPECIAL_VALUES } from '../../support/special-values.js';
import { expectSameEverything } from '../../support/whole-programs.js';

// The ops binary, operand and select, in the native engine against the reference engine.

const HALF = training('halfSquaredError');
const { POSITIVE_INFINITY: INF } = Number;

/** Numbers for samples of these shapes; whole ones for the second input and every other seed, so that some are equal. */
function inputsOf(shapes: readonly Shape[], samples: number, seed: number, low = -3): Float32Array[] {
  return shapes.map((shape, i) => {
    const count = samples * sizeOf(shape);
    const values =
      seed % 2 ? randomNumbers(count, seed + i, low, 3) : randomIntegers(count, seed + i, Math.ceil(low), 3);
    return new Float32Array(values);
  });
}

const SHAPES: readonly (readonly [Shape, Shape])[] = [
  [
    [7, 9, 5],
    [7, 9, 5],
  ],
  [
    [7, 9, 33],
    [1, 1, 33],
  ],
  [[17], [6, 5, 17]],
  [[], [3, 2]],
  [
    [4, 1, 3],
    [5, 1],
  ],
  [
    [3, 4, 5],
    [3, 1, 5],
  ],
  [
    [3, 1, 5, 1],
    [2, 1, 7],
  ],
  [[1], [1]],
  [
    [20, 300],
    [1, 300],
  ],
  [[9000], [1]],
];

/** Sums of many terms in float32 have absolute errors. */
const bounds = (shapes: readonly Shape[]) => {
  const most = Math.max(...shapes.map(sizeOf));
  return { absolute: [1e-36, 4e-6 * Math.max(10, most / 10)] as const };
};

describe.each(BINARY_KINDS)('%s', (kind) => {
  // A power's gradient by the exponent has large terms.
  const low = kind === 'power' ? 0.25 : -3;

  test.each(SHAPES)('of %j and %j', async (...shapes) => {
    for (const seed of [1, 2]) {
      const inputs = inputsOf(shapes, 3, seed, low);
      await expectLinkAsReference(shapes, binary(kind), inputs, bounds(shapes));
    }
  });

  test('of one value with itself', async () => {
    const graph = new Graph([5, 3]);
    const value = graph.after(0, dense(4), activation('sigmoid'));
    graph.after([value, value], binary(kind), dense(2));
    await expectSameEverything(graph.describe(HALF), 3);
  });

  test('of NaN, infinity and the ends of float32', async () => {
    // Without the denormal numbers, which the native engine flushes to zero.
    const special = SPECIAL_VALUES.filter((value) => value === 0 || !(Math.abs(value) < SMALLEST));
    const isFlushed = (a: number, b: number) => a !== 0 && Math.abs(a / b) < SMALLEST && Number.isFinite(b);
    const pairs = special
      .flatMap((a) => special.map((b) => [a, b] as const))
      .filter(([a, b]) => kind !== 'floorDivide' || !isFlushed(a, b));
    const inputs = [0, 1].map((side) => Float32Array.from(pairs, (pair) => pair[side]));
    await expectLinkAsReference([[1], [1]], binary(kind), inputs, { absolute: [1e-36, INF], relative: 2e-6 });
  });

  test.each([false, true])('with a constant, reversed: %s', async (reversed) => {
    for (const [a, b] of SHAPES) {
      for (const [input, constant] of [
        [a, b],
        [b, a],
      ]) {
        const given = inputsOf([input], 2, 1, low);
        await expectLinkAsReference([input], operand(kind, constant, { reversed }), given, bounds([a, b]));
      }
      const number = operand(kind, kind === 'power' ? 2 : -0.75, { reversed });
      await expectLinkAsReference([a], number, inputsOf([a], 2, 1, low));
    }
  });
});

describe('constants that learn', () => {
  test.each<[Shape, Shape, string, boolean]>([
    [[4, 3, 5], [5], 'multiply', false],
    [[4, 3, 5], [1, 1, 5], 'add', false],
    [[4, 3, 5], [4, 1, 1], 'subtract', true],
    [[4, 3, 5], [4, 3, 5], 'squaredDifference', true],
    [[4, 3, 5], [3, 1], 'maximum', false],
    [[4, 1, 5], [2, 1, 3, 1], 'multiply', true],
    [[3, 40], [2, 3, 40], 'multiply', false],
    [[3, 5], [], 'multiply', false],
    [[3, 5], [1], 'add', true],
  ])('%j with %j: %s, reversed: %s', async (shape, constant, kind, reversed) => {
    const probe: Link = (input) => dense(input[input.length - 1])(input);
    const flatten: Link = (input) => reshape(sizeOf(input))(input);
    const links = [probe, operand(kind, constant, { reversed }), activation('tanh'), flatten, dense(2)];
    const { gradients } = await expectSameEverything(chain(shape, links, HALF), 5);
    expect(gradients[2].length).toBe(sizeOf(constant));
    expect(gradients[2].some((gradient) => gradient !== 0)).toBe(true);
  });
});

test.each<[Shape, Shape, Shape]>([
  [
    [7, 9, 5],
    [7, 9, 5],
    [7, 9, 5],
  ],
  [[3, 1], [4], []],
  [[], [2, 3], [3]],
  [[4], [1, 4], [5, 1]],
])('select of %j, %j and %j', async (...shapes) => {
  const inputs = inputsOf(shapes, 3, 1);
  inputs[0] = new Float32Array(randomIntegers(inputs[0].length, 5, 0, 1));
  await expectLinkAsReference(shapes, select, inputs, { absolute: [0, 1e-5] });
  inputs[1][0] = Number.NaN;
  inputs[2][0] = INF;
  await expectLinkAsReference(shapes, select, inputs, { absolute: [0, 1e-5] });
});

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  const refused = (shapes: Shape[], link: Link) => {
    const graph = new Graph(...shapes);
    graph.after(
      shapes.map((__, i) => i),
      link,
    );
    return refusal(() => engine.createProgram(graph.describe()));
  };

  test.each<[Shape[], Link, string, string]>([
    [[[3], [4]], binary('add'), 'SHAPE_MISMATCH', "don't fit"],
    [[[3], [3], [3]], binary('add'), 'INVALID_ARGUMENT', 'takes two inputs, not 3'],
    [[[3], [3]], binary('plus'), 'UNSUPPORTED', 'plus'],
    [[[3]], operand('add', [4]), 'SHAPE_MISMATCH', "don't fit"],
    [[[3]], operand('add', Number.NaN), 'INVALID_ARGUMENT', 'value is NaN'],
    [
      [[3]],
      () => ({ op: 'operand', attributes: { kind: 'add' }, parameters: [] }),
      'INVALID_ARGUMENT',
      'neither',
    ],
    [[[3], [3]], select, 'INVALID_ARGUMENT', 'takes three inputs, not 2'],
    [[[3], [3], [2]], select, 'SHAPE_MISMATCH', "don't fit"],
  ])('refuses what does not fit: %#', async (shapes, link, code, text) => {
    const found = await refused(shapes, link);
    expect(found.code).toBe(code);
    expect(found.message).toContain(text);
  });
});
