import * as tfcore from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import * as tf from '../../lib/index.js';

// Where docs/from-tfjs.md says that training differs from TF.js, and where it doesn't: both are run.

/** y = w x with w = 1, on one sample x = 1, y = 0. */
function factor(regularized = false) {
  const own = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 1,
        useBias: false,
        inputShape: [1],
        kernelInitializer: 'ones',
        ...(regularized && { kernelRegularizer: tf.regularizers.l2({ l2: 0.5 }) }),
      }),
    ],
  });
  const theirs = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 1,
        useBias: false,
        inputShape: [1],
        kernelInitializer: 'ones',
        ...(regularized && { kernelRegularizer: tfl.regularizers.l2({ l2: 0.5 }) }),
      }),
    ],
  });
  return { own, theirs };
}

const loss = 'meanSquaredError';
const number = (scores: unknown) => (scores as { dataSync(): ArrayLike<number> }).dataSync()[0];

it("adadelta's first step: the whole gradient in TF.js, by the paper's formula here", async () => {
  const { own, theirs } = factor();
  own.compile({ optimizer: tf.train.adadelta(1, 0.95, 1e-7), loss });
  theirs.compile({ optimizer: tfcore.train.adadelta(1, 0.95, 1e-7), loss });
  await own.trainOnBatch(tf.ones([1, 1]), tf.zeros([1, 1]));
  await theirs.trainOnBatch(tfcore.ones([1, 1]), tfcore.zeros([1, 1]));
  // The gradient is 2.
  expect(number(theirs.getWeights()[0])).toBeCloseTo(1 - 2, 6);
  expect(number(own.getWeights()[0])).toBeCloseTo(1 - (Math.sqrt(1e-7) / Math.sqrt(0.05 * 4 + 1e-7)) * 2, 6);
});

it('evaluate with a regularizer: its part counts here alone, in training in both', async () => {
  const { own, theirs } = factor(true);
  own.compile({ optimizer: 'sgd', loss });
  theirs.compile({ optimizer: 'sgd', loss });
  const [x, y] = [tfcore.ones([1, 1]), tfcore.zeros([1, 1])];
  expect(number(theirs.evaluate(x, y))).toBe(1);
  expect(number(await own.evaluate(tf.ones([1, 1]), tf.zeros([1, 1])))).toBe(1.5);
  expect((await theirs.fit(x, y, { verbose: 0 })).history.loss).toEqual([1.5]);
  expect((await own.fit(tf.ones([1, 1]), tf.zeros([1, 1]), { verbose: 0 })).history.loss).toEqual([1.5]);
});

it('precision: predictions of 1 alone are positive in TF.js, those above 0.5 here', () => {
  const [labels, predictions] = [[[1, 0, 1]], [[0.9, 0.8, 1]]];
  const theirs = tfl.metrics.precision(tfcore.tensor2d(labels), tfcore.tensor2d(predictions));
  expect(number(theirs)).toBe(1);
  const own = tf.metrics.precision(tf.tensor2d(labels), tf.tensor2d(predictions));
  expect(number(own)).toBeCloseTo(2 / 3, 6);
});

it('accuracy with binary cross-entropy over vectors: of each element in both', async () => {
  const options = { units: 3, activation: 'sigmoid', inputShape: [1] } as const;
  const own = tf.sequential({ layers: [tf.layers.dense(options)] });
  const theirs = tfl.sequential({ layers: [tfl.layers.dense({ ...options, inputShape: [1] })] });
  own.setWeights([tf.tensor2d([[5, -5, 5]]), tf.zeros([3])]);
  theirs.setWeights([tfcore.tensor2d([[5, -5, 5]]), tfcore.zeros([3])]);
  const compiled = { optimizer: 'sgd', loss: 'binaryCrossentropy', metrics: ['accuracy'] } as const;
  own.compile(compiled);
  theirs.compile({ ...compiled, metrics: ['accuracy'] });
  const scores = theirs.evaluate(tfcore.ones([1, 1]), tfcore.ones([1, 3])) as tfcore.Scalar[];
  expect(number(scores[1])).toBeCloseTo(2 / 3, 6);
  expect(number((await own.evaluate(tf.ones([1, 1]), tf.ones([1, 3])))[1])).toBeCloseTo(2 / 3, 6);
});

it('trainable after compile: at once in TF.js, at the next compile here', async () => {
  const { own, theirs } = factor();
  own.compile({ optimizer: 'sgd', loss });
  theirs.compile({ optimizer: 'sgd', loss });
  own.trainable = false;
  theirs.trainable = false;
  await own.trainOnBatch(tf.ones([1, 1]), tf.zeros([1, 1]));
  await expect(theirs.trainOnBatch(tfcore.ones([1, 1]), tfcore.zeros([1, 1]))).rejects.toThrow(
    /none of the 1 variables is trainable/,
  );
  expect(number(own.getWeights()[0])).toBeLessThan(1);
  expect(own.getLayer(0).trainable).toBe(false);
  expect(theirs.layers[0].trainable).toBe(true);
});
