import { describe, expect, it } from 'vitest';
import { input, layers, type LayersModel, model, sequential } from '../../lib/index.js';
import type { Layer } from '../../lib/layers/base-layer.js';
import { clip, reduce, select } from '../support/arithmetic.js';
import { dense } from '../support/chain.js';
import { Graph } from '../support/graph.js';
import { valueRanges } from '../../lib/training/value-ranges.js';

/** The range of the output of a dense layer followed by these layers. */
function rangeAfter(...added: Layer[]): readonly [number, number] {
  return rangeOf(sequential({ layers: [layers.dense({ units: 4, inputShape: [4] }), ...added] }));
}

function rangeOf(model: LayersModel): readonly [number, number] {
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return valueRanges(model.state.describe().graph.nodes)[model.state.describe().graph.nodes.length - 1];
}

const [low, high, nan] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN];
const activation = (name: Activation) => layers.activation({ activation: name });

type Activation = Parameters<typeof layers.activation>[0]['activation'];

describe('the range of a value', () => {
  it.each<[string, () => Layer[], number, number]>([
    ['dense', () => [], low, high],
    ['softmax', () => [activation('softmax')], 0, 1],
    ['sigmoid', () => [activation('sigmoid')], 0, 1],
    ['hardSigmoid', () => [activation('hardSigmoid')], 0, 1],
    ['logSoftmax', () => [activation('logSoftmax')], low, 0],
    ['exponential', () => [activation('exponential')], 0, high],
    ['tanh', () => [activation('tanh')], -1, 1],
    ['tanh of relu', () => [activation('relu'), activation('tanh')], 0, 1],
    ['relu', () => [activation('relu')], 0, high],
    ['relu with a ceiling', () => [layers.reLU({ maxValue: 1 })], 0, 1],
    ['leakyReLU', () => [layers.leakyReLU()], low, high],
    ['prelu', () => [layers.prelu()], low, high],
    ['elu', () => [activation('elu')], -1, high],
    ['silu of relu', () => [activation('relu'), activation('silu')], 0, high],
    ['rescaled sigmoid', () => [activation('sigmoid'), layers.rescaling({ scale: -2, offset: 1 })], -1, 1],
    [
      'reshaped and padded',
      () => [activation('exponential'), layers.reshape({ targetShape: [2, 2] })],
      0,
      high,
    ],
    ['batchNormalization', () => [activation('sigmoid'), layers.batchNormalization()], low, high],
    ['a frozen dense', () => [activation('sigmoid'), layers.dense({ units: 2, trainable: false })], nan, nan],
    [
      'a dense with a constraint',
      () => [activation('sigmoid'), layers.dense({ units: 2, kernelConstraint: 'nonNeg' })],
      nan,
      nan,
    ],
    ['dropout', () => [activation('sigmoid'), layers.dropout({ rate: 0.5 })], nan, nan],
  ])('of %s', (_name, make, ...range) => {
    expect(rangeAfter(...make())).toEqual(range);
  });

  it('of clipped, chosen and reduced values', () => {
    const graph = new Graph([4]);
    const limited = graph.after(0, dense(4), clip({ min: -2, max: 3 }));
    const low = graph.after(limited, clip({ max: -1 }));
    const either = graph.after([0, low, limited], select);
    const mean = graph.after(either, reduce('mean', [0]));
    const sum = graph.after(either, reduce('sum', [0]));
    const ranges = valueRanges(graph.nodes);
    expect(ranges[limited]).toEqual([-2, 3]);
    expect(ranges[low]).toEqual([-2, -1]);
    expect(ranges[either]).toEqual([-2, 3]);
    expect(ranges[mean]).toEqual([-2, 3]);
    expect(ranges[sum]).toEqual([nan, nan]);
  });

  it('of merges', () => {
    const joined = (join: Layer, ...activations: Activation[]) => {
      const x = input({ shape: [4] });
      const units = activations.map((name) => layers.dense({ units: 4, activation: name }).apply(x));
      return rangeOf(model({ inputs: x, outputs: join.apply(units) as never }));
    };
    expect(joined(layers.add(), 'sigmoid', 'softmax')).toEqual([0, 2]);
    expect(joined(layers.average(), 'sigmoid', 'softmax')).toEqual([0, 1]);
    expect(joined(layers.subtract(), 'sigmoid', 'softmax')).toEqual([-1, 1]);
    expect(joined(layers.multiply(), 'sigmoid', 'softmax')).toEqual([0, 1]);
    expect(joined(layers.multiply(), 'sigmoid', 'linear')).toEqual([low, high]);
    expect(joined(layers.maximum(), 'sigmoid', 'linear')).toEqual([0, high]);
    expect(joined(layers.minimum(), 'sigmoid', 'linear')).toEqual([low, 1]);
    expect(joined(layers.concatenate(), 'tanh', 'relu')).toEqual([-1, high]);
  });

  it('of the input is unbounded', () => {
    expect(rangeOf(sequential({ layers: [layers.flatten({ inputShape: [2, 2] })] }))).toEqual([nan, nan]);
    const pooled = sequential({
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 1, activation: 'sigmoid', inputShape: [4, 4, 1] }),
        layers.zeroPadding2d(),
        layers.upSampling2d(),
        layers.maxPooling2d(),
      ],
    });
    expect(rangeOf(pooled)).toEqual([0, 1]);
  });
});
