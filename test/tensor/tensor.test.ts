import { afterEach, describe, expect, it, vi } from 'vitest';
import * as tf from '../../lib/tensor/index.js';

const error = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('Tensor', () => {
  it('gives its values flat and nested, synchronously and asynchronously', async () => {
    const x = tf.tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(x.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await x.array()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect([...(await x.data())]).toEqual([1, 2, 3, 4]);
    expect(tf.scalar(5).arraySync()).toBe(5);
    expect(tf.zeros([2, 0]).arraySync()).toEqual([[], []]);
  });

  it('does not change when the given shape does', () => {
    const shape = [1, 2];
    const x = tf.tensor([1, 2], shape);
    shape[0] = 7;
    expect(x.shape).toEqual([1, 2]);
    expect(() => (x.shape as number[]).push(1)).toThrow(TypeError);
  });

  it('may be disposed repeatedly, and refuses use after dispose', async () => {
    const x = tf.tensor([1, 2]);
    const copy = x.clone();
    expect(x.isDisposed).toBe(false);
    x.dispose();
    x.dispose();
    expect(x.isDisposed).toBe(true);
    expect(() => x.dataSync()).toThrow(error('DISPOSED', '[2]'));
    expect(() => x.add(1)).toThrow(error('DISPOSED', '[2]'));
    await expect(x.data()).rejects.toThrow(error('DISPOSED', '[2]'));
    expect([...copy.dataSync()]).toEqual([1, 2]);
  });

  it('refuses use after its buffer was transferred', () => {
    const values = new Float32Array([1, 2]);
    const x = tf.tensor(values);
    structuredClone(values.buffer, { transfer: [values.buffer] });
    expect(() => x.dataSync()).toThrow(error('BUFFER_DETACHED', '[2]'));
  });
});

describe('memory functions of TF.js', () => {
  it('have no effect', () => {
    const x = tf.tidy(() => tf.tensor([1]));
    expect(tf.tidy('named', () => 3)).toBe(3);
    expect(tf.keep(x)).toBe(x);
    expect(x.isDisposed).toBe(false);
  });

  it('dispose tensors in nested containers', () => {
    const [a, b, c] = [tf.scalar(1), tf.scalar(2), tf.scalar(3)];
    const cyclic: Record<string, unknown> = { a, list: [b, null, 'text', { c }], bytes: new Uint8Array(9) };
    cyclic.self = cyclic;
    tf.dispose(cyclic);
    expect([a, b, c].every((x) => x.isDisposed)).toBe(true);
    tf.dispose(undefined);
  });
});

describe('toString', () => {
  it.each([
    { x: tf.scalar(3.5), text: 'Tensor\n    3.5' },
    { x: tf.tensor([1, 2, 3]), text: 'Tensor\n    [1, 2, 3]' },
    {
      x: tf.tensor([
        [1, 20],
        [300, 4],
      ]),
      text: 'Tensor\n    [[1  , 20],\n     [300, 4 ]]',
    },
    {
      x: tf.tensor([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ]),
      text: 'Tensor\n    [[[1, 2],\n      [3, 4]],\n\n     [[5, 6],\n      [7, 8]]]',
    },
    { x: tf.tensor([0.1, 1 / 3]), text: 'Tensor\n    [0.1, 0.3333333]' },
    { x: tf.tensor([true, false]), text: 'Tensor\n    [true, false]' },
    { x: tf.tensor([]), text: 'Tensor\n    []' },
    { x: tf.zeros([0, 3]), text: 'Tensor\n    []' },
    { x: tf.range(0, 21), text: 'Tensor\n    [0, 1, 2, ..., 18, 19, 20]' },
    { x: tf.range(0, 20), text: `Tensor\n    [${Array.from({ length: 20 }, (_, i) => i).join(', ')}]` },
    {
      x: tf.range(8, 29).reshape([21, 1]),
      text: 'Tensor\n    [[8 ],\n     [9 ],\n     [10],\n     ...,\n     [26],\n     [27],\n     [28]]',
    },
  ])('of $x.shape $x.dtype', ({ x, text }) => {
    expect(x.toString()).toBe(text);
  });

  it('adds dtype, rank and shape on request', () => {
    expect(tf.tensor([[1, 2]]).toString(true)).toBe(
      'Tensor\n  dtype: float32\n  rank: 2\n  shape: [1,2]\n  values:\n    [[1, 2]]',
    );
  });

  it('shows only the ends of large tensors', () => {
    expect(tf.zeros([1000, 1000]).toString().split('\n')).toHaveLength(8);
  });
});

describe('print', () => {
  afterEach(() => vi.restoreAllMocks());

  it('writes to the console, as method and function', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    tf.tensor([1]).print();
    tf.print([2], true);
    expect(log.mock.calls[0]).toEqual(['Tensor\n    [1]']);
    expect(log.mock.calls[1][0]).toContain('dtype: float32');
  });
});
