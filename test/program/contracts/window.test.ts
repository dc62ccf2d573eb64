import { describe, expect, test } from 'vitest';
import {
  samePadding,
  windowCount,
  windowCounts,
  windowExtent,
} from '../../../lib/program/contracts/window.js';
import { Sampler } from '../../support/engine-comparison.js';

/** Counts the windows one by one. */
function countWindows(cells: number, padding: number, extent: number, stride: number): number {
  let count = 0;
  while (count * stride + extent <= cells + padding) count++;
  return count;
}

const fail = (code: string, message: string): never => {
  throw new Error(`${code}: ${message}`);
};

describe('windows', () => {
  test('their number equals a count by loop', () => {
    const sampler = new Sampler(1);
    for (let i = 0; i < 500; i++) {
      const [cells, padding] = [sampler.whole(1, 20), sampler.whole(0, 6)];
      const [size, dilation, stride] = [sampler.whole(1, 6), sampler.whole(1, 4), sampler.whole(1, 5)];
      const extent = windowExtent(size, dilation);
      expect(extent).toBe(Math.max(...[...Array(size).keys()].map((cell) => cell * dilation)) + 1);
      const counted = countWindows(cells, padding, extent, stride);
      if (counted > 0) expect(windowCount(cells, padding, extent, stride)).toBe(counted);
      else expect(windowCount(cells, padding, extent, stride)).toBeLessThan(1);
    }
  });

  test("'same' pads to ceil(size / stride) windows, an odd cell at the end", () => {
    const sampler = new Sampler(2);
    for (let i = 0; i < 500; i++) {
      const [cells, extent, stride] = [sampler.whole(1, 20), sampler.whole(1, 9), sampler.whole(1, 5)];
      const [before, after] = samePadding(cells, extent, stride);
      expect(countWindows(cells, before + after, extent, stride)).toBe(Math.ceil(cells / stride));
      expect([0, 1]).toContain(after - before);
    }
    expect(samePadding(6, 3, 2)).toEqual([0, 1]);
  });

  test('a window larger than its padded image is refused', () => {
    const attributes = { strides: [1, 1], padding: [1, 0, 0, 0] } as const;
    expect(windowCounts({ attributes, fail }, [4, 5, 1], [5, 5])).toEqual([1, 1]);
    expect(() => windowCounts({ attributes, fail }, [3, 5, 1], [5, 5])).toThrow(
      'SHAPE_MISMATCH: the window 5x5 is larger than its padded input 4x5.',
    );
    expect(() => windowCounts({ attributes, fail }, [9, 8, 1], [5, 5], [1, 2])).toThrow(
      'the window 5x5, dilated to 5x9, is larger than its padded input 10x8.',
    );
  });
});
