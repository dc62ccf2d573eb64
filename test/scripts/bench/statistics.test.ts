import { expect, test } from 'vitest';
import { relativeSpread, summarize } from '../../../scripts/bench/support/statistics.js';

test('median and quartiles lie between neighbours', () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25, repeats: 4 });
  expect(summarize([7])).toEqual({ median: 7, low: 7, high: 7, repeats: 1 });
});

test('values stay in their order', () => {
  const values = [3, 1, 2];
  summarize(values);
  expect(values).toEqual([3, 1, 2]);
});

test('there is nothing to say of no values', () => {
  expect(() => summarize([])).toThrow(RangeError);
});

test('spread is half of what lies between the quartiles', () => {
  expect(relativeSpread(summarize([90, 100, 110]))).toBeCloseTo(0.05);
});
