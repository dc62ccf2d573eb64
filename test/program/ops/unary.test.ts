import { describe, expect, test } from 'vitest';
import { clip, expectLinkAsReference, unary } from '../../support/arithmetic.js';
import { UNARY_KINDS } from '../../support/arithmetic-kinds.js';
import { activation, chain, dense, training } from '../../support/chain.js';
import { expectSameAsReference, NAMED_ENGINES } from '../../support/engine-comparison.js';
import { refusal } from '../../support/engine-runs.js';
import { randomNumbers } from '../../support/numeric.js';
import { SMALLEST, SPECIAL_VALUES } from '../../support/special-values.js';

// The ops unary and clip, in the native engine against the reference engine.

/** Without what the native engine flushes to zero, where some functions jump. */
const SPECIAL = SPECIAL_VALUES.filter((value) => value === 0 || !(Math.abs(value) < SMALLEST));

/** Numbers of all magnitudes, halves, whole numbers, and numbers near the steps of 'round' and its like. */
const NUMBERS = Float32Array.from([
  ...randomNumbers(500, 1, -4, 4),
  ...randomNumbers(100, 2, -100, 100),
  ...randomNumbers(100, 3, -3e5, 3e5),
  ...randomNumbers(100, 4, -1e-3, 1e-3),
  ...Array.from({ length: 41 }, (_, i) => i / 2 - 10),
  ...[0.49999997, 1.4999999, 2.5000002, -0.49999997, 8388607.5, 8388609, -8388607.5, 16777216],
]);

/** Where terms cancel, the error is absolute. */
const CANCELLING: Partial<Record<string, number>> = { sin: 2e-7, cos: 2e-7 };

describe.each(UNARY_KINDS)('%s', (kind) => {
  const bounds = { absolute: CANCELLING[kind] ?? 1e-36, relative: 1e-6 };

  test('of numbers', () => expectLinkAsReference([[1]], unary(kind), [NUMBERS], bounds));

  test('of NaN, infinity and the ends of float32', async () => {
    const finite = Float32Array.from(SPECIAL.filter(Number.isFinite));
    await expectLinkAsReference([[1]], unary(kind), [finite], bounds);
    // Gradients may be anything here.
    const x = Float32Array.from([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    await expectLinkAsReference([[3]], unary(kind), [x], { absolute: [1e-36, Number.POSITIVE_INFINITY] });
  });

  test('of positive numbers down to the least', () => {
    const x = Float32Array.from({ length: 250 }, (_, i) => 1.1 * 2 ** (i - 125));
    return expectLinkAsReference([[5, 2]], unary(kind), [x], bounds);
  });
});

test('sine and cosine of large angles, which many turns are taken off', async () => {
  const x = Float32Array.from(
    { length: 400 },
    (_, i) => (i % 2 ? -1 : 1) * (1 + i / 401) * 2 ** (10 + i / 4),
  );
  // Near a multiple of pi / 2.
  x.set([131071.99, 131072, 131072.02, 16367173 * 2 ** 72, 3.4028235e38]);
  for (const kind of ['sin', 'cos']) {
    const { outputs } = await expectLinkAsReference([[1]], unary(kind), [x], { absolute: 2e-7 });
    expect(Math.max(...outputs[0])).toBeLessThanOrEqual(1);
  }
});

test('known values', async () => {
  const valuesOf = async (kind: string, x: number[]) => {
    const { outputs } = await expectLinkAsReference([[x.length]], unary(kind), [Float32Array.from(x)]);
    return [...outputs[0]].map((value) => value + 0);
  };
  expect(await valuesOf('round', [0.5, 1.5, 2.5, -0.5, -1.5, -2.5])).toEqual([0, 2, 2, 0, -2, -2]);
  expect(await valuesOf('floor', [0.5, -0.5, 3, -3.5])).toEqual([0, -1, 3, -4]);
  expect(await valuesOf('ceil', [0.5, -0.5, 3, -3.5])).toEqual([1, 0, 3, -3]);
  expect(await valuesOf('sign', [0.5, -0.5, 0])).toEqual([1, -1, 0]);
  expect(await valuesOf('logicalNot', [0, 1, -0.5])).toEqual([1, 0, 0]);
  expect(await valuesOf('isNaN', [0, Number.NaN])).toEqual([0, 1]);
  expect(await valuesOf('log', [1, 0, Number.POSITIVE_INFINITY])).toEqual([0, -Infinity, Infinity]);
});

describe.each([
  [{}],
  [{ min: -0.5 }],
  [{ max: 0.25 }],
  [{ min: -0.5, max: 1 }],
  [{ min: 0, max: 0 }],
  [{ min: 1, max: -1 }],
])('clip to %j', (limits) => {
  test('numbers, the limits among them, NaN and infinity', () =>
    expectLinkAsReference([[1]], clip(limits), [Float32Array.from([...NUMBERS, ...SPECIAL, 0.25])]));

  test('between layers', () =>
    expectSameAsReference({ input: [7], links: [dense(5), clip(limits), dense(3)], samples: 4, seed: 3 }));
});

test('the gradient of clip is 1 at both limits', async () => {
  const x = Float32Array.from([-1, -0.5, 0, 0.5, 1]);
  const { gradients } = await expectLinkAsReference([[5]], clip({ min: -0.5, max: 0.5 }), [x]);
  expect([...gradients[0]].map((gradient) => gradient !== 0)).toEqual([false, true, true, true, false]);
});

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  test.each([
    [unary('cube'), 'UNSUPPORTED', 'cube'],
    [clip({ min: Number.NaN }), 'INVALID_ARGUMENT', 'min is NaN; it must be a finite number'],
    [clip({ max: Number.POSITIVE_INFINITY }), 'INVALID_ARGUMENT', 'max is'],
    [activation('celu', { alpha: 0 }), 'INVALID_ARGUMENT', 'alpha is 0; it must be a positive number'],
    [activation('hardSigmoid', { offset: Number.NaN }), 'INVALID_ARGUMENT', 'offset is NaN; it must be'],
  ])('refuses what the contract excludes: %#', async (link, code, text) => {
    const description = chain([3], [link], training('halfSquaredError'));
    const found = await refusal(() => engine.createProgram(description));
    expect(found.code).toBe(code);
    expect(found.message).toContain(text);
  });
});
