import { describe, expect, it } from 'vitest';
import { setSeed } from '../../lib/random/index.js';
import * as util from '../../lib/util/index.js';

describe('util', () => {
  it('counts elements', () => {
    expect(util.sizeFromShape([2, 3, 4])).toBe(24);
    expect(util.sizeFromShape([])).toBe(1);
    expect(() => util.sizeFromShape([-1])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('shuffles in place, repeatably after setSeed', () => {
    const shuffled = () => {
      setSeed(3);
      const values = Array.from({ length: 50 }, (_, i) => i);
      util.shuffle(values);
      return values;
    };
    expect(shuffled()).toEqual(shuffled());
    expect(shuffled()).not.toEqual([...shuffled()].sort((a, b) => a - b));
    expect([...shuffled()].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const bytes = Uint8Array.from([1, 2, 3]);
    util.shuffle(bytes);
    expect([...bytes].sort()).toEqual([1, 2, 3]);
  });

  it('makes shuffled indices', () => {
    setSeed(4);
    const first = util.createShuffledIndices(20);
    setSeed(4);
    expect(util.createShuffledIndices(20)).toEqual(first);
    expect(util.createShuffledIndices(20)).not.toEqual(first);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('has a clock in milliseconds, and toCategorical', () => {
    const before = util.now();
    expect(util.now()).toBeGreaterThanOrEqual(before);
    expect(util.toCategorical([1, 0], 2).arraySync()).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });
});
