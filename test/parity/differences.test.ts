import * as tfcore from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import * as tf from '../../lib/index.js';

// Runs both libraries where docs/from-tfjs.md says that training differs, and where it says that it doesn't.

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

it('evaluate with a regularizer: its penalty is included only here, in training in both', async () => {
  const { own, theirs } = factor(true);
  own.compile({ optimizer: 'sgd', loss });
  theirs.compile({ optimizer: 'sgd', loss });
  const [x, y] = [tfcore.ones([1, 1]), tfcore.zeros([1, 1])];
  expect(number(theirs.evaluate(x, y))).toBe(1);
  expect(number(await own.evaluate(tf.ones([1, 1]), tf.zeros([1, 1])))).toBe(1.5);
  expect((await theirs.fit(x, y, { verbose: 0 })).history.loss).toEqual([1.5]);
  expect((await own.fit(tf.ones([1, 1]), tf.zeros([1, 1]), { verbose: 0 })).history.loss).toEqual([1.5]);
});

it('precision: only predictions of 1 are positive in TF.js, those above 0.5 here', () => {
  const [labels, predictions] = [[[1, 0, 1]], [[0.9, 0.8, 1]]];
  const theirs = tfl.metrics.precision(tfcore.tensor2d(labels), tfcore.tensor2d(predictions));
  expect(number(theirs)).toBe(1);
  const own = tf.metrics.precision(tf.tensor2d(labels), tf.tensor2d(predictions));
  expect(number(own)).toBeCloseTo(2 / 3, 6);
});

it('accuracy with binary cross-entropy over vectors: by element in both', async () => {
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

/** The standard deviation of an initializer's values for [500, 1000], relative to the requested one. */
function spread(initializer: 'glorotNormal' | 'heNormal' | 'leCunNormal', asked: number) {
  const of = (values: ArrayLike<number>) =>
    Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);
  const kernelInitializer = tf.initializers[initializer]({ seed: 1 });
  const options = { units: 1000, useBias: false, inputShape: [500], kernelInitializer } as const;
  const own = tf.sequential({ layers: [tf.layers.dense(options)] });
  const theirs = tfl.initializers[initializer]({ seed: 1 }).apply([500, 1000]);
  return { own: of(own.getWeights()[0].dataSync()) / asked, theirs: of(theirs.dataSync()) / asked };
}

it.each([
  ['glorotNormal', Math.sqrt(2 / 1500)],
  ['heNormal', Math.sqrt(2 / 500)],
  ['leCunNormal', Math.sqrt(1 / 500)],
] as const)('%s: truncated to 0.88 of its deviation in TF.js, the whole of it here', (name, asked) => {
  const { own, theirs } = spread(name, asked);
  // Of 500,000 values; the deviation of a normal distribution that is cut off at 2 is 0.8796.
  expect(theirs).toBeCloseTo(0.8796, 2);
  expect(own).toBeCloseTo(1, 2);
});

it("varianceScaling of a 'truncatedNormal': uniform in TF.js", () => {
  const options = { scale: 1, mode: 'fanIn', distribution: 'truncatedNormal', seed: 1 } as const;
  const largest = (values: ArrayLike<number>) =>
    Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const theirs = tfl.initializers.varianceScaling(options).apply([300, 100]);
  expect(largest(theirs.dataSync()) * Math.sqrt(300)).toBeCloseTo(Math.sqrt(3), 2);
  const kernelInitializer = tf.initializers.varianceScaling(options);
  const own = tf.sequential({
    layers: [tf.layers.dense({ units: 100, inputShape: [300], kernelInitializer })],
  });
  expect(largest(own.getWeights()[0].dataSync()) * Math.sqrt(300)).toBeCloseTo(2 / 0.8796, 2);
});

const TIES: [string, number[][], string[], string[]][] = [
  ['maxPooling1d', [[2, 1]], ['1,0'], ['1,0']],
  ['maxPooling2d', [[2, 2, 1]], ['1,0,0,0'], ['1,0,0,0']],
  ['globalMaxPooling1d', [[3, 1]], ['1,0,0'], ['1,1,1']],
  ['globalMaxPooling2d', [[2, 2, 1]], ['1,0,0,0'], ['1,1,1,1']],
  ['maximum', [[2], [2]], ['1,1', '0,0'], ['1,1', '0,0']],
  ['minimum', [[2], [2]], ['1,1', '0,0'], ['1,1', '0,0']],
];

it.each(TIES)('the gradient of %s of equal values differs', async (name, shapes, expected, inTfjs) => {
  const only = <T>(list: T[]): T | T[] => (list.length === 1 ? list[0] : list);
  type Make = (options: object) => { apply(inputs: unknown): unknown };
  const theirs = (tfl.layers as unknown as Record<string, Make>)[name]({});
  const gradients = tfcore.grads((...x: tfcore.Tensor[]) =>
    tfcore.sum(theirs.apply(only(x)) as tfcore.Tensor),
  )(shapes.map((shape) => tfcore.ones([1, ...shape])));
  expect(gradients.map((gradient) => gradient.dataSync().join())).toEqual(inTfjs);
  const inputs = shapes.map((shape) => tf.input({ shape }));
  const layer = (tf.layers as unknown as Record<string, Make>)[name]({});
  const outputs = layer.apply(only(inputs)) as tf.SymbolicTensor;
  const model = tf.model({ inputs, outputs });
  const given = await model.inputGradients(shapes.map((shape) => tf.ones([1, ...shape])));
  expect(Object.values(given.inputs).map((gradient) => gradient.dataSync().join())).toEqual(expected);
});

it('centerCrop of one column too many: without the first one in TF.js, without the last one here', () => {
  const pixels = Array.from({ length: 20 }, (_, i) => i);
  const options = { height: 4, width: 3 };
  const own = tf.sequential({ layers: [tf.layers.centerCrop({ ...options, inputShape: [5, 4, 1] })] });
  const rows = (first: number) => [0, 4, 8, 12].flatMap((row) => [0, 1, 2].map((x) => first + row + x));
  expect([...own.predict(tf.tensor(pixels, [1, 5, 4, 1])).dataSync()]).toEqual(rows(0));
  const theirs = tfl.layers.centerCrop(options).apply(tfcore.tensor(pixels, [1, 5, 4, 1]));
  expect([...(theirs as tfcore.Tensor).dataSync()]).toEqual(rows(1));
});

it('centerCrop of an image that is too small: resized in TF.js, refused here', () => {
  const theirs = tfl.layers.centerCrop({ height: 4, width: 4 }).apply(tfcore.ones([1, 2, 3, 1]));
  expect((theirs as tfcore.Tensor).shape).toEqual([1, 4, 4, 1]);
  expect(() => {
    const image = tf.input({ shape: [2, 3, 1] });
    tf.layers.centerCrop({ height: 4, width: 4 }).apply(image);
  }).toThrow(/centerCrop|center_crop/);
});
