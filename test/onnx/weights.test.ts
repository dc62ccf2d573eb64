import { describe, expect, test } from 'vitest';
import { permuted } from '../../lib/onnx/weights.js';

function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value as T;
  }
}

/** Element by element. */
function permutedByIndex(source: Float32Array, shape: readonly number[], axes: readonly number[]): number[] {
  const sizes = axes.map((axis) => shape[axis]);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return Array.from({ length: source.length }, (_, index) => {
    let [rest, at] = [index, 0];
    for (let i = axes.length - 1; i >= 0; i--) {
      at += (rest % sizes[i]) * strides[axes[i]];
      rest = Math.floor(rest / sizes[i]);
    }
    return source[at];
  });
}

describe('permuted', () => {
  test.each([
    [[], []],
    [[5], [0]],
    [
      [33, 70],
      [1, 0],
    ],
    [
      [33, 70],
      [0, 1],
    ],
    [
      [40, 5, 3, 2],
      [2, 3, 1, 0],
    ],
    [
      [2, 35, 3, 37],
      [3, 0, 2, 1],
    ],
    [
      [3, 4, 65],
      [1, 0, 2],
    ],
    [
      [600, 700],
      [1, 0],
    ],
    [
      [0, 3],
      [1, 0],
    ],
  ])('copies %j with the axes %j', (shape, axes) => {
    const source = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
    expect([...finish(permuted(source, shape, axes))]).toEqual(permutedByIndex(source, shape, axes));
  });
});
