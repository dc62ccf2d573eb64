import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/tensor/index.js';

const error = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });
const bytes = (...values: number[]) => tf.tensor(new Uint8Array(values));
const whole = (...values: number[]) => tf.tensor(new Int32Array(values));

describe('arithmetic', () => {
  it('works elementwise, as method and function', () => {
    const a = tf.tensor([1, 2, 3]);
    const b = tf.tensor([4, 0, -2]);
    expect(a.add(b).arraySync()).toEqual([5, 2, 1]);
    expect(a.sub(b).arraySync()).toEqual([-3, 2, 5]);
    expect(a.mul(b).arraySync()).toEqual([4, 0, -6]);
    expect(a.div(b).arraySync()).toEqual([0.25, Number.POSITIVE_INFINITY, -1.5]);
    expect(a.maximum(b).arraySync()).toEqual([4, 2, 3]);
    expect(a.minimum(b).arraySync()).toEqual([1, 0, -2]);
    expect(a.equal([1, 5, 3]).dataSync()).toEqual(new Uint8Array([1, 0, 1]));
    expect(a.equal(2).dtype).toBe('bool');
    expect(tf.add(1, b).arraySync()).toEqual([5, 1, -1]);
    expect(tf.sub(1, b).arraySync()).toEqual([-3, 1, 3]);
    expect(tf.add(1, 2).arraySync()).toBe(3);
  });

  it('broadcasts shapes as NumPy does', () => {
    const column = tf.tensor([[1], [2]]);
    const row = tf.tensor([10, 20, 30]);
    expect(column.add(row).arraySync()).toEqual([
      [11, 21, 31],
      [12, 22, 32],
    ]);
    expect(row.sub(column).arraySync()).toEqual([
      [9, 19, 29],
      [8, 18, 28],
    ]);
    expect(tf.zeros([2, 1, 3]).add(tf.ones([4, 1])).shape).toEqual([2, 4, 3]);
    expect(tf.ones([2, 2]).mul(tf.scalar(3)).arraySync()).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expect(tf.zeros([0, 3]).add(tf.ones([1, 3])).shape).toEqual([0, 3]);
    expect(() => tf.zeros([2, 3]).add(tf.zeros([2]))).toThrow(
      error('SHAPE_MISMATCH', "add: shapes [2, 3] and [2] don't fit"),
    );
  });

  it('chooses a dtype that holds the result', () => {
    expect(bytes(200).add(bytes(100)).dataSync()).toEqual(new Int32Array([300]));
    expect(bytes(1).sub(bytes(2)).dataSync()).toEqual(new Int32Array([-1]));
    expect(bytes(255).div(255).dataSync()).toEqual(new Float32Array([1]));
    expect(whole(7).div(whole(2)).dataSync()).toEqual(new Float32Array([3.5]));
    expect(whole(7).add(1).dtype).toBe('int32');
    expect(whole(7).mul(0.5).dataSync()).toEqual(new Float32Array([3.5]));
    expect(whole(7).add(tf.tensor([1])).dtype).toBe('float32');
    expect(
      tf
        .tensor([true])
        .add(tf.tensor([true]))
        .dataSync(),
    ).toEqual(new Int32Array([2]));
    expect(bytes(3).neg().dataSync()).toEqual(new Int32Array([-3]));
    expect(bytes(20).square().dataSync()).toEqual(new Int32Array([400]));
    expect(bytes(3).abs().dtype).toBe('uint8');
  });

  it('has functions of one tensor', () => {
    expect(tf.tensor([-2, 3]).neg().arraySync()).toEqual([2, -3]);
    expect(tf.tensor([-2, 3]).abs().arraySync()).toEqual([2, 3]);
    expect(tf.tensor([-2, 3]).square().arraySync()).toEqual([4, 9]);
    expect(tf.tensor([4, 9]).sqrt().arraySync()).toEqual([2, 3]);
    expect(whole(2).sqrt().dataSync()).toEqual(new Float32Array([Math.SQRT2]));
    expect(tf.tensor([0, 1]).exp().dataSync()).toEqual(new Float32Array([1, Math.E]));
    expect(tf.tensor([1, Math.E]).log().arraySync()).toEqual([0, expect.closeTo(1, 6)]);
  });

  it('has powers, differences, limits and roundings', () => {
    const x = tf.tensor([-2.5, -0.5, 0.5, 1.5, 2.4]);
    expect(x.round().arraySync()).toEqual([-2, 0, 0, 2, 2]);
    expect(x.floor().arraySync()).toEqual([-3, -1, 0, 1, 2]);
    expect(x.ceil().arraySync()).toEqual([-2, -0, 1, 2, 3]);
    expect(x.sign().arraySync()).toEqual([-1, -1, 1, 1, 1]);
    expect(x.clipByValue(-1, 1).arraySync()).toEqual([-1, -0.5, 0.5, 1, 1]);
    expect(tf.tensor([2, 3]).pow(2).arraySync()).toEqual([4, 9]);
    expect(whole(2).pow(whole(3)).dataSync()).toEqual(new Int32Array([8]));
    expect(tf.tensor([1, 5]).squaredDifference([3, 2]).arraySync()).toEqual([4, 9]);
    expect(tf.log1p(tf.tensor([1e-8])).arraySync()).toEqual([Math.fround(1e-8)]);
    expect(tf.reciprocal([4, 0]).arraySync()).toEqual([0.25, Number.POSITIVE_INFINITY]);
    expect(tf.sin([0, Math.PI / 2]).arraySync()).toEqual([0, 1]);
    expect(tf.cos([0]).arraySync()).toEqual([1]);
    expect(() => x.clipByValue(1, -1)).toThrow(
      error('INVALID_ARGUMENT', 'clipValueMin is 1 and clipValueMax -1'),
    );
  });

  it('names the argument that is not a tensor', () => {
    expect(() => tf.tensor([1]).add('x' as never)).toThrow(error('INVALID_ARGUMENT', "add: b: 'x'"));
    expect(() => tf.mul(undefined as never, [1])).toThrow(error('INVALID_ARGUMENT', 'mul: a'));
  });
});
