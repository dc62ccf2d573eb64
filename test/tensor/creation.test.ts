import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/tensor/index.js';

const error = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('tensor', () => {
  it.each([
    { values: [1, 2, 3], shape: [3], dtype: 'float32' },
    {
      values: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      shape: [2, 3],
      dtype: 'float32',
    },
    { values: [true, false], shape: [2], dtype: 'bool' },
    { values: 5, shape: [], dtype: 'float32' },
    { values: [], shape: [0], dtype: 'float32' },
    { values: [[], []], shape: [2, 0], dtype: 'float32' },
    { values: new Float32Array([1]), shape: [1], dtype: 'float32' },
    { values: new Float64Array([1]), shape: [1], dtype: 'float32' },
    { values: new Int32Array([1]), shape: [1], dtype: 'int32' },
    { values: new Int8Array([-1]), shape: [1], dtype: 'int32' },
    { values: new Int16Array([-1]), shape: [1], dtype: 'int32' },
    { values: new Uint16Array([65535]), shape: [1], dtype: 'int32' },
    { values: new Uint32Array([2 ** 31 - 1]), shape: [1], dtype: 'int32' },
    { values: new Uint8Array([255]), shape: [1], dtype: 'uint8' },
    { values: new Uint8ClampedArray([255]), shape: [1], dtype: 'uint8' },
    { values: Buffer.from([7, 8]), shape: [2], dtype: 'uint8' },
    { values: [new Float32Array([1, 2]), new Float32Array([3, 4])], shape: [2, 2], dtype: 'float32' },
  ])('infers $shape $dtype from $values', ({ values, shape, dtype }) => {
    const made = tf.tensor(values);
    expect(made.shape).toEqual(shape);
    expect(made.dtype).toBe(dtype);
    expect(made.rank).toBe(shape.length);
    expect(made.size).toBe(shape.reduce((product, size) => product * size, 1));
    const flat = (value: unknown): number[] =>
      typeof value === 'object' ? Array.from(value as ArrayLike<unknown>).flatMap(flat) : [Number(value)];
    expect([...made.dataSync()]).toEqual(flat(values));
  });

  it('arranges flat values in a shape, and converts to a dtype', () => {
    expect(tf.tensor([1, 2, 3, 4, 5, 6], [2, 3]).arraySync()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const whole = tf.tensor([1.9, -1.9, 3e9, Number.NaN], undefined, 'int32');
    expect([...whole.dataSync()]).toEqual([1, -1, 2 ** 31 - 1, 0]);
    expect([...tf.tensor([-3, 254.7, 300], [3], 'uint8').dataSync()]).toEqual([0, 254, 255]);
    expect([...tf.tensor([0, 0.5, -2], [3], 'bool').dataSync()]).toEqual([0, 1, 1]);
  });

  it('keeps typed arrays without a copy, but copies shared and resizable memory', () => {
    const own = new Float32Array([1, 2]);
    expect(tf.tensor(own).dataSync()).toBe(own);
    const shared = new Float32Array(new SharedArrayBuffer(8)).fill(3);
    const fromShared = tf.tensor(shared);
    shared.fill(9);
    expect([...fromShared.dataSync()]).toEqual([3, 3]);
    const Resizable = ArrayBuffer as unknown as new (
      size: number,
      options: object,
    ) => ArrayBuffer & { resize(size: number): void };
    const buffer = new Resizable(8, { maxByteLength: 8 });
    const fromResizable = tf.tensor(new Float32Array(buffer, 0, 2).fill(4));
    buffer.resize(0);
    expect([...fromResizable.dataSync()]).toEqual([4, 4]);
  });

  it('names the position where an array is not rectangular', () => {
    expect(() => tf.tensor([[1, 2], [3]])).toThrow(error('SHAPE_MISMATCH', 'tensor at [1]: an array of 1'));
    expect(() =>
      tf.tensor([
        [[1], [2]],
        [[3], [4, 5]],
      ]),
    ).toThrow(error('SHAPE_MISMATCH', 'at [1, 1]'));
    expect(() => tf.tensor([1, [2]])).toThrow(error('SHAPE_MISMATCH', 'at [1]: an array of 1'));
    expect(() => tf.tensor([[1], 2])).toThrow(error('SHAPE_MISMATCH', 'at [1]: a number'));
  });

  it("refuses values that aren't numbers", () => {
    expect(() => tf.tensor([1, '2'] as never)).toThrow(error('INVALID_ARGUMENT', "tensor at [1]: '2'"));
    expect(() => tf.tensor(undefined as never)).toThrow(error('INVALID_ARGUMENT', 'undefined'));
    expect(() => tf.tensor([1, true])).toThrow(error('INVALID_ARGUMENT', 'mixed'));
    expect(() => tf.tensor(new BigInt64Array(1) as never)).toThrow(
      error('INVALID_ARGUMENT', 'BigInt64Array'),
    );
    expect(() => tf.tensor(new Uint32Array([1, 2 ** 31]))).toThrow(
      error('INVALID_ARGUMENT', 'element 1 is 2147483648'),
    );
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(() => tf.tensor(cyclic as never)).toThrow(error('INVALID_ARGUMENT', '16 deep'));
  });

  it("refuses invalid shapes, and shapes that don't fit", () => {
    expect(() => tf.tensor([1, 2, 3], [2, 2])).toThrow(error('SHAPE_MISMATCH', '[2, 2], which has 4'));
    expect(() => tf.tensor([1], [-1])).toThrow(error('INVALID_ARGUMENT', '[-1]'));
    expect(() => tf.tensor([1], [1.5])).toThrow(error('INVALID_ARGUMENT', '1.5'));
    expect(() => tf.tensor([1], [Number.NaN])).toThrow(error('INVALID_ARGUMENT', 'NaN'));
    expect(() => tf.tensor([1], [1], 'float64' as never)).toThrow(
      error('INVALID_ARGUMENT', "dtype 'float64'"),
    );
    expect(() => tf.tensor([1], [1], 'constructor' as never)).toThrow(
      error('INVALID_ARGUMENT', 'constructor'),
    );
    expect(() => tf.zeros([2 ** 30, 2 ** 30])).toThrow(error('TOO_LARGE', 'too many'));
    expect(() => tf.zeros([2 ** 16, 2 ** 17])).toThrow(error('TOO_LARGE', 'at most'));
  });

  it("requires the dtype's typed array in the constructor", () => {
    expect(() => new tf.Tensor(new Float32Array(2), [2], 'int32')).toThrow(
      error('INVALID_ARGUMENT', 'int32'),
    );
    expect(() => new tf.Tensor(new Float32Array(2), [3], 'float32')).toThrow(
      error('SHAPE_MISMATCH', '3 elements'),
    );
  });
});

describe('tensors of a rank', () => {
  it('are created by tensor1d to tensor6d', () => {
    expect(tf.tensor1d([1, 2]).shape).toEqual([2]);
    expect(tf.tensor2d([1, 2], [1, 2]).shape).toEqual([1, 2]);
    expect(tf.tensor3d([[[1]]]).shape).toEqual([1, 1, 1]);
    expect(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1], 'int32').dtype).toBe('int32');
    expect(tf.scalar(3).shape).toEqual([]);
    expect(tf.scalar(true).dtype).toBe('bool');
  });

  it('refuse another rank', () => {
    expect(() => tf.tensor1d([[1]])).toThrow(error('SHAPE_MISMATCH', 'tensor1d'));
    expect(() => tf.tensor2d([1, 2])).toThrow(error('SHAPE_MISMATCH', 'not 2'));
    expect(() => tf.scalar([1] as never)).toThrow(error('INVALID_ARGUMENT', 'scalar'));
  });
});

describe('filled tensors and sequences', () => {
  it('are created', () => {
    expect(tf.zeros([2, 1]).arraySync()).toEqual([[0], [0]]);
    expect(tf.ones([2], 'int32').dataSync()).toEqual(new Int32Array([1, 1]));
    expect(tf.fill([2], 7.5).arraySync()).toEqual([7.5, 7.5]);
    expect(tf.range(0, 5, 2).arraySync()).toEqual([0, 2, 4]);
    expect(tf.range(3, 0).arraySync()).toEqual([3, 2, 1]);
    expect(tf.range(0, 3, 1, 'int32').dtype).toBe('int32');
    expect(tf.range(0, 3, -1).arraySync()).toEqual([]);
    expect(tf.linspace(0, 1, 5).arraySync()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(tf.linspace(2, 9, 1).arraySync()).toEqual([2]);
  });

  it('refuse invalid arguments', () => {
    expect(() => tf.range(0, 5, 0)).toThrow(error('INVALID_ARGUMENT', 'step not 0'));
    expect(() => tf.range(0, Number.POSITIVE_INFINITY)).toThrow(error('INVALID_ARGUMENT', 'Infinity'));
    expect(() => tf.range(0, 2 ** 40)).toThrow(error('TOO_LARGE', 'range'));
    expect(() => tf.linspace(0, 1, 0)).toThrow(error('INVALID_ARGUMENT', 'count 0'));
    expect(() => tf.fill([1], '1' as never)).toThrow(error('INVALID_ARGUMENT', "'1'"));
  });
});

describe('oneHot', () => {
  it('puts 1 at each index', () => {
    const encoded = tf.oneHot(new Uint8Array([2, 0]), 3);
    expect(encoded.arraySync()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(encoded.dtype).toBe('float32');
    expect(tf.oneHot([[1], [0]], 2).shape).toEqual([2, 1, 2]);
  });

  it.each([3, -1, 0.5, Number.NaN])('refuses the label %d of 3 classes', (label) => {
    expect(() => tf.oneHot([0, label], 3)).toThrow(error('INVALID_LABEL', `label 1 is ${label}`));
  });

  it.each([0, -1, 2.5])('refuses the depth %d', (depth) => {
    expect(() => tf.oneHot([0], depth)).toThrow(error('INVALID_ARGUMENT', `depth is ${depth}`));
  });
});

describe('zerosLike, onesLike and eye', () => {
  it('take shape and dtype from a tensor', () => {
    const whole = tf.tensor2d([1, 2], [1, 2], 'int32');
    expect(tf.zerosLike(whole).dataSync()).toEqual(Int32Array.of(0, 0));
    expect(tf.onesLike(whole).shape).toEqual([1, 2]);
    expect(tf.onesLike(whole).dataSync()).toEqual(Int32Array.of(1, 1));
  });

  it('eye has ones on the diagonal', () => {
    expect(tf.eye(2).arraySync()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(tf.eye(1, 3).arraySync()).toEqual([[1, 0, 0]]);
    expect(() => tf.eye(-1)).toThrow(error('INVALID_ARGUMENT', 'eye'));
  });
});

describe('oneHot with onValue and offValue', () => {
  it('uses them instead of 1 and 0', () => {
    expect(tf.oneHot([1, 0], 2, 5, -1).arraySync()).toEqual([
      [-1, 5],
      [5, -1],
    ]);
  });
});
