import { describe, expect, it } from 'vitest';
import { slopeOf } from '../../scripts/soak/slope.js';

describe('slopeOf', () => {
  it('is that of the line, without error, for points on a line', () => {
    const { value, error } = slopeOf([0, 1, 2, 5].map((x) => [x, 7 - 3 * x]));
    expect(value).toBeCloseTo(-3, 12);
    expect(error).toBeCloseTo(0, 12);
  });

  it('has the standard error of a least-squares fit', () => {
    // The residuals are -1/3, 2/3 and -1/3 around the slope 1/2: sqrt(2/3 / (3 - 2) / 2).
    const { value, error } = slopeOf([
      [0, 0],
      [1, 1.5],
      [2, 1],
    ]);
    expect(value).toBeCloseTo(0.5, 12);
    expect(error).toBeCloseTo(Math.sqrt(2 / 3 / 2), 12);
  });
});
