import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { sequential } from '../../lib/models/index.js';
import { tensor2d } from '../../lib/tensor/index.js';
import { expectError } from '../support/convforge-error.js';

/** The layer's output for these numbers. */
function run(layer: layers.Layer, values: number[]): number[] {
  const model = sequential({ layers: [layers.inputLayer({ inputShape: [values.length] }), layer] });
  const output = model.predict(tensor2d([values])) as { dataSync(): ArrayLike<number> };
  return Array.from(output.dataSync());
}

const close = (values: number[], digits = 5) => values.map((value) => expect.closeTo(value, digits));

describe('activation names', () => {
  it.each([
    ['swish', 'silu'],
    ['hard_silu', 'hardSwish'],
    ['hardSilu', 'hardSwish'],
    ['hard_swish', 'hardSwish'],
    ['hard_sigmoid', 'hardSigmoid'],
    ['leaky_relu', 'leakyRelu'],
    ['log_softmax', 'logSoftmax'],
    ['gelu_new', 'geluNew'],
  ] as const)('%s is %s', (alias, name) => {
    expect(layers.activation({ activation: alias }).activation).toBe(name);
    expect(layers.dense({ units: 1, activation: alias }).getConfig().activation).toBe(name);
  });

  it.each([
    ['linear', [-7, 0.5]],
    ['relu6', [0, 0.5, 6]],
    ['leakyRelu', [-1.4, 0.5]],
    ['elu', [Math.expm1(-7), 0.5]],
    ['hardSigmoid', [0, 0.5 + 0.5 / 6]],
    ['hardSwish', [0, 0.5 * (0.5 + 0.5 / 6)]],
    ['softplus', [Math.log1p(Math.exp(-7)), Math.log1p(Math.exp(0.5))]],
    ['gelu', [-7 * 1.28e-12, 0.345731]],
    ['geluNew', [0, 0.345714]],
  ] as const)('%s', (activation, expected) => {
    const x = [-7, 0.5, 9].slice(0, expected.length);
    expect(run(layers.activation({ activation }), x)).toEqual(close([...expected]));
  });
});

describe('activation layers', () => {
  it('compute their formulas', () => {
    const x = [-2, -0.5, 0.75, 8];
    expect(run(layers.reLU(), x)).toEqual([0, 0, 0.75, 8]);
    const bounded = layers.reLU({ maxValue: 6, negativeSlope: 0.1, threshold: 1 });
    expect(run(bounded, x)).toEqual(close([-0.3, -0.15, -0.025, 6]));
    expect(run(layers.leakyReLU(), x)).toEqual(close([-0.6, -0.15, 0.75, 8]));
    expect(run(layers.leakyReLU({ alpha: 0.5 }), x)).toEqual([-1, -0.25, 0.75, 8]);
    expect(run(layers.elu({ alpha: 2 }), x)).toEqual(
      close([2 * Math.expm1(-2), 2 * Math.expm1(-0.5), 0.75, 8]),
    );
    expect(run(layers.thresholdedReLU(), x)).toEqual([0, 0, 0, 8]);
    expect(run(layers.softmax(), [0, Math.log(3)])).toEqual(close([0.25, 0.75]));
  });

  it('keep their shape', () => {
    for (const layer of [layers.reLU(), layers.leakyReLU(), layers.elu(), layers.softmax({ axis: 1 })]) {
      expect(layer.computeOutputShape([4, 5, 6])).toEqual([4, 5, 6]);
    }
  });

  it('refuse invalid values', async () => {
    await expectError(() => layers.reLU({ maxValue: 0 }), 'INVALID_ARGUMENT', /maxValue is 0/);
    await expectError(() => layers.reLU({ negativeSlope: -1 }), 'INVALID_ARGUMENT', /negativeSlope is -1/);
    await expectError(() => layers.reLU({ threshold: Number.NaN }), 'INVALID_ARGUMENT', /threshold is NaN/);
    const both = { alpha: 0.1, negativeSlope: 0.1 };
    await expectError(() => layers.leakyReLU(both), 'INVALID_ARGUMENT', /give one/);
    await expectError(() => layers.elu({ alpha: -1 }), 'INVALID_ARGUMENT', /alpha is -1/);
    await expectError(() => layers.thresholdedReLU({ theta: -1 }), 'INVALID_ARGUMENT', /theta is -1/);
    await expectError(() => layers.softmax({ axis: 0 }), 'INVALID_ARGUMENT', /which is the batch/);
    for (const axis of [3, -3]) {
      const layer = layers.softmax({ axis });
      await expectError(() => layer.computeOutputShape([4, 5]), 'SHAPE_MISMATCH', /axis is/);
    }
  });
});
