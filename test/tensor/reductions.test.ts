import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/tensor/index.js';

const error = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });
const cube = tf.tensor([
  [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  [
    [7, 8],
    [9, 10],
    [11, -12],
  ],
]);

describe('reductions', () => {
  it('sum over any axes', () => {
    expect(cube.sum().arraySync()).toBe(54);
    expect(cube.sum(0).arraySync()).toEqual([
      [8, 10],
      [12, 14],
      [16, -6],
    ]);
    expect(cube.sum(1).arraySync()).toEqual([
      [9, 12],
      [27, 6],
    ]);
    expect(cube.sum(-1).arraySync()).toEqual([
      [3, 7, 11],
      [15, 19, -1],
    ]);
    expect(cube.sum([0, 2]).arraySync()).toEqual([18, 26, 10]);
    expect(cube.sum([2, 0]).arraySync()).toEqual([18, 26, 10]);
    expect(cube.sum(1, true).shape).toEqual([2, 1, 2]);
    expect(cube.sum(undefined, true).shape).toEqual([1, 1, 1]);
    expect(cube.sum([]).arraySync()).toEqual(cube.arraySync());
  });

  it('have mean, max and min', () => {
    expect(cube.mean().arraySync()).toBe(4.5);
    expect(cube.mean(0).arraySync()).toEqual([
      [4, 5],
      [6, 7],
      [8, -3],
    ]);
    expect(cube.max(1).arraySync()).toEqual([
      [5, 6],
      [11, 10],
    ]);
    expect(cube.min([0, 1]).arraySync()).toEqual([1, -12]);
    expect(tf.max([1, Number.NaN, 2]).arraySync()).toBeNaN();
  });

  it('have argMax and argMin, the first of equal ones', () => {
    expect(cube.argMax(2).dataSync()).toEqual(new Int32Array([1, 1, 1, 1, 1, 0]));
    expect(cube.argMin(-1).dataSync()).toEqual(new Int32Array([0, 0, 0, 0, 0, 1]));
    expect(
      tf
        .tensor([
          [1, 5],
          [2, 4],
        ])
        .argMax()
        .arraySync(),
    ).toEqual([1, 0]);
    expect(tf.argMax([3, 7, 7]).arraySync()).toBe(1);
    expect(tf.argMin([3, 1, 1]).arraySync()).toBe(1);
  });

  it('choose a dtype that holds the result', () => {
    const bytes = tf.tensor(new Uint8Array([200, 100]));
    expect(bytes.sum().dataSync()).toEqual(new Int32Array([300]));
    expect(bytes.mean().dataSync()).toEqual(new Float32Array([150]));
    expect(bytes.max().dataSync()).toEqual(new Uint8Array([200]));
    expect(tf.tensor([true, true, false]).sum().dataSync()).toEqual(new Int32Array([2]));
    expect(tf.tensor([true, false]).mean().arraySync()).toBe(0.5);
  });

  it('sum in float64', () => {
    const many = tf.fill([2 ** 24 + 2], 1);
    expect(many.sum().arraySync()).toBe(2 ** 24 + 2);
  });

  it('handle zero elements', () => {
    expect(tf.zeros([0]).sum().arraySync()).toBe(0);
    expect(tf.zeros([0]).mean().arraySync()).toBeNaN();
    expect(tf.zeros([0, 2]).max(1).shape).toEqual([0]);
    expect(() => tf.zeros([2, 0]).max(1)).toThrow(
      error('INVALID_ARGUMENT', "max: can't reduce an axis of size 0"),
    );
    expect(() => tf.zeros([0]).argMin()).toThrow(
      error('INVALID_ARGUMENT', "argMin: can't reduce an axis of size 0"),
    );
  });

  it('refuse axes out of range', () => {
    expect(() => cube.sum(3)).toThrow(
      error('INVALID_ARGUMENT', 'sum: axis is 3; it must be a whole number from -3 to 2'),
    );
    expect(() => cube.sum([0, -3])).toThrow(error('INVALID_ARGUMENT', 'given twice'));
    expect(() => cube.argMax(1.5)).toThrow(error('INVALID_ARGUMENT', '1.5'));
    expect(() => tf.scalar(1).argMax()).toThrow(error('INVALID_ARGUMENT', 'a scalar has none'));
  });
});

describe('more reductions', () => {
  it('prod, any and all', () => {
    expect(tf.prod([2, 3, 4]).arraySync()).toBe(24);
    expect(tf.tensor2d([1, 2, 3, 4], [2, 2]).prod(0).arraySync()).toEqual([3, 8]);
    const bits = tf.tensor([
      [true, false],
      [false, false],
    ]);
    expect(bits.any(1).arraySync()).toEqual([1, 0]);
    expect(bits.any().dtype).toBe('bool');
    expect(bits.all(0).arraySync()).toEqual([0, 0]);
    expect(tf.all([0.5, 2]).arraySync()).toBe(1);
  });

  it('logSumExp is exact where e^x overflows', () => {
    expect(tf.logSumExp([1000, 1000]).arraySync()).toBeCloseTo(1000 + Math.LN2, 3);
    expect(
      tf.logSumExp(
        [
          [0, 0],
          [-1000, -1001],
        ],
        1,
        true,
      ).shape,
    ).toEqual([2, 1]);
    expect(tf.logSumExp([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]).arraySync()).toBe(
      Number.NEGATIVE_INFINITY,
    );
  });

  it('moments are the mean and the variance of the population', () => {
    const { mean, variance } = tf.moments(
      [
        [1, 3],
        [10, 10],
      ],
      1,
    );
    expect(mean.arraySync()).toEqual([2, 10]);
    expect(variance.arraySync()).toEqual([1, 0]);
    expect(tf.moments([[1, 3]], 0, true).mean.shape).toEqual([1, 2]);
  });
});
