import type { FloatArray } from './precision.js';

/**
 * Writes the softmax of the row.length logits from `start` on to `row`, and returns log(sum(exp(logits))). It
 * subtracts the maximum first, so that no exponential overflows.
 */
export function softmaxRow(logits: FloatArray, start: number, row: Float64Array): number {
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < row.length; i++) maximum = Math.max(maximum, logits[start + i]);
  let sum = 0;
  for (let i = 0; i < row.length; i++) {
    row[i] = Math.exp(logits[start + i] - maximum);
    sum += row[i];
  }
  for (let i = 0; i < row.length; i++) row[i] /= sum;
  return maximum + Math.log(sum);
}
