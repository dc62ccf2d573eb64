import { describe, expect, it } from 'vitest';
import { epochOrder } from '../../lib/training/shuffle.js';

describe('epochOrder', () => {
  const order = (seed: number, epoch: number) => Array.from(epochOrder(50, seed, epoch, true));
  const natural = Array.from({ length: 50 }, (_, i) => i);

  it('is a permutation that depends on seed and epoch', () => {
    expect(order(1, 0).toSorted((a, b) => a - b)).toEqual(natural);
    const orders = [order(1, 0), order(1, 1), order(2, 0), order(2, 1), order(2 ** 53 - 1, 0)];
    expect(new Set(orders.map(String)).size).toBe(orders.length);
    expect(order(1, 1)).toEqual(orders[1]);
  });

  it('is ascending without shuffling', () => {
    expect(Array.from(epochOrder(50, 1, 3, false))).toEqual(natural);
  });
});
