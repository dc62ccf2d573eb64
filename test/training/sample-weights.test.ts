import { describe, expect, it } from 'vitest';
import { data, layers, sequential, tensor, train } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

/** The identity on images [2, 2, 1]. With targets of 0, losses are the squares of the values. */
function identity() {
  const conv = layers.conv2d({ filters: 1, kernelSize: 1, useBias: false, inputShape: [2, 2, 1] });
  const net = sequential({ layers: [conv] });
  net.setWeights([tensor([1], [1, 1, 1, 1])]);
  net.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError', metrics: ['mae'] });
  return net;
}

const X = tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1]);
const ZEROS = tensor(Array(8).fill(0), [2, 2, 2, 1]);
const WEIGHTS = tensor([1, 0, 0, 2, 0, 0.5, 0, 0], [2, 2, 2]);
const LOSS = (1 + 2 * 16 + 0.5 * 36) / 8;
const quiet = { epochs: 1, verbose: 0 } as const;

describe('weights of pixels', () => {
  it('weight the loss in fit, evaluate, trainOnBatch and validation, not the metrics', async () => {
    const net = identity();
    const { history } = await net.fit(X, ZEROS, {
      ...quiet,
      sampleWeight: WEIGHTS,
      validationData: [X, ZEROS, WEIGHTS.reshape([2, 2, 2, 1])],
    });
    expect(history.loss).toEqual([LOSS]);
    expect(history.val_loss).toEqual([LOSS]);
    expect(history.mae).toEqual([4.5]);
    const [loss, mae] = await net.evaluate(X, ZEROS, { sampleWeight: WEIGHTS, batchSize: 1 });
    expect([loss.dataSync()[0], mae.dataSync()[0]]).toEqual([LOSS, 4.5]);
    expect(await net.trainOnBatch(X, ZEROS, WEIGHTS)).toEqual([LOSS, 4.5]);
  });

  it('are split with their samples', async () => {
    const { history } = await identity().fit(X, ZEROS, {
      ...quiet,
      sampleWeight: WEIGHTS,
      validationSplit: 0.5,
    });
    expect(history.loss).toEqual([33 / 4]);
    expect(history.val_loss).toEqual([18 / 4]);
  });

  it('are read from the batches of a dataset', async () => {
    const batches = data.array([{ xs: X, ys: ZEROS, sampleWeight: WEIGHTS }]);
    const { history } = await identity().fitDataset(batches, { ...quiet, validationData: batches });
    expect([history.loss, history.val_loss]).toEqual([[LOSS], [LOSS]]);
  });

  it('are refused with another shape', async () => {
    const fitWith = (shape: number[]) => () =>
      identity().fit(X, ZEROS, {
        ...quiet,
        sampleWeight: tensor(Array(shape.reduce((a, b) => a * b)).fill(1), shape),
      });
    const message = /a weight for each of the 2 samples: \[2\], or for each of their rows: \[2, 2, 2\]/;
    for (const shape of [
      [2, 2],
      [2, 4],
      [1, 2, 2],
      [2, 2, 2, 2],
      [2, 1, 1],
    ])
      await expectError(fitWith(shape), 'SHAPE_MISMATCH', message);
  });
});
