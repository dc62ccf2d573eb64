import { expect } from 'vitest';

/** The unit roundoff of float32. */
export const ROUNDOFF = 2 ** -24;

/**
 * The relative rounding error of a model's sums. A sum of n terms has an error of about sqrt(n) unit
 * roundoffs. n is the length of the largest sum that a model of `elements` elements can have.
 */
export const sumRoundoff = (elements: number): number => Math.sqrt(elements) * ROUNDOFF;

/**
 * A safety factor: the noise is estimated from few runs, and roundings occur outside of sums, too.
 */
const FACTOR = 4;

/** The largest ratio of a difference to its bound so far. */
export const worst = { share: 0, what: '' };

/**
 * The rounding errors of an optimizer's slots, which are means of gradients or of their squares. `largest`
 * is the largest value of this kind in the model, `own` the largest in this slot.
 *
 * A gradient g is off by e = FACTOR * roundoff * G, where G is the largest gradient, and its square by 2 g e
 * + e^2. What this returns is multiplied by FACTOR.
 */
export function slotNoise(name: string, largest: number, own: number, roundoff: number): number {
  const isOfSquares = /\/(v|rms|accumulator|accumGrad|accumVar)$/.test(name);
  if (!isOfSquares) return roundoff * largest;
  return 2 * roundoff * Math.sqrt(own * largest) + FACTOR * roundoff * roundoff * largest;
}

/**
 * Fails unless `actual` equals the result of the first of `runs`, up to rounding. The other runs estimate
 * the effect of rounding: their weights and inputs are perturbed by a relative `roundoff`, the size of the
 * rounding errors of sums. The bound is FACTOR times the sum of the largest difference between runs in any
 * element (at least `least`) and of `roundoff` times the largest element.
 */
export function expectSameUpToRounding(
  what: string,
  actual: ArrayLike<number>,
  runs: readonly ArrayLike<number>[],
  roundoff: number,
  least = 0,
): void {
  const [expected, ...others] = runs;
  expect(actual.length, `${what}: number of elements`).toBe(expected.length);
  let [noise, scale] = [least, 0];
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    for (const other of others) noise = Math.max(noise, Math.abs(other[i] - expected[i]));
  }
  const bound = FACTOR * (noise + roundoff * scale);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= bound))
      expect.fail(
        `${what}: element ${i} is ${actual[i]}; TF.js has ${expected[i]}, and rounding explains ${bound}`,
      );
    if (bound > 0 && difference / bound > worst.share)
      Object.assign(worst, { share: difference / bound, what });
  }
}
