import { describe, expect, it } from 'vitest';
import { setSeed } from '../../lib/random/index.js';
import { nextFrame } from '../../lib/util/next-frame.js';
import * as util from '../../lib/util/index.js';

describe('util', () => {
  it('counts elements', () => {
    expect(util.sizeFromShape([2, 3, 4])).toBe(24);
    expect(util.sizeFromShape([])).toBe(1);
    expect(() => util.sizeFromShape([-1])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('shuffles in place, reproducibly after setSeed', () => {
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

  it('creates shuffled indices', () => {
    setSeed(4);
    const first = util.createShuffledIndices(20);
    setSeed(4);
    expect(util.createShuffledIndices(20)).toEqual(first);
    expect(util.createShuffledIndices(20)).not.toEqual(first);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('asserts, compares and flattens', () => {
    util.assert(1 + 1 === 2, 'unused');
    expect(() => util.assert(false, () => 'not so')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: 'not so' }),
    );
    expect(() => util.assert(false, 'nor so')).toThrow('nor so');
    expect(util.arraysEqual([1, 2], Int32Array.of(1, 2))).toBe(true);
    expect(util.arraysEqual([1, 2], [1, 3])).toBe(false);
    expect(util.arraysEqual([1], [1, 2])).toBe(false);
    expect(
      util.flatten([
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([1, 2, 3, 4]);
    const known = [0];
    expect(util.flatten([[1], [[2]]], known)).toBe(known);
    expect(known).toEqual([0, 1, 2]);
    const typed = Float32Array.of(1, 2);
    expect(util.flatten([[typed], 3], [] as unknown[], true)).toEqual([typed, 3]);
    expect(util.flatten([[typed], 3])).toEqual([1, 2, 3]);
  });

  it('shuffles two lists in the same order', () => {
    const first = Array.from({ length: 30 }, (_, i) => i);
    const second = first.map((value) => value * 10);
    util.shuffleCombo(first, second);
    expect(second).toEqual(first.map((value) => value * 10));
    expect(first).not.toEqual([...first].sort((a, b) => a - b));
    expect(() => util.shuffleCombo([1], [])).toThrow('1 and 0 elements');
  });

  it('waits for the event loop', async () => {
    const seen: string[] = [];
    setImmediate(() => seen.push('immediate'));
    await nextFrame();
    expect(seen).toEqual(['immediate']);
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
