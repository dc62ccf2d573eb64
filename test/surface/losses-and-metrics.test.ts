import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';

// Each loss and metric under each of its names: a value computed by hand, at once, and by a model compiled
// with the name.

// biome-ignore lint/suspicious/noExplicitAny: names are looked up as strings, so that one that vanishes is a failure, no type error.
type Functions = Record<string, (...values: any[]) => any>;
const losses = tf.losses as unknown as Functions;
const metrics = tf.metrics as unknown as Functions;

type Values = number[] | number[][];
/** Targets, outputs and the value for one or more samples. */
type Case = [name: string, targets: Values, outputs: number[][], expected: number];

const LN = -Math.log(0.75);
const HOT = [[0, 1]];
const P = [[0.25, 0.75]];
const Y = [[1, 4]];
const Q = [[2, 2]];
const LOG_ERRORS = (Math.log(3 / 2) ** 2 + Math.log(3 / 5) ** 2) / 2;
const COSINE = 0.75 / Math.hypot(0.25, 0.75);

/** Functions that are both a loss and a metric, with the value of the loss. */
const BOTH: Case[] = [
  ['binaryCrossentropy', HOT, P, LN],
  ['categoricalCrossentropy', HOT, P, LN],
  ['sparseCategoricalCrossentropy', [1], P, LN],
  ['klDivergence', HOT, P, LN],
  ['kld', HOT, P, LN],
  ['kullbackLeiblerDivergence', HOT, P, LN],
  ['poisson', HOT, P, (1 + LN) / 2],
  ['huber', [[0]], [[3]], 2.5],
  ['logCosh', [[0]], [[3]], Math.log(Math.cosh(3))],
  ['logcosh', [[0]], [[3]], Math.log(Math.cosh(3))],
  ['meanAbsoluteError', Y, Q, 1.5],
  ['mae', Y, Q, 1.5],
  ['meanSquaredError', Y, Q, 2.5],
  ['mse', Y, Q, 2.5],
  ['meanAbsolutePercentageError', Y, Q, 75],
  ['mape', Y, Q, 75],
  ['meanSquaredLogarithmicError', Y, Q, LOG_ERRORS],
  ['msle', Y, Q, LOG_ERRORS],
  ['hinge', [[-1, 1]], [[0.5, 0.5]], 1],
  ['squaredHinge', [[-1, 1]], [[0.5, 0.5]], 1.25],
  ['categoricalHinge', HOT, P, 0.5],
];

const LOSSES: Case[] = [
  ...BOTH,
  ['binaryFocalCrossentropy', HOT, P, 0.25 ** 2 * LN],
  ['categoricalFocalCrossentropy', HOT, P, 0.25 * 0.25 ** 2 * LN],
  ['cosineSimilarity', HOT, P, -COSINE],
  ['cosineProximity', HOT, P, -COSINE],
  ['halfSquaredError', Y, Q, 2.5],
];

const ROWS: [Values, number[][]] = [
  [
    [0, 1, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  [
    [0.2, 0.7, 0.1],
    [0.6, 0.3, 0.1],
    [0.5, 0.4, 0.1],
    [0.5, 0.3, 0.2],
  ],
];
const COLUMN: [number[][], number[][]] = [
  [[1], [1], [1], [1], [0]],
  [[0.9], [0.8], [0.2], [0.3], [0.7]],
];

const METRICS: Case[] = [
  ...BOTH,
  ['cosineSimilarity', HOT, P, COSINE],
  ['cosineProximity', HOT, P, -COSINE],
  ['rootMeanSquaredError', Y, Q, Math.sqrt(2.5)],
  ['rmse', Y, Q, Math.sqrt(2.5)],
  ['categoricalAccuracy', ...ROWS, 0.5],
  ['sparseCategoricalAccuracy', [1, 0, 1, 2], ROWS[1], 0.5],
  ['topKCategoricalAccuracy', ...ROWS, 1],
  ['sparseTopKCategoricalAccuracy', [1, 0, 1, 2], ROWS[1], 1],
  ['binaryAccuracy', ...COLUMN, 0.4],
  ['precision', ...COLUMN, 2 / 3],
  ['recall', ...COLUMN, 0.5],
  ['f1Score', ...ROWS, (1 / 2 + 2 / 3 + 0) / 3],
  ['auc', ...COLUMN, 0.5],
];

/** A model that returns its input. */
function echo(width: number, options: Omit<tf.CompileOptions, 'optimizer'>): tf.Sequential {
  const echo = tf.layers.prelu({ alphaInitializer: 'ones', inputShape: [width] });
  const model = tf.sequential({ layers: [echo] });
  model.compile({ optimizer: 'sgd', ...options });
  return model;
}

const mean = (result: tf.Tensor) => tf.mean(result).dataSync()[0];

describe('losses', () => {
  it.each(LOSSES)('%s', (name, targets, outputs, expected) => {
    expect(mean(losses[name](tf.tensor(targets), tf.tensor(outputs)))).toBeCloseTo(expected, 4);
    for (const loss of [name, losses[name], losses[name]()]) {
      const model = echo(outputs[0].length, { loss });
      const [value] = (model.evaluate(tf.tensor(outputs), tf.tensor(targets)) as tf.Tensor).dataSync();
      expect(value).toBeCloseTo(expected, 4);
    }
  });

  it.each<[string, unknown[], number]>([
    ['absoluteDifference', [Y, Q], 1.5],
    [
      'computeWeightedLoss',
      [
        [1, 3],
        [2, 2],
      ],
      4,
    ],
    ['cosineDistance', [HOT, P, 1], 0.25],
    ['hingeLoss', [HOT, [[0.5, 0.5]]], 1],
    ['huberLoss', [[0], [3]], 2.5],
    ['logLoss', [HOT, P], LN],
    ['sigmoidCrossEntropy', [[[1]], [[0]]], Math.LN2],
    ['softmaxCrossEntropy', [HOT, [[0, 0]]], Math.LN2],
  ])('%s of TF.js', (name, values, expected) => {
    const given = values.map((value) => (typeof value === 'number' ? value : tf.tensor(value as Values)));
    expect(losses[name](...given).dataSync()[0]).toBeCloseTo(expected, 4);
  });

  it('options fromLogits, labelSmoothing and delta', () => {
    const of = (loss: tf.CompileOptions['loss'], x: number[][], y: number[][]) =>
      (echo(x[0].length, { loss }).evaluate(tf.tensor(x), tf.tensor(y)) as tf.Tensor).dataSync()[0];
    expect(of(tf.losses.categoricalCrossentropy({ fromLogits: true }), [[0, Math.log(3)]], HOT)).toBeCloseTo(
      LN,
      5,
    );
    expect(of(tf.losses.binaryCrossentropy({ fromLogits: true }), [[Math.log(3)]], [[1]])).toBeCloseTo(LN, 5);
    const smooth = 0.75 * LN + 0.25 * -Math.log(0.25);
    expect(of(tf.losses.categoricalCrossentropy({ labelSmoothing: 0.5 }), P, HOT)).toBeCloseTo(smooth, 5);
    expect(of(tf.losses.huber({ delta: 2 }), [[3]], [[0]])).toBeCloseTo(4, 5);
  });

  it('lossWeights of several outputs', () => {
    const x = tf.input({ shape: [1] });
    const twice = tf.layers.prelu({ alphaInitializer: 'ones', name: 'twice' });
    const once = tf.layers.rescaling({ scale: 2, name: 'once' });
    const model = tf.model({ inputs: x, outputs: [twice.apply(x), once.apply(x)] });
    model.compile({
      optimizer: 'sgd',
      loss: ['meanSquaredError', 'meanAbsoluteError'],
      lossWeights: [10, 1],
    });
    const results = model.evaluate(tf.tensor([[3]]), [tf.tensor([[1]]), tf.tensor([[1]])]) as tf.Tensor[];
    expect(results.map((result) => result.dataSync()[0])).toEqual([45, 4, 5]);
  });
});

describe('metrics', () => {
  it.each(METRICS)('%s', (name, targets, outputs, expected) => {
    expect(mean(metrics[name](tf.tensor(targets), tf.tensor(outputs)))).toBeCloseTo(expected, 3);
    for (const metric of [name, metrics[name], metrics[name]()]) {
      const sparse = targets.length > 0 && !Array.isArray(targets[0]);
      const model = echo(outputs[0].length, {
        loss: sparse ? 'sparseCategoricalCrossentropy' : 'meanSquaredError',
        metrics: [metric],
      });
      const results = model.evaluate(tf.tensor(outputs), tf.tensor(targets)) as tf.Tensor[];
      expect(results[1].dataSync()[0]).toBeCloseTo(expected, 3);
    }
  });

  it('accuracy depends on the loss', () => {
    for (const name of ['accuracy', 'acc'] as const) {
      for (const [loss, targets, outputs, expected] of [
        ['categoricalCrossentropy', ...ROWS, 0.5],
        ['sparseCategoricalCrossentropy', [1, 0, 1, 2], ROWS[1], 0.5],
        ['binaryCrossentropy', ...COLUMN, 0.4],
      ] as const satisfies [string, Values, number[][], number][]) {
        const model = echo(outputs[0].length, { loss, metrics: name });
        const results = model.evaluate(tf.tensor(outputs), tf.tensor(targets)) as tf.Tensor[];
        expect(results[1].dataSync()[0]).toBeCloseTo(expected, 5);
      }
    }
  });

  it('top-k accuracy and the confusion matrix', () => {
    const model = echo(3, { loss: 'mse', metrics: [tf.metrics.topKCategoricalAccuracy({ k: 2 })] });
    const results = model.evaluate(tf.tensor(ROWS[1]), tf.tensor(ROWS[0])) as tf.Tensor[];
    expect(results[1].dataSync()[0]).toBeCloseTo(0.75, 5);
    expect(tf.metrics.confusionMatrix([0, 1, 1], [0, 1, 0]).arraySync()).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });
});
