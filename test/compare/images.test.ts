import { expect, test } from 'vitest';
import { drawnImages } from '../../lib/compare/images.js';

test('drawn images show their class by the position of a square', () => {
  const { images, labels } = drawnImages(200);
  expect(new Set(labels)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  labels.forEach((label, index) => {
    const image = images.subarray(index * 784, (index + 1) * 784);
    const middles = [8, 19].flatMap((row) => [3, 8, 13, 18, 23].map((column) => image[row * 28 + column]));
    expect(middles.indexOf(Math.max(...middles))).toBe(label);
  });
});
