import { expect, test } from 'vitest';
import { relativeSpread, summarize } from '../../lib/compare/statistics.js';

test('median and quartiles are interpolated', () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25, repeats: 4 });
  expect(summarize([7])).toEqual({ median: 7, low: 7, high: 7, repeats: 1 });
});

test("doesn't sort its argument", () => {
  const values = [3, 1, 2];
  summarize(values);
  expect(values).toEqual([3, 1, 2]);
});

test('no values are refused', () => {
  expect(() => summarize([])).toThrow(RangeError);
});

test('spread is half the interquartile range', () => {
  expect(relativeSpread(summarize([90, 100, 110]))).toBeCloseTo(0.05);
});
