import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { ENGINES } from '../support/engines.js';

const error = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe.each(ENGINES)('on the %s engine', (engine) => {
  const before = tf.getEngine();
  beforeAll(() => tf.setEngine(engine));
  afterAll(() => tf.setEngine(before));

  const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const b = tf.tensor2d([1, 0, 2, 1, 0, 3], [3, 2]);
  const product = [
    [5, 11],
    [14, 23],
  ];

  it('matMul multiplies matrices, or their transposes', () => {
    expect(tf.matMul(a, b).arraySync()).toEqual(product);
    expect(a.matMul(b).arraySync()).toEqual(product);
    expect(tf.matMul(a.transpose(), b, true).arraySync()).toEqual(product);
    expect(a.matMul(b.transpose(), false, true).arraySync()).toEqual(product);
  });

  it('matMul multiplies each pair of a batch', () => {
    const pairs = tf.matMul(tf.stack([a, a.mul(2)]), tf.stack([b, b]));
    expect(pairs.arraySync()).toEqual([product, product.map((row) => row.map((value) => 2 * value))]);
    expect(tf.matMul(tf.zeros([0, 3]), b).shape).toEqual([0, 2]);
    expect(tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])).arraySync()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('matMul broadcasts batch axes', () => {
    const left = tf.range(0, 6).reshape([3, 1, 2]);
    const right = tf.range(0, 8).reshape([2, 1, 2, 2]);
    const made = tf.matMul(left, right);
    expect(made.shape).toEqual([2, 3, 1, 2]);
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++) {
        const each = tf.matMul(left.gather(j), right.gather(i).squeeze([0]));
        expect(made.gather(i).gather(j).arraySync()).toEqual(each.arraySync());
      }
    }
    expect(tf.matMul(a, tf.stack([b, b.mul(2)])).arraySync()).toEqual([
      product,
      product.map((row) => row.map((value) => 2 * value)),
    ]);
    expect(tf.matMul(a.expandDims(), b).shape).toEqual([1, 2, 2]);
  });

  it('dot also takes vectors', () => {
    expect(tf.dot([1, 2], [3, 4]).arraySync()).toBe(11);
    expect(a.dot([1, 0, 1]).arraySync()).toEqual([4, 10]);
    expect(tf.dot([1, 1], a).arraySync()).toEqual([5, 7, 9]);
  });

  it('other shapes are refused', () => {
    expect(() => tf.matMul(a, a)).toThrow(error('SHAPE_MISMATCH', "[2, 3] and [2, 3] can't be multiplied"));
    expect(() => tf.matMul(tf.ones([2, 2, 3]), tf.ones([3, 3, 2]))).toThrow(
      error('SHAPE_MISMATCH', "matMul: the batch axes: shapes [2] and [3] don't fit"),
    );
    expect(() => tf.matMul([1], [1])).toThrow(error('SHAPE_MISMATCH', 'matMul'));
  });

  it('activations are also methods of tensors', () => {
    const x = tf.tensor([-1, 0, 2]);
    expect(x.relu().arraySync()).toEqual([0, 0, 2]);
    expect(x.sigmoid().dataSync()[1]).toBe(0.5);
    expect(x.tanh().dataSync()[2]).toBeCloseTo(Math.tanh(2), 6);
    expect(x.softmax().sum().dataSync()[0]).toBeCloseTo(1, 6);
    expect(x.logSoftmax().exp().sum().dataSync()[0]).toBeCloseTo(1, 5);
    expect(() => x.expandDims().logSoftmax(0)).toThrow(error('UNSUPPORTED', 'axis is 0'));
  });

  it('images are resized with alignCorners, halfPixelCenters or neither', () => {
    const image = tf.tensor3d([0, 4, 8, 12], [2, 2, 1]);
    expect(tf.image.resizeNearestNeighbor(image, [4, 2]).flatten().arraySync()).toEqual([
      0, 4, 0, 4, 8, 12, 8, 12,
    ]);
    const corners = (...options: boolean[]) =>
      tf.image
        .resizeBilinear(image, [2, 4], ...options)
        .flatten()
        .arraySync();
    expect(corners()).toEqual([0, 2, 4, 4, 8, 10, 12, 12]);
    expect(corners(false, true)).toEqual([0, 1, 3, 4, 8, 9, 11, 12]);
    expect(corners(true)).toEqual(
      [0, 4 / 3, 8 / 3, 4, 8, 28 / 3, 32 / 3, 12].map((value) => expect.closeTo(value, 5)),
    );
    expect(() => corners(true, true)).toThrow(error('INVALID_ARGUMENT', 'both true'));
    expect(() => corners(1 as never)).toThrow(error('INVALID_ARGUMENT', 'alignCorners is 1'));
    expect(tf.image.resizeBilinear(image.expandDims(), [3, 3]).shape).toEqual([1, 3, 3, 1]);
    expect(() => tf.image.resizeBilinear(image, [0, 2])).toThrow(error('INVALID_ARGUMENT', 'size'));
  });
});
