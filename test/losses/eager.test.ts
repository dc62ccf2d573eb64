import { describe, expect, it } from 'vitest';
import { getLoss } from '../../lib/losses/registry.js';
import * as tf from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

const { losses, Reduction } = tf;
const value = (tensor: tf.Tensor) => tensor.dataSync()[0];

/** The loss that `evaluate` returns for a model whose outputs are its inputs. */
async function evaluated(
  loss: tf.CompileOptions['loss'],
  labels: tf.Tensor,
  predictions: tf.Tensor,
): Promise<number> {
  const inputs = tf.input({ shape: predictions.shape.slice(1) });
  const model = tf.model({ inputs, outputs: tf.layers.rescaling({ scale: 1 }).apply(inputs) });
  model.compile({ optimizer: 'sgd', loss });
  return value(await model.evaluate<tf.PendingTensor>(predictions, labels));
}

describe('losses of labels and predictions', () => {
  const ofClasses = tf.tensor2d([0.7, 0.2, 0.1, 0.2, 0.5, 0.3], [2, 3]);
  const oneHot = tf.tensor2d([1, 0, 0, 0, 0, 1], [2, 3]);
  const named = [
    'categoricalCrossentropy',
    'binaryCrossentropy',
    'binaryFocalCrossentropy',
    'categoricalFocalCrossentropy',
    'meanSquaredError',
    'meanAbsoluteError',
    'meanAbsolutePercentageError',
    'meanSquaredLogarithmicError',
    'halfSquaredError',
    'huber',
    'logCosh',
    'hinge',
    'squaredHinge',
    'categoricalHinge',
    'klDivergence',
    'poisson',
    'cosineSimilarity',
  ] as const;

  it.each(named)('%s is the mean that evaluate gives', async (name) => {
    const labels = name === 'meanAbsolutePercentageError' ? oneHot.add(1) : oneHot;
    const expected = await evaluated(name, labels, ofClasses);
    expect(value(losses[name](labels, ofClasses))).toBeCloseTo(expected, 5);
    expect(losses[name](labels, ofClasses).shape).toEqual([]);
  });

  it('sparseCategoricalCrossentropy takes classes, with or without a last axis', async () => {
    const expected = -(Math.log(0.7) + Math.log(0.3)) / 2;
    expect(value(losses.sparseCategoricalCrossentropy([0, 2], ofClasses))).toBeCloseTo(expected, 6);
    expect(value(losses.sparseCategoricalCrossentropy([[0], [2]], ofClasses))).toBeCloseTo(expected, 6);
    await expectError(
      () => losses.sparseCategoricalCrossentropy([0, 3], ofClasses),
      'INVALID_LABEL',
      /label 1 is 3; labels are whole numbers from 0 to 2/,
    );
    await expectError(
      () => losses.sparseCategoricalCrossentropy([0], ofClasses),
      'SHAPE_MISMATCH',
      /classes \[2\]/,
    );
  });

  it('sparseCategoricalCrossentropy takes images of classes', async () => {
    const labels = tf.randomUniform([2, 3, 4], 0, 1, 'float32', 1);
    const predictions = tf.randomUniform([2, 3, 4], 0, 1, 'float32', 2);
    for (const name of ['categoricalCrossentropy', 'meanSquaredError', 'halfSquaredError'] as const) {
      const expected = await evaluated(name, labels, predictions);
      expect(value(losses[name](labels, predictions)), name).toBeCloseTo(expected, 4);
    }
    expect(losses.klDivergence(labels, predictions, null, Reduction.NONE).shape).toEqual([2, 3]);
    expect(losses.halfSquaredError(labels, predictions, null, Reduction.NONE).shape).toEqual([2]);
  });

  it('are weighted and reduced as in TF.js', async () => {
    const labels = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const predictions = tf.tensor2d([2, 2, 0, 8], [2, 2]);
    const mse = (...rest: [weights?: tf.TensorLike, reduction?: tf.Reduction]) =>
      losses.meanSquaredError(labels, predictions, ...rest);
    // Losses are [[1, 0], [9, 16]].
    expect(value(mse())).toBe(6.5);
    expect(mse(undefined, Reduction.NONE).arraySync()).toEqual([
      [1, 0],
      [9, 16],
    ]);
    expect(value(mse([[2], [0]]))).toBe(1);
    expect(value(mse([[2], [0]], Reduction.MEAN))).toBe(0.5);
    expect(value(mse([1, 0.5], Reduction.SUM))).toBe(18);
    expect(value(losses.computeWeightedLoss([3, 5], [1, 0]))).toBe(3);
    await expectError(() => mse(1, 7 as never), 'INVALID_ARGUMENT', /reduction is 7/);
    await expectError(
      () => losses.meanSquaredError([1, 2], [1]),
      'SHAPE_MISMATCH',
      /\[2\] and predictions \[1\]/,
    );
  });
});

describe("TF.js's own losses", () => {
  const logits = tf.tensor2d([2, -1, 0.5, 1], [2, 2]);
  const labels = tf.tensor2d([1, 0, 0, 1], [2, 2]);

  it('softmaxCrossEntropy', () => {
    const expected = (Math.log1p(Math.exp(-3)) + Math.log1p(Math.exp(-0.5))) / 2;
    expect(value(losses.softmaxCrossEntropy(labels, logits))).toBeCloseTo(expected, 6);
    const smoothed = losses.softmaxCrossEntropy(labels, logits, [1, 0], 0.5);
    expect(value(smoothed)).toBeCloseTo(Math.log1p(Math.exp(-3)) + 0.25 * 3, 6);
  });

  it('sigmoidCrossEntropy', () => {
    const each = [2, 1, -0.5, 1].map((margin) => Math.log1p(Math.exp(-margin)));
    const expected = each.reduce((a, b) => a + b) / 4;
    expect(value(losses.sigmoidCrossEntropy(labels, logits))).toBeCloseTo(expected, 6);
  });

  it('huberLoss, hingeLoss, absoluteDifference, logLoss, cosineDistance', () => {
    expect(value(losses.huberLoss([0, 0], [1, 4], undefined, 2))).toBeCloseTo((0.5 + 6) / 2, 6);
    expect(value(losses.hingeLoss([0, 1], [0.5, 0.25]))).toBeCloseTo((1.5 + 0.75) / 2, 6);
    expect(value(losses.absoluteDifference([0, 0], [1, -4]))).toBe(2.5);
    expect(value(losses.logLoss([1, 0], [0.5, 0.25], undefined, 0))).toBeCloseTo(
      (Math.LN2 - Math.log(0.75)) / 2,
      6,
    );
    const away = losses.cosineDistance(
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 0],
        [1, 0],
      ],
      1,
      undefined,
      Reduction.NONE,
    );
    expect(away.arraySync()).toEqual([[0], [1]]);
  });

  it('can be compiled if a model can train on them', async () => {
    expect(getLoss(losses.softmaxCrossEntropy)).toMatchObject({
      kind: 'categoricalCrossentropy',
      fromLogits: true,
    });
    expect(getLoss(losses.sigmoidCrossEntropy)).toMatchObject({
      kind: 'binaryCrossentropy',
      fromLogits: true,
    });
    expect(getLoss(losses.huberLoss)).toEqual({ kind: 'huber', delta: 1 });
    expect(getLoss('hingeLoss').kind).toBe('hinge');
    expect(getLoss(losses.absoluteDifference).kind).toBe('meanAbsoluteError');
    await expectError(() => getLoss(losses.logLoss as never), 'UNSUPPORTED', /function logLoss/);
    await expectError(() => losses.meanSquaredError({ delta: 1 } as never), 'UNKNOWN_OPTION', /'delta'/);
  });
});
