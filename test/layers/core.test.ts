import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { expectError } from '../support/convforge-error.js';

describe('dense', () => {
  it('works on the last axis', () => {
    const layer = layers.dense({ units: 4 });
    expect(layer.computeOutputShape([7])).toEqual([4]);
    expect(layer.computeOutputShape([3, 7])).toEqual([3, 4]);
    expect(layer.weightSpecs([3, 7]).map((weight) => weight.shape)).toEqual([[7, 4], [4]]);
  });

  it('accepts inputDim if it agrees with inputShape', async () => {
    expect(layers.dense({ units: 4, inputDim: 7 }).batchInputShape).toEqual([null, 7]);
    expect(layers.dense({ units: 4, inputDim: 7, batchInputShape: [2, 7] }).batchInputShape).toEqual([2, 7]);
    await expectError(() => layers.dense({ units: 4, inputDim: 0 }), 'INVALID_ARGUMENT', /inputDim is 0/);
    await expectError(
      () => layers.dense({ units: 4, inputDim: 7, inputShape: [3, 7], name: 'd' }),
      'INVALID_ARGUMENT',
      /^d: inputDim says that the input is 7, and inputShape that it is 3x7/,
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s units', async (units) => {
    await expectError(() => layers.dense({ units }), 'INVALID_ARGUMENT', /units is/);
  });
});

describe('flatten', () => {
  it('multiplies sizes', () => {
    expect(layers.flatten().computeOutputShape([4, 4, 64])).toEqual([1024]);
  });
});

describe('reshape', () => {
  it('infers an unknown size', () => {
    expect(layers.reshape({ targetShape: [-1, 2] }).computeOutputShape([3, 4])).toEqual([6, 2]);
    expect(layers.reshape({ targetShape: [2, null, 3] }).computeOutputShape([12])).toEqual([2, 2, 3]);
    expect(layers.reshape({ targetShape: [12] }).computeOutputShape([3, 4])).toEqual([12]);
  });

  it('refuses what does not fit', async () => {
    for (const targetShape of [[5, -1], [11], [24]]) {
      const layer = layers.reshape({ targetShape, name: 'r' });
      await expectError(
        () => layer.computeOutputShape([3, 4]),
        'SHAPE_MISMATCH',
        /^r: 12 elements of 3x4 don't fit/,
      );
    }
    await expectError(() => layers.reshape({ targetShape: [-1, -1] }), 'INVALID_ARGUMENT', /only one size/);
    await expectError(() => layers.reshape({ targetShape: [] }), 'INVALID_ARGUMENT', /targetShape is \[\]/);
    await expectError(
      () => layers.reshape({ targetShape: [0, 3] }),
      'INVALID_ARGUMENT',
      /targetShape\[0\] is 0/,
    );
  });
});

describe('dropout', () => {
  it('accepts rates in [0, 1)', async () => {
    expect(layers.dropout({ rate: 0 }).rate).toBe(0);
    for (const rate of [1, -0.1, Number.NaN, '0.5' as unknown as number]) {
      await expectError(
        () => layers.dropout({ rate }),
        'INVALID_ARGUMENT',
        /rate is .*; it must be a number in \[0, 1\)/,
      );
    }
  });
});

describe('rescaling', () => {
  it('needs a finite scale', async () => {
    expect(layers.rescaling({ scale: 2 }).getConfig()).toMatchObject({ scale: 2, offset: 0 });
    await expectError(() => layers.rescaling({ scale: Number.NaN }), 'INVALID_ARGUMENT', /scale is NaN/);
    const noScale = {} as layers.RescalingOptions;
    await expectError(() => layers.rescaling(noScale), 'INVALID_ARGUMENT', /scale is undefined/);
  });
});

describe('activation', () => {
  it('must be a known name', async () => {
    expect(layers.activation({ activation: 'tanh' }).activation).toBe('tanh');
    const unknown = 'tan' as 'tanh';
    await expectError(() => layers.activation({ activation: unknown }), 'UNSUPPORTED', /did you mean 'tanh'/);
    const none = {} as layers.ActivationOptions;
    await expectError(() => layers.activation(none), 'INVALID_ARGUMENT', /activation is undefined/);
  });
});

describe('inputLayer', () => {
  it('accepts inputShape or batchInputShape', async () => {
    expect(layers.inputLayer({ inputShape: [2, 3] }).batchInputShape).toEqual([null, 2, 3]);
    expect(layers.inputLayer({ batchInputShape: [null, 2, 3] }).inputShape).toEqual([2, 3]);
    await expectError(() => layers.inputLayer({}), 'INVALID_ARGUMENT', /inputShape is missing/);
  });

  it('refuses an input of too many elements, also if the product is inexact', async () => {
    for (const inputShape of [
      [2 ** 16, 2 ** 16, 1],
      [2 ** 27, 2 ** 27],
      [2 ** 32, 2 ** 32, 2 ** 32],
    ]) {
      await expectError(() => layers.inputLayer({ inputShape }), 'TOO_LARGE', /an input of/);
    }
  });
});
