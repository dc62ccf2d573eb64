import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/tensor/index.js';

describe('comparisons', () => {
  const a = tf.tensor([1, 2, 3, Number.NaN]);
  const b = tf.tensor([2, 2, 2, Number.NaN]);
  const bits = (tensor: tf.Tensor) => {
    expect(tensor.dtype).toBe('bool');
    return [...tensor.dataSync()];
  };

  it('compare elementwise; NaN is neither equal, greater nor less', () => {
    expect(bits(a.equal(b))).toEqual([0, 1, 0, 0]);
    expect(bits(a.notEqual(b))).toEqual([1, 0, 1, 1]);
    expect(bits(a.greater(b))).toEqual([0, 0, 1, 0]);
    expect(bits(a.greaterEqual(b))).toEqual([0, 1, 1, 0]);
    expect(bits(a.less(b))).toEqual([1, 0, 0, 0]);
    expect(bits(a.lessEqual(2))).toEqual([1, 1, 0, 0]);
    expect(bits(tf.isNaN(a))).toEqual([0, 0, 0, 1]);
  });

  it('combine with logical functions', () => {
    const x = tf.tensor([true, true, false, false]);
    const y = tf.tensor([true, false, true, false]);
    expect(bits(x.logicalAnd(y))).toEqual([1, 0, 0, 0]);
    expect(bits(x.logicalOr(y))).toEqual([1, 1, 1, 0]);
    expect(bits(x.logicalNot())).toEqual([0, 0, 1, 1]);
  });

  it('are counted by sum', () => {
    const predicted = tf
      .tensor([
        [0.1, 0.9],
        [0.8, 0.2],
        [0.3, 0.7],
      ])
      .argMax(-1);
    expect(
      predicted
        .equal(tf.tensor1d([1, 0, 0], 'int32'))
        .sum()
        .dataSync(),
    ).toEqual(Int32Array.of(2));
    expect(predicted.equal([1, 0, 0]).mean().dataSync()[0]).toBeCloseTo(2 / 3, 6);
  });
});
