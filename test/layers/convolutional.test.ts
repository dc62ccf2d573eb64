import { describe, expect, it } from 'vitest';
import { sequential, tensor } from '../../lib/index.js';
import {
  type Conv2DOptions,
  conv2d,
  DepthwiseConv2D,
  type DepthwiseConv2DOptions,
  depthwiseConv2d,
} from '../../lib/layers/index.js';
import { expectError } from '../support/convforge-error.js';

describe('conv2d', () => {
  it('has the defaults of TF.js and Keras', () => {
    expect(conv2d({ filters: 3, kernelSize: 5, name: 'c' }).getConfig()).toEqual({
      name: 'c',
      filters: 3,
      groups: 1,
      kernelSize: [5, 5],
      strides: [1, 1],
      padding: 'valid',
      dilationRate: [1, 1],
      dataFormat: 'channelsLast',
      activation: 'linear',
      useBias: true,
      kernelInitializer: { className: 'GlorotUniform', config: expect.anything() },
      biasInitializer: { className: 'Zeros', config: {} },
    });
  });

  it("doesn't use Winograd if exact, as config and explanation show", async () => {
    const algorithms = async (exact: boolean) => {
      const layer = conv2d({ filters: 32, kernelSize: 3, exact, inputShape: [16, 16, 32] });
      const [{ passes }] = (await sequential({ layers: [layer] }).explain({ batchSize: 4 })).nodes.filter(
        ({ name }) => name === layer.name,
      );
      return [layer.getConfig().exact, passes[0].algorithm, passes[0].declined];
    };
    expect(await algorithms(false)).toEqual([undefined, 'winograd', expect.anything()]);
    const [config, algorithm, declined] = await algorithms(true);
    expect([config, algorithm]).toEqual([true, 'direct']);
    expect(declined).toContainEqual({ algorithm: 'winograd', reason: 'exact results are required' });
  });

  it('infers shapes of output, kernel and bias', () => {
    const layer = conv2d({ filters: 8, kernelSize: [3, 5], strides: [2, 1], padding: 'same' });
    expect(layer.computeOutputShape([9, 9, 4])).toEqual([5, 9, 8]);
    expect(layer.weightSpecs([9, 9, 4]).map(({ name, shape }) => [name, shape])).toEqual([
      ['kernel', [3, 5, 4, 8]],
      ['bias', [8]],
    ]);
  });

  it('has a kernel for the channels of one group', async () => {
    const layer = conv2d({ filters: 8, kernelSize: 3, groups: 4, name: 'g' });
    expect(layer.computeOutputShape([9, 9, 12])).toEqual([7, 7, 8]);
    expect(layer.weightSpecs([9, 9, 12]).map(({ shape }) => shape)).toEqual([[3, 3, 3, 8], [8]]);
    const error = await expectError(
      () => layer.computeOutputShape([9, 9, 6]),
      'SHAPE_MISMATCH',
      /^g: the input has 6 channels, groups is 4; channels must be a multiple of groups/,
    );
    expect(error.layer).toBe('g');
  });

  it('has no bias with useBias: false', () => {
    const layer = conv2d({ filters: 8, kernelSize: 3, useBias: false });
    expect(layer.weightSpecs([9, 9, 4]).map(({ name }) => name)).toEqual(['kernel']);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ filters: 0 }, /filters is 0/],
    [{ filters: -3 }, /filters is -3/],
    [{ filters: 1.5 }, /filters is 1.5/],
    [{ filters: Number.NaN }, /filters is NaN/],
    [{ filters: undefined }, /filters is undefined/],
    [{ groups: 0 }, /groups is 0/],
    [{ groups: 1.5 }, /groups is 1.5/],
    [{ filters: 6, groups: 4 }, /conv2d: filters is 6, groups is 4; filters must be a multiple of groups/],
    [{ kernelSize: 0 }, /kernelSize is 0/],
    [{ kernelSize: [3] }, /kernelSize is \[3\]/],
    [{ strides: 0 }, /strides is 0/],
    [{ strides: [1, -1] }, /strides is -1/],
    [{ dilationRate: 0 }, /dilationRate is 0/],
    [{ padding: 'full' }, /padding is 'full'/],
    [{ padding: [[1, 1]] }, /padding is \[\[1, 1\]\]/],
    [
      {
        padding: [
          [0, 0],
          [-1, 0],
        ],
      },
      /padding is -1/,
    ],
    [{ useBias: 'no' }, /useBias is 'no'/],
    [{ name: '' }, /name is ''/],
    [{ inputShape: 28 }, /inputShape is 28/],
    [{ inputShape: [] }, /inputShape is \[\]/],
    [{ inputShape: [28, 0, 1] }, /inputShape\[1\] is 0/],
  ])('refuses %j', async (options, message) => {
    const given = { filters: 2, kernelSize: 3, ...options } as unknown as Conv2DOptions;
    await expectError(() => conv2d(given), 'INVALID_ARGUMENT', message);
  });

  it('refuses other data formats and unknown activations', async () => {
    const options = { filters: 2, kernelSize: 3 };
    await expectError(
      () => conv2d({ ...options, dataFormat: 'channelsFirst' as 'channelsLast' }),
      'UNSUPPORTED',
      /only 'channelsLast'/,
    );
    await expectError(
      () => conv2d({ ...options, activation: 'rellu' as 'relu' }),
      'UNSUPPORTED',
      /no activation 'rellu'; did you mean 'relu'/,
    );
  });

  it('names the nearest option', async () => {
    const error = await expectError(
      () => conv2d({ filters: 2, kernelSize: 3, stride: 2 } as unknown as Conv2DOptions),
      'UNKNOWN_OPTION',
      /^conv2d: there is no option 'stride'; did you mean 'strides'\?/,
    );
    expect(error.layer).toBe('conv2d');
  });

  it('refuses a call without options', async () => {
    await expectError(
      () => (conv2d as () => unknown)(),
      'INVALID_ARGUMENT',
      /conv2d: options must be an object/,
    );
  });
});

describe('depthwiseConv2d', () => {
  it('has the defaults of TF.js and Keras', () => {
    expect(depthwiseConv2d({ kernelSize: 5, name: 'c' }).getConfig()).toEqual({
      name: 'c',
      kernelSize: [5, 5],
      strides: [1, 1],
      padding: 'valid',
      dilationRate: [1, 1],
      dataFormat: 'channelsLast',
      depthMultiplier: 1,
      activation: 'linear',
      useBias: true,
      depthwiseInitializer: { className: 'GlorotUniform', config: expect.anything() },
      biasInitializer: { className: 'Zeros', config: {} },
    });
  });

  it('infers shapes of output, kernel and bias', () => {
    const layer = depthwiseConv2d({ kernelSize: [3, 5], strides: 2, padding: 'same', depthMultiplier: 3 });
    expect(layer.computeOutputShape([9, 9, 4])).toEqual([5, 5, 12]);
    expect(layer.weightSpecs([9, 9, 4]).map(({ name, shape }) => [name, shape])).toEqual([
      ['depthwise_kernel', [3, 5, 4, 3]],
      ['bias', [12]],
    ]);
  });

  it('has no bias with useBias: false', () => {
    const layer = depthwiseConv2d({ kernelSize: 3, useBias: false });
    expect(layer.weightSpecs([9, 9, 4]).map(({ name }) => name)).toEqual(['depthwise_kernel']);
  });

  it('convolves each channel with its own kernels', () => {
    const model = sequential({
      layers: [depthwiseConv2d({ kernelSize: [1, 2], depthMultiplier: 2, inputShape: [1, 3, 2] })],
    });
    // Kernels [a, b] along the row: channel 0 has [1, 10] and [2, 20], channel 1 has [3, 30] and [4, 40].
    model.setWeights([
      tensor([1, 2, 3, 4, 10, 20, 30, 40], [1, 2, 2, 2]),
      tensor([0.5, 0.25, 0.125, -1], [4]),
    ]);
    const y = model.predict(tensor([1, 4, 2, 5, 3, 6], [1, 1, 3, 2])).dataSync();
    expect([...y]).toEqual([21.5, 42.25, 162.125, 215, 32.5, 64.25, 195.125, 259]);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ kernelSize: 0 }, /kernelSize is 0/],
    [{ kernelSize: undefined }, /kernelSize is undefined/],
    [{ depthMultiplier: 0 }, /depthMultiplier is 0/],
    [{ depthMultiplier: 1.5 }, /depthMultiplier is 1.5/],
    [{ strides: 0 }, /strides is 0/],
    [{ padding: 'full' }, /padding is 'full'/],
  ])('refuses %j', async (options, message) => {
    const given = { kernelSize: 3, ...options } as unknown as DepthwiseConv2DOptions;
    await expectError(() => depthwiseConv2d(given), 'INVALID_ARGUMENT', message);
  });

  it.each(['filters', 'groups', 'kernelInitializer'])('has no option %s', async (key) => {
    const given = { kernelSize: 3, [key]: 2 } as unknown as DepthwiseConv2DOptions;
    await expectError(
      () => depthwiseConv2d(given),
      'UNKNOWN_OPTION',
      /^depthwise_conv2d: there is no option/,
    );
  });

  it('accepts groups: 1 from a Keras config, and no others', async () => {
    const config = { kernelSize: [3, 3], groups: 1 };
    expect(DepthwiseConv2D.fromConfig(config)).toBeInstanceOf(DepthwiseConv2D);
    await expectError(() => DepthwiseConv2D.fromConfig({ ...config, groups: 2 }), 'UNSUPPORTED', /groups 2/);
  });

  it('refuses a call without options', async () => {
    await expectError(
      () => (depthwiseConv2d as () => unknown)(),
      'INVALID_ARGUMENT',
      /depthwise_conv2d: options must be an object/,
    );
  });
});

describe('grouped conv2d', () => {
  it('gives each group its own channels', () => {
    const model = sequential({
      layers: [conv2d({ filters: 4, kernelSize: 1, groups: 2, useBias: false, inputShape: [1, 1, 4] })],
    });
    model.setWeights([tensor([1, 2, 3, 4, 10, 20, 30, 40], [1, 1, 2, 4])]);
    const y = model.predict(tensor([1, 2, 3, 4], [1, 1, 1, 4])).dataSync();
    expect([...y]).toEqual([21, 42, 129, 172]);
  });
});
