import { expect } from 'vitest';

/** The unit roundoff of float32. */
export const ROUNDOFF = 2 ** -24;

/**
 * How much a rounding of the sums of a model may count: the roundings of a sum of n terms make an error of
 * about sqrt(n) roundoffs. n is that of the largest sum that a model of so many elements can have.
 */
export const sumRoundoff = (elements: number): number => Math.sqrt(elements) * ROUNDOFF;

/**
 * Allows for that the runs which tell the noise are few, and for all the roundings that aren't those of sums.
 */
const FACTOR = 4;

/** The largest part of its bound that a difference has had. */
export const worst = { share: 0, what: '' };

/**
 * The rounding errors of what an optimizer keeps of gradients: of means of gradients, or of their squares.
 * `largest` is the largest of its kind in the model, `own` that in this slot.
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
 * Fails unless `actual` is what the first of `runs` gave, up to rounding. The other runs tell what rounding
 * does: in them, weights and inputs are changed by `roundoff` of themselves, as much as the roundings of sums
 * could. The bound is the largest difference that this makes in any element (at least `least`), and
 * `roundoff` of the largest one, both times FACTOR.
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
