import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/tensor/index.js';

const error = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });
const cube = tf.range(0, 24).reshape([2, 3, 4]);

/** The element at an index, found without strides. */
function at(x: tf.Tensor, index: number[]): number {
  return index.reduce<tf.NestedArray>(
    (nested, i) => (nested as tf.NestedArray[])[i],
    x.arraySync(),
  ) as number;
}

describe('reshape', () => {
  it('keeps values and memory', () => {
    const x = tf.tensor([1, 2, 3, 4, 5, 6]);
    expect(x.reshape([2, 3]).arraySync()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.reshape([3, -1]).shape).toEqual([3, 2]);
    expect(x.reshape([2, 3]).dataSync()).toBe(x.dataSync());
    expect(tf.reshape([1], []).arraySync()).toBe(1);
    expect(tf.zeros([0, 4]).reshape([-1, 4]).shape).toEqual([0, 4]);
    expect(cube.flatten().shape).toEqual([24]);
    expect(cube.as1D().shape).toEqual([24]);
    expect(cube.as2D(6, 4).shape).toEqual([6, 4]);
    expect(cube.as3D(4, 3, 2).shape).toEqual([4, 3, 2]);
    expect(cube.as4D(1, 2, 3, 4).shape).toEqual([1, 2, 3, 4]);
    expect(tf.tensor([9]).asScalar().arraySync()).toBe(9);
  });

  it.each([
    { shape: [5], code: 'SHAPE_MISMATCH', text: "can't become [5]" },
    { shape: [5, -1], code: 'SHAPE_MISMATCH', text: 'the -1 in [5, -1]' },
    { shape: [-1, -1], code: 'SHAPE_MISMATCH', text: 'the -1' },
    { shape: [0, -1], code: 'SHAPE_MISMATCH', text: 'the -1' },
    { shape: [-2], code: 'INVALID_ARGUMENT', text: '[-2]' },
    { shape: 6, code: 'INVALID_ARGUMENT', text: '6' },
  ])('refuses $shape', ({ shape, code, text }) => {
    expect(() => tf.tensor([1, 2, 3, 4, 5, 6]).reshape(shape as number[])).toThrow(error(code, text));
  });
});

describe('cast', () => {
  it('converts between dtypes', () => {
    expect(tf.tensor([1.7, -1.7]).toInt().dataSync()).toEqual(new Int32Array([1, -1]));
    expect(
      tf
        .tensor(new Uint8Array([200]))
        .toFloat()
        .dataSync(),
    ).toEqual(new Float32Array([200]));
    expect(tf.tensor([0, 2]).toBool().dataSync()).toEqual(new Uint8Array([0, 1]));
    expect(tf.tensor([300, -1]).asType('uint8').dataSync()).toEqual(new Uint8Array([255, 0]));
    expect(tf.cast([Number.POSITIVE_INFINITY], 'int32').dataSync()).toEqual(new Int32Array([2 ** 31 - 1]));
    expect(() => tf.cast([1], 'string' as never)).toThrow(error('INVALID_ARGUMENT', "'string'"));
  });
});

describe('slice', () => {
  it('takes a contiguous block', () => {
    const part = cube.slice([1, 1, 2], [1, 2, -1]);
    expect(part.arraySync()).toEqual([
      [
        [18, 19],
        [22, 23],
      ],
    ]);
    expect(cube.slice(1).shape).toEqual([1, 3, 4]);
    expect(cube.slice(0, 1).arraySync()).toEqual([(cube.arraySync() as unknown[])[0]]);
    expect(cube.slice([0, 2]).shape).toEqual([2, 1, 4]);
    expect(cube.slice([2]).shape).toEqual([0, 3, 4]);
    expect(tf.slice(tf.range(0, 9, 1, 'int32'), 3, 2).dataSync()).toEqual(new Int32Array([3, 4]));
  });

  it.each([
    { begin: [3], size: undefined },
    { begin: [0], size: [3] },
    { begin: [-1], size: [1] },
    { begin: [0.5], size: [1] },
    { begin: [0], size: [-2] },
    { begin: [0, 0, 0, 0], size: undefined },
  ])('refuses begin $begin, size $size', ({ begin, size }) => {
    expect(() => cube.slice(begin, size)).toThrow(
      error('INVALID_ARGUMENT', 'not inside the shape [2, 3, 4]'),
    );
  });
});

describe('concat and stack', () => {
  it('join along any axis', () => {
    const a = tf.tensor([
      [1, 2],
      [3, 4],
    ]);
    const b = tf.tensor([
      [5, 6],
      [7, 8],
    ]);
    expect(tf.concat([a, b]).arraySync()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ]);
    expect(a.concat(b, 1).arraySync()).toEqual([
      [1, 2, 5, 6],
      [3, 4, 7, 8],
    ]);
    expect(tf.concat([a, [[9], [9]]], -1).arraySync()).toEqual([
      [1, 2, 9],
      [3, 4, 9],
    ]);
    expect(a.concat([b, b]).shape).toEqual([6, 2]);
    expect(tf.stack([a, b]).arraySync()).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]);
    expect(a.stack(b, 2).arraySync()).toEqual([
      [
        [1, 5],
        [2, 6],
      ],
      [
        [3, 7],
        [4, 8],
      ],
    ]);
    expect(tf.stack([tf.scalar(1), tf.scalar(2)], -1).arraySync()).toEqual([1, 2]);
  });

  it("refuse shapes and dtypes that don't fit", () => {
    expect(() => tf.concat([[[1]], [[1, 2]]])).toThrow(error('SHAPE_MISMATCH', 'tensor 1 is [1, 2]'));
    expect(() => tf.concat([[[1]], [1]])).toThrow(error('SHAPE_MISMATCH', 'tensor 1 is [1]'));
    expect(() => tf.stack([[1], [1, 2]])).toThrow(error('SHAPE_MISMATCH', 'stack: tensor 1'));
    expect(() => tf.concat([])).toThrow(error('INVALID_ARGUMENT', 'one tensor or more'));
    expect(() => tf.concat([[1], new Int32Array(1)])).toThrow(error('INVALID_ARGUMENT', 'tensor 1 is int32'));
    expect(() => tf.concat([[1], [2]], 1)).toThrow(error('INVALID_ARGUMENT', 'axis is 1'));
    expect(() => tf.concat([tf.scalar(1), tf.scalar(2)])).toThrow(
      error('INVALID_ARGUMENT', 'a scalar has none'),
    );
  });
});

describe('transpose', () => {
  it('permutes axes', () => {
    expect(
      tf
        .tensor([
          [1, 2, 3],
          [4, 5, 6],
        ])
        .transpose()
        .arraySync(),
    ).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    const moved = cube.transpose([1, 2, 0]);
    expect(moved.shape).toEqual([3, 4, 2]);
    for (const [i, j, k] of [
      [0, 0, 1],
      [2, 3, 0],
      [1, 2, 1],
    ])
      expect(at(moved, [i, j, k])).toBe(at(cube, [k, i, j]));
    expect(tf.transpose([1, 2]).arraySync()).toEqual([1, 2]);
  });

  it.each([[[0, 1]], [[0, 1, 1]], [[0, 1, 3]]])('refuses %j', (permutation) => {
    expect(() => cube.transpose(permutation)).toThrow(error('INVALID_ARGUMENT', 'transpose'));
  });
});

describe('expandDims and squeeze', () => {
  it('add and remove axes of size 1', () => {
    expect(cube.expandDims().shape).toEqual([1, 2, 3, 4]);
    expect(cube.expandDims(-1).shape).toEqual([2, 3, 4, 1]);
    expect(cube.expandDims(1).shape).toEqual([2, 1, 3, 4]);
    const thin = tf.zeros([1, 3, 1]);
    expect(thin.squeeze().shape).toEqual([3]);
    expect(thin.squeeze([0]).shape).toEqual([3, 1]);
    expect(thin.squeeze([-1]).shape).toEqual([1, 3]);
    expect(() => thin.squeeze([1])).toThrow(error('SHAPE_MISMATCH', 'axis 1 of [1, 3, 1] has size 3'));
    expect(() => thin.expandDims(4)).toThrow(error('INVALID_ARGUMENT', 'axis is 4'));
  });
});
