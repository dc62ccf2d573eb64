import { expect } from 'vitest';

const { NaN: NAN, POSITIVE_INFINITY: INFINITY } = Number;

/** The largest float32, and the smallest positive normal one. */
export const LARGEST = 3.4028234663852886e38;
export const SMALLEST = 1.1754943508222875e-38;

/**
 * Values that break formulas: NaN, infinities, the ends of float32, arguments for which e^x overflows or
 * underflows, denormals, zeros.
 */
export const SPECIAL_VALUES: readonly number[] = [
  NAN,
  ...[
    INFINITY,
    LARGEST,
    1e30,
    1e19,
    1e10,
    1e8,
    1e6,
    1e4,
    1000,
    104,
    89,
    88.5,
    88,
    87.5,
    87,
    30,
    20,
    9,
    3,
    1,
    0.6,
    1e-3,
    1e-10,
    1e-20,
    1e-30,
    2e-38,
    1e-40,
    0,
  ].flatMap((value) => [value, -value]),
].map(Math.fround);

/** The float32 value, with denormals flushed to zero. */
export function toFloat32(value: number): number {
  return Math.abs(value) < SMALLEST ? 0 : Math.fround(value);
}

/**
 * Fails unless both are NaN, both the same infinity, or both finite and close: NaN and infinity must be
 * neither hidden nor invented.
 */
export function expectSame(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 1e-36, relative = 1e-6, what = (index: number) => `element ${index}` } = {},
): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const wanted = toFloat32(expected[i]);
    const equal = Object.is(actual[i], wanted) || actual[i] === wanted;
    if (equal || Math.abs(actual[i] - wanted) <= absolute + relative * Math.abs(wanted)) continue;
    expect.fail(`${what(i)} is ${actual[i]}; expected ${wanted}`);
  }
}
