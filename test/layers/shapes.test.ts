import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { input, model } from '../../lib/models/index.js';
import { tensor } from '../../lib/tensor/index.js';
import { expectError } from '../support/convforge-error.js';

/** The layer's output for one sample, computed natively. */
function run(layer: layers.Layer, values: number[], shape: number[]): number[] {
  const x = input({ shape });
  const net = model({ inputs: x, outputs: layer.apply(x) as never });
  const y = net.predict(tensor(values, [1, ...shape])) as unknown as {
    dataSync(): ArrayLike<number>;
    shape: number[];
  };
  return Array.from(y.dataSync());
}

const COUNT = [1, 2, 3, 4, 5, 6];

describe('layers that move elements', () => {
  it.each([
    [
      'zeroPadding2d',
      layers.zeroPadding2d({
        padding: [
          [1, 0],
          [0, 1],
        ],
      }),
      [2, 3, 1],
      [0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0],
    ],
    [
      'cropping2D',
      layers.cropping2D({
        cropping: [
          [1, 0],
          [0, 2],
        ],
      }),
      [2, 3, 1],
      [4],
    ],
    ['centerCrop', layers.centerCrop({ height: 1, width: 1 }), [2, 3, 1], [2]],
    ['permute', layers.permute({ dims: [2, 1] }), [2, 3], [1, 4, 2, 5, 3, 6]],
    ['repeatVector', layers.repeatVector({ n: 2 }), [6], [...COUNT, ...COUNT]],
    ['upSampling2d', layers.upSampling2d({ size: [1, 2] }), [2, 3, 1], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]],
    ['resizing', layers.resizing({ height: 1, width: 3 }), [2, 3, 1], [2.5, 3.5, 4.5]],
    [
      'resizing of the middle',
      layers.resizing({ height: 2, width: 1, interpolation: 'nearest', cropToAspectRatio: true }),
      [2, 3, 1],
      [2, 5],
    ],
    [
      'upSampling2d bilinear',
      layers.upSampling2d({ size: [2, 1], interpolation: 'bilinear' }),
      [2, 1, 3],
      [1, 2, 3, 1.75, 2.75, 3.75, 3.25, 4.25, 5.25, 4, 5, 6],
    ],
    ['globalAveragePooling2d', layers.globalAveragePooling2d(), [3, 1, 2], [3, 4]],
    ['globalMaxPooling2d', layers.globalMaxPooling2d({ keepDims: true }), [3, 1, 2], [5, 6]],
    ['globalAveragePooling1d', layers.globalAveragePooling1d(), [3, 2], [3, 4]],
    ['globalMaxPooling1d', layers.globalMaxPooling1d({ keepDims: true }), [3, 2], [5, 6]],
  ] as const)('%s', (_, layer, shape, expected) => {
    const values = run(layer, COUNT, [...shape]);
    expect(values).toEqual([...expected]);
    expect(layer.computeOutputShape([...shape]).reduce((size, each) => size * each, 1)).toBe(expected.length);
  });
});

describe('layers that merge', () => {
  const merged = (layer: layers.Layer, second: number[], values: number[]) => {
    const [a, b] = [input({ shape: [1, 2, 3] }), input({ shape: second })];
    const net = model({ inputs: [a, b], outputs: layer.apply([a, b]) });
    const x = [tensor(COUNT, [1, 1, 2, 3]), tensor(values, [1, ...second])];
    return Array.from((net.predict(x) as unknown as { dataSync(): ArrayLike<number> }).dataSync());
  };

  it.each([
    ['add', layers.add(), [1, 1, 3], [10, 20, 30], [11, 22, 33, 14, 25, 36]],
    ['multiply', layers.multiply(), [3], [1, 0, -1], [1, 0, -3, 4, 0, -6]],
    ['multiply by a number a cell', layers.multiply(), [1, 2, 1], [2, 3], [2, 4, 6, 12, 15, 18]],
    ['subtract', layers.subtract(), [1, 2, 3], [1, 1, 1, 2, 2, 2], [0, 1, 2, 2, 3, 4]],
    ['average', layers.average(), [1, 2, 3], [3, 2, 1, 0, 1, 2], [2, 2, 2, 2, 3, 4]],
    ['maximum', layers.maximum(), [1, 2, 3], [3, 2, 1, 5, 5, 5], [3, 2, 3, 5, 5, 6]],
    ['minimum', layers.minimum(), [1, 2, 3], [3, 2, 1, 5, 5, 5], [1, 2, 1, 4, 5, 5]],
    ['concatenate', layers.concatenate(), [1, 2, 1], [7, 8], [1, 2, 3, 7, 4, 5, 6, 8]],
    [
      'concatenate rows',
      layers.concatenate({ axis: 1 }),
      [1, 2, 3],
      [7, 8, 9, 7, 8, 9],
      [...COUNT, 7, 8, 9, 7, 8, 9],
    ],
  ] as const)('%s', (_, layer, shape, values, expected) => {
    expect(merged(layer, [...shape], [...values])).toEqual([...expected]);
  });

  it("refuse shapes that can't be merged", async () => {
    await expectError(
      () => layers.multiply().computeOutputShape([2, 3], [2, 2]),
      'SHAPE_MISMATCH',
      /2x3 and 2x2/,
    );
    await expectError(
      () => layers.concatenate().computeOutputShape([2, 3], [3, 3]),
      'SHAPE_MISMATCH',
      /axis -1/,
    );
    await expectError(() => layers.concatenate({ axis: 0 }), 'INVALID_ARGUMENT', /axis is 0/);
    await expectError(
      () => layers.concatenate({ axis: 4 }).computeOutputShape([2], [2]),
      'SHAPE_MISMATCH',
      /no axis 4/,
    );
    await expectError(
      () => layers.subtract().computeOutputShape([2], [2], [2]),
      'INVALID_ARGUMENT',
      /two inputs/,
    );
  });
});

describe('conv2dTranspose', () => {
  it.each([
    ['valid', 3, 2, undefined, 9],
    ['valid', 1, 2, undefined, 8],
    ['same', 3, 2, undefined, 8],
    ['same', 3, 2, 0, 7],
    ['same', 3, 2, 1, 8],
    ['valid', 3, 2, 1, 10],
    ['same', 2, 3, undefined, 12],
  ] as const)(
    '%s, kernel %d, stride %d, output padding %s: 4 cells become %d',
    (padding, kernelSize, strides, outputPadding, cells) => {
      const layer = layers.conv2dTranspose({
        filters: 2,
        kernelSize,
        strides,
        padding,
        outputPadding,
        kernelInitializer: 'ones',
      });
      expect(layer.computeOutputShape([4, 4, 3])).toEqual([cells, cells, 2]);
      const x = Array.from({ length: 48 }, () => 1);
      const y = run(layer, x, [4, 4, 3]);
      expect(y.length).toBe(cells * cells * 2);
      expect(layer.weights.map(({ name, shape }) => [name, shape])).toEqual([
        ['kernel', [kernelSize, kernelSize, 2, 3]],
        ['bias', [2]],
      ]);
    },
  );
});

it('a dilated conv2dTranspose spreads a cell to a kernel with gaps', () => {
  const layer = layers.conv2dTranspose({ filters: 1, kernelSize: 2, dilationRate: [3, 2], useBias: false });
  expect(layer.computeOutputShape([1, 1, 1])).toEqual([4, 3, 1]);
  const x = input({ shape: [1, 1, 1] });
  layer.apply(x);
  layer.setWeights([tensor([1, 2, 3, 4], [2, 2, 1, 1])]);
  expect(run(layer, [10], [1, 1, 1])).toEqual([10, 0, 20, 0, 0, 0, 0, 0, 0, 30, 0, 40]);
  const same = layers.conv2dTranspose({
    filters: 1,
    kernelSize: 3,
    strides: 2,
    dilationRate: 2,
    padding: 'same',
  });
  expect(same.computeOutputShape([4, 5, 1])).toEqual([8, 10, 1]);
  expect(run(same, Array(20).fill(1), [4, 5, 1])).toHaveLength(80);
});

it('batchNormalization accepts the last axis by its positive index', async () => {
  for (const axis of [3, -1, [3]])
    expect(layers.batchNormalization({ axis }).computeOutputShape([4, 5, 2])).toEqual([4, 5, 2]);
  await expectError(
    () => layers.batchNormalization({ axis: 1 }).computeOutputShape([4, 5, 2]),
    'UNSUPPORTED',
    /axis is 1/,
  );
});

describe('embedding', () => {
  it('accepts inputLength instead of inputShape', async () => {
    const shape = (inputLength: number | number[]) =>
      layers.embedding({ inputDim: 3, outputDim: 2, inputLength }).inputShape;
    expect([shape(5), shape([5, 4])]).toEqual([[5], [5, 4]]);
    await expectError(() => shape([5, 0]), 'INVALID_ARGUMENT', /^embedding: inputLength is 0/);
  });

  it('looks rows up', () => {
    const layer = layers.embedding({ inputDim: 3, outputDim: 2, embeddingsInitializer: 'zeros' });
    const x = input({ shape: [2] });
    const net = model({ inputs: x, outputs: layer.apply(x) });
    layer.setWeights([tensor([1, 2, 3, 4, 5, 6], [3, 2])]);
    const y = net.predict(tensor([2, 0], [1, 2])) as unknown as { dataSync(): ArrayLike<number> };
    expect(Array.from(y.dataSync())).toEqual([5, 6, 1, 2]);
  });
});

it('refuses empty results and unknown options', async () => {
  await expectError(
    () => layers.cropping2D({ cropping: 2 }).computeOutputShape([4, 5, 1]),
    'SHAPE_MISMATCH',
    /nothing/,
  );
  await expectError(
    () => layers.centerCrop({ height: 5, width: 1 }).computeOutputShape([4, 5, 1]),
    'SHAPE_MISMATCH',
    /smaller than the crop/,
  );
  await expectError(() => layers.permute({ dims: [1, 1] }), 'INVALID_ARGUMENT', /dims is \[1, 1\]/);
  await expectError(
    () => layers.resizing({ height: 2, width: 2, interpolation: 'cubic' as never }),
    'UNSUPPORTED',
    /cubic/,
  );
  await expectError(
    () => layers.zeroPadding2d({ padding: [1, 2, 3] as never }),
    'INVALID_ARGUMENT',
    /padding is/,
  );
  await expectError(
    () => layers.conv2dTranspose({ filters: 1, kernelSize: 3, outputPadding: 1 }),
    'INVALID_ARGUMENT',
    /less than the strides 1x1/,
  );
});
