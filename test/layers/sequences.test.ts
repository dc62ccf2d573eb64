import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { input, model } from '../../lib/models/index.js';
import { type Tensor, tensor } from '../../lib/tensor/index.js';
import { expectError } from '../support/convforge-error.js';

/** The layer's output for one sample of each input, computed natively. Weights are set after apply. */
function run(layer: layers.Layer, samples: Tensor[], weights: Tensor[] = []): number[] {
  const inputs = samples.map((sample) => input({ shape: sample.shape.slice(1) }));
  const net = model({ inputs, outputs: layer.apply(inputs.length > 1 ? inputs : inputs[0]) });
  if (weights.length > 0) layer.setWeights(weights);
  const y = net.predict(samples.length > 1 ? samples : samples[0]) as unknown as Tensor;
  return Array.from(y.dataSync());
}

const SEQUENCE = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 5, 2]);

describe('layers of sequences', () => {
  it.each([
    ['maxPooling1d', layers.maxPooling1d(), [3, 4, 7, 8]],
    ['averagePooling1d, same', layers.averagePooling1d({ padding: 'same' }), [2, 3, 6, 7, 9, 10]],
    ['sumPooling1d', layers.sumPooling1d({ poolSize: 3, strides: 1 }), [9, 12, 15, 18, 21, 24]],
    ['zeroPadding1d', layers.zeroPadding1d({ padding: [0, 1] }), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0]],
    ['cropping1D', layers.cropping1D({ cropping: [2, 1] }), [5, 6, 7, 8]],
  ] as const)('%s', (_, layer, expected) => {
    expect(run(layer, [SEQUENCE])).toEqual([...expected]);
  });

  it.each([
    ['valid', 1, [-4, -4, -4]],
    ['same', 1, [-3, -4, -4, -4, 7]],
    ['causal', 1, [-1, -3, -4, -4, -4]],
    ['causal', 2, [-1, -4, -4]],
  ] as const)('conv1d, %s, strides %d', (padding, strides, expected) => {
    const layer = layers.conv1d({ filters: 1, kernelSize: 3, padding, strides });
    const kernel = tensor([1, 0, 0, 0, -1, 0], [3, 2, 1]);
    expect(run(layer, [SEQUENCE], [kernel, tensor([0], [1])])).toEqual([...expected]);
    expect(layer.weights.map(({ shape }) => shape)).toEqual([[3, 2, 1], [1]]);
  });

  it('conv1d splits channels and filters into groups', () => {
    const x = tensor([1, 10, 2, 20, 3, 30], [1, 3, 2]);
    const grouped = layers.conv1d({ filters: 4, kernelSize: 2, groups: 2 });
    // Filters 0 and 1 see channel 0, filters 2 and 3 channel 1.
    const kernel = tensor([1, 0, 1, 0, 0, 1, 0, -1], [2, 1, 4]);
    const bias = tensor([0, 0.5, 0, 0], [4]);
    expect(run(grouped, [x], [kernel, bias])).toEqual([1, 2.5, 10, -20, 2, 3.5, 20, -30]);
    expect(grouped.weights.map(({ shape }) => shape)).toEqual([[2, 1, 4], [4]]);
    const depthwise = layers.conv1d({
      filters: 2,
      kernelSize: 2,
      groups: 2,
      useBias: false,
      padding: 'causal',
    });
    expect(run(depthwise, [x], [tensor([1, 2, 3, -1], [2, 1, 2])])).toEqual([3, -10, 7, 0, 11, 10]);
  });

  it('conv1d refuses groups that do not divide channels or filters', async () => {
    await expectError(
      () => layers.conv1d({ filters: 3, kernelSize: 1, groups: 2 }),
      'INVALID_ARGUMENT',
      /filters is 3, groups is 2/,
    );
    await expectError(
      () => layers.conv1d({ filters: 4, kernelSize: 1, groups: 2 }).computeOutputShape([5, 3]),
      'SHAPE_MISMATCH',
      /the input has 3 channels, groups is 2/,
    );
  });

  it('refuse images', async () => {
    const message = /must be a sequence/;
    await expectError(() => layers.maxPooling1d().computeOutputShape([4, 4, 1]), 'SHAPE_MISMATCH', message);
    await expectError(() => layers.zeroPadding1d().computeOutputShape([4, 4, 1]), 'SHAPE_MISMATCH', message);
    const conv = layers.conv1d({ filters: 1, kernelSize: 1 });
    await expectError(() => conv.computeOutputShape([4, 4, 1]), 'SHAPE_MISMATCH', message);
  });
});

describe('separableConv2d', () => {
  it("has Keras's weights, and equals a depthwise and a 1x1 convolution", () => {
    const layer = layers.separableConv2d({ filters: 1, kernelSize: [2, 1], depthMultiplier: 2 });
    const x = tensor([1, 2, 3, 4], [1, 2, 1, 2]);
    // Channels 1 -> 3 by [1, 1] and [0, 1]: 4, 3; 2 -> 4 by [1, -1] and [2, 0]: -2, 4.
    const depthwise = tensor([1, 0, 1, 2, 1, 1, -1, 0], [2, 1, 2, 2]);
    const pointwise = tensor([1, 10, 100, 1000], [1, 1, 4, 1]);
    expect(run(layer, [x], [depthwise, pointwise, tensor([0.5], [1])])).toEqual([4 + 30 - 200 + 4000 + 0.5]);
    expect(layer.weights.map(({ name }) => name)).toEqual(['depthwise_kernel', 'pointwise_kernel', 'bias']);
  });
});

describe('normalization', () => {
  it('accepts mean and variance', () => {
    const layer = layers.normalization({ mean: [1, 2], variance: 4 });
    expect(run(layer, [tensor([1, 2, 5, 4], [1, 2, 2])])).toEqual([0, 0, 2, 1]);
  });

  it('adapts to data, and keeps its statistics in its config', async () => {
    const layer = layers.normalization();
    const x = input({ shape: [2] });
    const unready = model({ inputs: x, outputs: layer.apply(x) });
    await expectError(() => unready.predict(tensor([1, 1], [1, 2])), 'INVALID_ARGUMENT', /call adapt first/);
    layer.adapt(tensor([0, 5, 4, 5], [2, 2]));
    expect(layer.getConfig()).toMatchObject({ mean: [2, 5], variance: [4, 0] });
    expect(run(layer, [tensor([6, 5], [1, 2])])).toEqual([2, 0]);
    await expectError(() => layer.computeOutputShape([3]), 'SHAPE_MISMATCH', /mean has 2 numbers/);
  });

  it('adapts to equal values of any size', () => {
    const layer = layers.normalization();
    layer.adapt(tensor([3e38, 0.1, 3e38, 0.1, 3e38, 0.1], [3, 2]));
    const mean = [3e38, 0.1].map(Math.fround);
    expect(layer.getConfig()).toMatchObject({ mean, variance: [0, 0] });
  });
});

describe('dot', () => {
  const a = tensor([1, 2, 3, 4, 5, 6], [1, 2, 3]);

  it('multiplies vectors', () => {
    const [x, y] = [tensor([1, 2, 3], [1, 3]), tensor([4, 5, 6], [1, 3])];
    expect(run(layers.dot({ axes: 1 }), [x, y])).toEqual([32]);
    const [cosine] = run(layers.dot({ axes: -1, normalize: true }), [x, y]);
    expect(cosine).toBeCloseTo(32 / Math.sqrt(14 * 77), 6);
  });

  it('multiplies matrices over any axes', () => {
    const b = tensor([1, 0, 0, 1, 1, 1], [1, 3, 2]);
    expect(run(layers.dot({ axes: [2, 1] }), [a, b])).toEqual([4, 5, 10, 11]);
    expect(run(layers.dot({ axes: [1, 2] }), [a, b])).toEqual([1, 4, 5, 2, 5, 7, 3, 6, 9]);
  });

  it('refuses axes of different sizes', async () => {
    await expectError(
      () => layers.dot({ axes: 1 }).computeOutputShape([2], [3]),
      'SHAPE_MISMATCH',
      /2 elements/,
    );
    await expectError(() => layers.dot({ axes: 0 }), 'INVALID_ARGUMENT', /axes is 0/);
    await expectError(
      () => layers.dot({ axes: 3 }).computeOutputShape([2], [2]),
      'SHAPE_MISMATCH',
      /no axis 3/,
    );
  });
});

it('separableConv2d keeps the regularizers and constraints of its kernels', () => {
  const lowered = layers.conv2dTranspose({ filters: 2, kernelSize: 1, kernelRegularizer: 'l2' });
  expect(lowered.getConfig().kernelRegularizer).toMatchObject({ className: 'L2' });
});
