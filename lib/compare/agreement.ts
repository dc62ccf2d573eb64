import { formatNumber } from './format.js';

/** Outputs must be within this share of the largest expected output, or of 1 if that is larger. */
export const OUTPUT_TOLERANCE = 1e-4;

/** Losses of the first training steps must be within this share of the expected loss. */
export const LOSS_TOLERANCE = 1e-3;

/** Samples whose outputs are compared. */
export const CHECKED_OUTPUTS = 2;

/** Training steps whose losses are compared, and the batch of each. Small, since a library may take a second an image. */
export const CHECKED_STEPS = 2;
export const CHECKED_BATCH = 2;

/** Says how the outputs differ; undefined if they agree. */
export function outputDifference(actual: unknown, expected: readonly number[]): string | undefined {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return difference('output', actual, expected, () => OUTPUT_TOLERANCE * largest);
}

/** Says how the losses differ; undefined if they agree. */
export function lossDifference(actual: unknown, expected: readonly number[]): string | undefined {
  return difference('loss', actual, expected, (value) => LOSS_TOLERANCE * Math.abs(value));
}

function difference(
  what: string,
  actual: unknown,
  expected: readonly number[],
  toleranceOf: (value: number) => number,
): string | undefined {
  if (!Array.isArray(actual) || actual.length !== expected.length)
    return `it gave ${Array.isArray(actual) ? actual.length : 'no'} values of ${what}, not ${expected.length}`;
  const at = expected.findIndex((value, i) => !(Math.abs(actual[i] - value) <= toleranceOf(value)));
  if (at < 0) return undefined;
  return `${what} ${at + 1} is ${Number(actual[at]).toPrecision(5)}, not ${expected[at].toPrecision(5)} (tolerance ${formatNumber(toleranceOf(expected[at]))})`;
}
