import { describe, expect, it } from 'vitest';
import { type Conv2DOptions, conv2d } from '../../lib/layers/index.js';
import { expectError } from '../support/convforge-error.js';

describe('conv2d', () => {
  it('has the defaults of TF.js and Keras', () => {
    expect(conv2d({ filters: 3, kernelSize: 5, name: 'c' }).getConfig()).toEqual({
      name: 'c',
      filters: 3,
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

  it('infers shapes of output, kernel and bias', () => {
    const layer = conv2d({ filters: 8, kernelSize: [3, 5], strides: [2, 1], padding: 'same' });
    expect(layer.computeOutputShape([9, 9, 4])).toEqual([5, 9, 8]);
    expect(layer.weightSpecs([9, 9, 4]).map(({ name, shape }) => [name, shape])).toEqual([
      ['kernel', [3, 5, 4, 8]],
      ['bias', [8]],
    ]);
  });

  it('has no bias without useBias', () => {
    const layer = conv2d({ filters: 8, kernelSize: 3, useBias: false });
    expect(layer.weightSpecs([9, 9, 4]).map(({ name }) => name)).toEqual(['kernel']);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ filters: 0 }, /filters is 0/],
    [{ filters: -3 }, /filters is -3/],
    [{ filters: 1.5 }, /filters is 1.5/],
    [{ filters: Number.NaN }, /filters is NaN/],
    [{ filters: undefined }, /filters is undefined/],
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
    [{ inputShape: [28, null, 1] }, /inputShape\[1\] is null/],
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
    await expectError(() => (conv2d as () => unknown)(), 'INVALID_ARGUMENT', /conv2d: options are an object/);
  });
});
