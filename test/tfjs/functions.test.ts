import '@tensorflow/tfjs-backend-cpu';
import * as tfjs from '@tensorflow/tfjs-core';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as ours from '../../lib/index.js';
import { expectClose } from '../support/numeric.js';
import { Draw } from './generator/draw.js';

tfjs.env().set('IS_TEST', true);

const draw = new Draw(1);
const numbers = (count: number, low: number, high: number) =>
  Array.from({ length: count }, () => draw.number(low, high));

/** Values in rows of three. */
type Rows = number[];

const REAL: [Rows, Rows] = [numbers(12, -2, 2), numbers(12, -2, 2)];
const SIGNS = REAL[0].map(Math.sign);
const BINARY = REAL[0].map((value) => (value > 0 ? 1 : 0));
const SHARES = numbers(12, 0.05, 0.95);
const ONE_HOT = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0];
const TINY = [0.01, 0.02, 0.03].flatMap((value) => [value, -value, 0.5, 1]);

/** Arguments of each function of `losses`: targets, predictions, and what else precedes the weights. */
const LOSSES: Readonly<Record<string, { values: [Rows, Rows]; axis?: number; isOfRows?: boolean }>> = {
  absoluteDifference: { values: REAL },
  meanSquaredError: { values: REAL },
  cosineDistance: { values: REAL, axis: 1, isOfRows: true },
  hingeLoss: { values: [BINARY, REAL[1]] },
  huberLoss: { values: REAL },
  logLoss: { values: [BINARY, SHARES] },
  sigmoidCrossEntropy: { values: [BINARY, REAL[1]] },
  softmaxCrossEntropy: { values: [ONE_HOT, REAL[1]], isOfRows: true },
};

// biome-ignore lint/suspicious/noExplicitAny: both packages have it by the same name and with different types.
type Package = any;

describe('losses', () => {
  const weights = numbers(12, 0, 2);

  it('are all those that both packages have', () => {
    const both = Object.keys(tfjs.losses).filter((name) => name in ours.losses);
    expect(['computeWeightedLoss', ...Object.keys(LOSSES)].sort()).toEqual(both.sort());
  });

  it.each(Object.entries(LOSSES))('%s', (name, { values: [labels, predictions], axis, isOfRows = false }) => {
    for (const reduction of [undefined, ...Object.values(tfjs.Reduction).filter(Number.isInteger)]) {
      for (const isWeighted of [false, true]) {
        const [own, theirs] = [ours, tfjs].map((tf: Package) => {
          const shape = axis === undefined ? [4] : [4, 1];
          const given = isOfRows ? tf.tensor(weights.slice(0, 4), shape) : tf.tensor(weights, [4, 3]);
          const arrays = [tf.tensor(labels, [4, 3]), tf.tensor(predictions, [4, 3])];
          const others = axis === undefined ? [] : [axis];
          const extra = {
            logLoss: [1e-7],
            huberLoss: [1],
            sigmoidCrossEntropy: [0],
            softmaxCrossEntropy: [0],
          };
          const option = extra[name as keyof typeof extra] ?? [];
          return tf.losses[name](...arrays, ...others, isWeighted ? given : undefined, ...option, reduction);
        });
        expect(own.shape).toEqual(theirs.shape);
        expectClose(own.dataSync(), theirs.dataSync(), { absolute: 1e-6, relative: 1e-6 });
      }
    }
  });

  it.each(Object.values(tfjs.Reduction).filter(Number.isInteger))(
    'computeWeightedLoss, reduction %i',
    (way) => {
      const [own, theirs] = [ours, tfjs].map((tf: Package) =>
        tf.losses.computeWeightedLoss(tf.tensor(REAL[0], [4, 3]), tf.tensor(weights, [4, 3]), way),
      );
      expect(own.shape).toEqual(theirs.shape);
      expectClose(own.dataSync(), theirs.dataSync(), { absolute: 1e-6, relative: 1e-6 });
    },
  );
});

/** Targets and predictions for each function of `metrics`. */
const METRICS: Readonly<Record<string, [Rows, Rows]>> = {
  binaryAccuracy: [BINARY, SHARES],
  binaryCrossentropy: [BINARY, SHARES],
  categoricalAccuracy: [ONE_HOT, SHARES],
  categoricalCrossentropy: [ONE_HOT, SHARES],
  cosineProximity: REAL,
  meanAbsoluteError: REAL,
  meanAbsolutePercentageError: REAL,
  MAPE: REAL,
  mape: [TINY, REAL[1]],
  meanSquaredError: REAL,
  MSE: REAL,
  mse: [SIGNS, REAL[1]],
  // Predictions that both packages count equally: in TF.js only 1 is positive.
  precision: [BINARY, ONE_HOT],
  recall: [BINARY, ONE_HOT],
};

describe('metrics', () => {
  it('are all those that both packages have', () => {
    const both = Object.keys(tfjsLayers.metrics).filter((name) => name in ours.metrics);
    expect(['sparseCategoricalAccuracy', ...Object.keys(METRICS)].sort()).toEqual(both.sort());
  });

  const compare = (name: string, truth: [Rows, number[]], scores: Rows) => {
    const own = (ours.metrics as Package)[name](ours.tensor(...truth), ours.tensor(scores, [4, 3]));
    const theirs = (tfjsLayers.metrics as Package)[name](tfjs.tensor(...truth), tfjs.tensor(scores, [4, 3]));
    expect(own.shape).toEqual(theirs.shape);
    expectClose(own.dataSync(), theirs.dataSync(), { absolute: 1e-6, relative: 1e-5 });
  };

  it.each(Object.entries(METRICS))('%s', (name, [truth, scores]) => compare(name, [truth, [4, 3]], scores));

  it('sparseCategoricalAccuracy', () => {
    compare('sparseCategoricalAccuracy', [[0, 2, 1, 1], [4]], SHARES);
    compare(
      'sparseCategoricalAccuracy',
      [
        [0, 2, 1, 1],
        [4, 1],
      ],
      SHARES,
    );
  });
});
