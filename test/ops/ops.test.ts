import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as ops from '../../lib/ops/index.js';
import type { Pad } from '../../lib/ops/index.js';
import { getEngine, setEngine } from '../../lib/program/current-engine.js';
import * as tf from '../../lib/tensor/index.js';
import { ENGINES } from '../support/engines.js';

const error = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

/** The example of the tutorial. */
const IMAGE = tf.tensor3d(
  [1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0],
  [5, 5, 1],
);
const FILTER = tf.tensor4d([1, 0, 1, 0, 1, 0, 1, 0, 1], [3, 3, 1, 1]);

describe.each(ENGINES)('ops on the %s engine', (engine) => {
  const before = getEngine();
  beforeAll(() => setEngine(engine));
  afterAll(() => setEngine(before));

  describe('conv2d', () => {
    it('equals the feature map of the tutorial', () => {
      const y = ops.conv2d(IMAGE, FILTER, 1, 'valid');
      expect(y.shape).toEqual([3, 3, 1]);
      expect([...y.dataSync()]).toEqual([4, 3, 4, 2, 4, 3, 2, 3, 4]);
    });

    it('and pooling round sizes down, and refuse another dimRoundingMode', () => {
      const y = ops.conv2d(IMAGE, FILTER, 2, 0, 'NHWC', 1, 'floor');
      expect(y.shape).toEqual([2, 2, 1]);
      expect(ops.maxPool(IMAGE, 2, 2, 0, null).shape).toEqual([2, 2, 1]);
      for (const call of [
        () => ops.conv2d(IMAGE, FILTER, 2, 0, 'NHWC', 1, 'ceil'),
        () => ops.maxPool(IMAGE, 2, 2, 0, 'round'),
        () => ops.avgPool(IMAGE, 2, 2, 0, 'ceil'),
      ]) {
        expect(call).toThrow(error('UNSUPPORTED', 'dimRoundingMode'));
      }
    });

    it('takes batches, and images of any dtype', () => {
      const batch = tf.stack([IMAGE, IMAGE.mul(2)]).cast('uint8');
      const y = ops.conv2d(batch, FILTER, [1, 1], 'valid');
      expect(y.shape).toEqual([2, 3, 3, 1]);
      expect([...y.dataSync()].slice(9)).toEqual([8, 6, 8, 4, 8, 6, 4, 6, 8]);
    });

    it('sums over channels, for each filter', () => {
      const x = tf.tensor3d([1, 2, 3, 4], [1, 2, 2]);
      const filter = tf.tensor4d([1, 10, 100, 1000], [1, 1, 2, 2]);
      expect(ops.conv2d(x, filter, 1, 'valid').arraySync()).toEqual([
        [
          [201, 2010],
          [403, 4030],
        ],
      ]);
    });

    it.each<{
      strides: number | [number, number];
      pad: Pad;
      dilations?: number;
      shape: number[];
      first: number;
    }>([
      { strides: 1, pad: 'same', shape: [5, 5, 1], first: 2 },
      { strides: 2, pad: 'same', shape: [3, 3, 1], first: 2 },
      { strides: [2, 1], pad: 'valid', shape: [2, 3, 1], first: 4 },
      { strides: 1, pad: 1, shape: [5, 5, 1], first: 2 },
      {
        strides: 1,
        pad: [
          [2, 0],
          [0, 0],
        ],
        shape: [5, 3, 1],
        first: 2,
      },
      {
        strides: 1,
        pad: [
          [0, 0],
          [2, 0],
          [0, 0],
          [0, 0],
        ],
        shape: [5, 3, 1],
        first: 2,
      },
      { strides: 1, pad: 'valid', dilations: 2, shape: [1, 1, 1], first: 2 },
    ])(
      'with strides $strides, pad $pad, dilations $dilations gives $shape',
      ({ strides, pad, dilations, shape, first }) => {
        const y = ops.conv2d(IMAGE, FILTER, strides, pad, 'NHWC', dilations);
        expect(y.shape).toEqual(shape);
        expect(y.dataSync()[0]).toBe(first);
      },
    );

    it('refuses other shapes and options', () => {
      const conv = ops.conv2d as (...values: unknown[]) => unknown;
      expect(() => conv(tf.zeros([5, 5]), FILTER, 1, 'valid')).toThrow(
        error('SHAPE_MISMATCH', 'conv2d: x is [5, 5]'),
      );
      expect(() => conv(IMAGE, tf.zeros([3, 3]), 1, 'valid')).toThrow(
        error('SHAPE_MISMATCH', 'filter is [3, 3]'),
      );
      expect(() => conv(IMAGE, tf.zeros([0, 3, 1, 1]), 1, 'valid')).toThrow(
        error('SHAPE_MISMATCH', 'filter is [0, 3, 1, 1]'),
      );
      expect(() => conv(IMAGE, tf.zeros([3, 3, 2, 1]), 1, 'valid')).toThrow(
        error('SHAPE_MISMATCH', '2 channels, but x has 1'),
      );
      expect(() => conv(IMAGE, tf.zeros([6, 3, 1, 1]), 1, 'valid')).toThrow(
        error('SHAPE_MISMATCH', 'filter 6x3'),
      );
      expect(() => conv(IMAGE, FILTER, 0, 'valid')).toThrow(error('INVALID_ARGUMENT', 'strides is 0'));
      expect(() => conv(IMAGE, FILTER, 1, 'full')).toThrow(error('INVALID_ARGUMENT', "pad is 'full'"));
      expect(() => conv(IMAGE, FILTER, 1, -1)).toThrow(error('INVALID_ARGUMENT', 'pad is -1'));
      expect(() =>
        conv(IMAGE, FILTER, 1, [
          [1, 0],
          [0, 0],
          [0, 0],
          [0, 0],
        ]),
      ).toThrow(error('INVALID_ARGUMENT', 'pad is'));
      expect(() => conv(IMAGE, FILTER, 1, 'valid', 'NCHW')).toThrow(
        error('UNSUPPORTED', "dataFormat is 'NCHW'"),
      );
      expect(() => conv(IMAGE, FILTER, 1, 'valid', 'NHWC', 1.5)).toThrow(
        error('INVALID_ARGUMENT', 'dilations is 1.5'),
      );
      expect(() => conv('x', FILTER, 1, 'valid')).toThrow(error('INVALID_ARGUMENT', "conv2d: x: 'x'"));
    });
  });

  describe('pooling', () => {
    const x = tf.range(1, 17).reshape([4, 4, 1]);

    it('takes the maximum, the mean and the sum of windows', () => {
      expect(ops.maxPool(x, 2, 2, 'valid').dataSync()).toEqual(new Float32Array([6, 8, 14, 16]));
      expect(ops.avgPool(x, 2, 2, 'valid').dataSync()).toEqual(new Float32Array([3.5, 5.5, 11.5, 13.5]));
      expect(ops.sumPool(x, 2, 2, 'valid').dataSync()).toEqual(new Float32Array([14, 22, 46, 54]));
    });

    it('excludes padded cells', () => {
      expect(ops.maxPool(x.neg(), 2, 4, 1).dataSync()).toEqual(new Float32Array([-1, -4, -13, -16]));
      expect(ops.avgPool(x, [3, 3], [3, 3], 'same').shape).toEqual([2, 2, 1]);
      expect(ops.avgPool(x, 2, 4, 1).dataSync()[0]).toBe(1);
      expect(ops.sumPool(x.expandDims(), [4, 1], 1, 'valid').shape).toEqual([1, 1, 4, 1]);
    });

    it('refuses other shapes and options', () => {
      expect(() => ops.maxPool(x, 5, 1, 'valid')).toThrow(error('SHAPE_MISMATCH', 'maxPool: window 5x5'));
      expect(() => ops.avgPool(x, 0, 1, 'valid')).toThrow(error('INVALID_ARGUMENT', 'filterSize is 0'));
      expect(() => ops.sumPool(x, 2, 1, 2)).toThrow(error('INVALID_ARGUMENT', 'sumPool: pad is 2'));
      expect(() => ops.sumPool([1], 2, 1, 2)).toThrow(error('SHAPE_MISMATCH', 'x is [1]'));
    });
  });

  describe('activations', () => {
    it('work elementwise, on any shape', () => {
      expect(
        ops
          .relu([
            [-1, 2],
            [3, -4],
          ])
          .arraySync(),
      ).toEqual([
        [0, 2],
        [3, 0],
      ]);
      expect(ops.sigmoid([0, 100, -100]).arraySync()).toEqual([0.5, 1, expect.closeTo(0, 10)]);
      expect(ops.tanh(0.5).arraySync()).toBeCloseTo(Math.tanh(0.5), 6);
      expect(ops.relu(tf.zeros([0, 3])).shape).toEqual([0, 3]);
      expect(ops.relu(new Int32Array([-1, 2 ** 31 - 1])).dataSync()).toEqual(Int32Array.of(0, 2 ** 31 - 1));
    });

    it('compute softmax over the last axis', () => {
      const y = ops.softmax(
        tf.tensor([
          [0, Math.log(3)],
          [1000, 1000],
        ]),
      );
      expect(y.shape).toEqual([2, 2]);
      for (const [i, expected] of [0.25, 0.75, 0.5, 0.5].entries())
        expect(y.dataSync()[i]).toBeCloseTo(expected, 6);
      expect(ops.softmax([[1, 1]], 1).arraySync()).toEqual([[0.5, 0.5]]);
      expect(() => ops.softmax([[1, 1]], 0)).toThrow(error('UNSUPPORTED', 'dim is 0'));
    });
  });
});
