import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/tensor/index.js';

const error = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

/** [2, 3]: [[0, 1, 2], [3, 4, 5]] */
const grid = tf.range(0, 6).reshape([2, 3]);

describe('gather', () => {
  it('takes slices along an axis, also repeatedly', () => {
    expect(grid.gather([1, 0, 1]).arraySync()).toEqual([
      [3, 4, 5],
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(grid.gather([2, 0], 1).arraySync()).toEqual([
      [2, 0],
      [5, 3],
    ]);
    expect(grid.gather([[0], [2]], -1).shape).toEqual([2, 2, 1]);
    expect(grid.gather(1).arraySync()).toEqual([3, 4, 5]);
    expect(tf.tensor([true, false]).gather([1]).dtype).toBe('bool');
  });

  it('with batchDims reads each sample at its own indices', () => {
    const x = tf.range(0, 12).reshape([4, 3]);
    const places = tf.tensor2d([0, 1, 1, 2, 2, 2, 0, 0], [4, 2], 'int32');
    const gathered = tf.gather(x, places, 1, 1);
    expect(gathered.arraySync()).toEqual([
      [0, 1],
      [4, 5],
      [8, 8],
      [9, 9],
    ]);
    expect(x.gather(places, 1, -1).arraySync()).toEqual(gathered.arraySync());
    expect(() => tf.gather(x, places, 0, 1)).toThrow(error('INVALID_ARGUMENT', 'batchDims is 1'));
    expect(() => tf.gather(x, places, 1, 1.5)).toThrow(error('INVALID_ARGUMENT', 'batchDims is 1.5'));
    expect(() => tf.gather(x, places.slice(1), 1, 1)).toThrow(error('SHAPE_MISMATCH', '[4, 3]'));
  });

  it('refuses invalid indices', () => {
    expect(() => grid.gather([2])).toThrow(
      error('INVALID_ARGUMENT', 'the index 2 is not a whole number from 0 to 1'),
    );
    expect(() => grid.gather([0.5])).toThrow(error('INVALID_ARGUMENT', '0.5'));
  });
});

describe('reverse', () => {
  it('reverses axes', () => {
    expect(grid.reverse().arraySync()).toEqual([
      [5, 4, 3],
      [2, 1, 0],
    ]);
    expect(grid.reverse(1).arraySync()).toEqual([
      [2, 1, 0],
      [5, 4, 3],
    ]);
    expect(grid.reverse([0]).arraySync()).toEqual([
      [3, 4, 5],
      [0, 1, 2],
    ]);
    expect(tf.zeros([0, 2]).reverse().shape).toEqual([0, 2]);
  });
});

describe('tile and pad', () => {
  it('repeat, and surround with a constant', () => {
    expect(grid.tile([1, 2]).arraySync()).toEqual([
      [0, 1, 2, 0, 1, 2],
      [3, 4, 5, 3, 4, 5],
    ]);
    expect(tf.tensor([1, 2]).tile([3]).arraySync()).toEqual([1, 2, 1, 2, 1, 2]);
    expect(grid.tile([0, 1]).shape).toEqual([0, 3]);
    expect(
      grid
        .pad(
          [
            [1, 0],
            [0, 2],
          ],
          9,
        )
        .arraySync(),
    ).toEqual([
      [9, 9, 9, 9, 9],
      [0, 1, 2, 9, 9],
      [3, 4, 5, 9, 9],
    ]);
    expect(
      tf
        .tensor1d([1], 'int32')
        .pad([[1, 1]])
        .dataSync(),
    ).toEqual(Int32Array.of(0, 1, 0));
  });

  it("refuse arguments that don't fit the axes", () => {
    expect(() => grid.tile([2])).toThrow(error('INVALID_ARGUMENT', 'for each axis of [2, 3]'));
    expect(() => grid.pad([[1, 1]])).toThrow(error('INVALID_ARGUMENT', 'for each axis of [2, 3]'));
    expect(() => tf.pad([1], [[-1, 0]])).toThrow(error('INVALID_ARGUMENT', 'pad'));
  });
});

describe('split and unstack', () => {
  it('split along an axis', () => {
    expect(grid.split(3, 1).map((part) => part.arraySync())).toEqual([
      [[0], [3]],
      [[1], [4]],
      [[2], [5]],
    ]);
    expect(grid.split([1, 2], -1)[1].arraySync()).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(grid.unstack().map((part) => part.arraySync())).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(grid.unstack(1)[2].arraySync()).toEqual([2, 5]);
  });

  it("refuse sizes that don't add up to the axis", () => {
    expect(() => grid.split(2, 1)).toThrow(error('SHAPE_MISMATCH', "axis 1 of [2, 3] can't be split into 2"));
    expect(() => grid.split([1, 1], 1)).toThrow(error('SHAPE_MISMATCH', '[1, 1]'));
  });
});

describe('topk', () => {
  it('returns the largest first, and of equal values the first', () => {
    const { values, indices } = tf
      .tensor([
        [1, 5, 3],
        [2, 2, 7],
      ])
      .topk(2);
    expect(values.arraySync()).toEqual([
      [5, 3],
      [7, 2],
    ]);
    expect(indices.arraySync()).toEqual([
      [1, 2],
      [2, 0],
    ]);
    expect(indices.dtype).toBe('int32');
    const extreme = tf.topk([1, Number.NaN, Number.POSITIVE_INFINITY, 3, Number.POSITIVE_INFINITY], 4);
    expect(extreme.indices.arraySync()).toEqual([1, 2, 4, 3]);
    expect(tf.topk([3, 9]).indices.arraySync()).toEqual([1]);
  });

  it('refuses k larger than the axis', () => {
    expect(() => tf.topk([1, 2], 3)).toThrow(error('INVALID_ARGUMENT', 'from 0 to 2'));
  });
});

describe('where', () => {
  it('chooses elementwise, with broadcasting', () => {
    expect(tf.where([true, false, true], [1, 2, 3], [4, 5, 6]).arraySync()).toEqual([1, 5, 3]);
    expect(tf.where(grid.greater(2), grid, 0).arraySync()).toEqual([
      [0, 0, 0],
      [3, 4, 5],
    ]);
    const whole = tf.tensor1d([1, 2], 'int32');
    expect(tf.where([true, false], whole, whole).dtype).toBe('int32');
    expect(tf.where([true, false], whole, [0.5, 0.5]).dataSync()).toEqual(Float32Array.of(1, 0.5));
    expect(tf.where([true], whole, tf.tensor([true])).dtype).toBe('int32');
  });
});
