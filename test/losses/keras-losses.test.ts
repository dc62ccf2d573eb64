import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { layers, losses, sequential, setEngine, tensor, train } from '../../lib/index.js';
import type { PendingTensor } from '../../lib/tensor/index.js';
import { lossFromConfig } from '../../lib/losses/registry.js';
import { expectClose } from '../support/numeric.js';

// Weighted losses and their gradients, with Keras 3's results in float64: see
// scripts/golden/make-keras-losses.py.

interface Case {
  name: string;
  loss: { className: string; config: Record<string, unknown> };
  softmax: boolean;
  /** Axes between the batch and the last. */
  rows: number[];
  x: number[];
  kernel: number[];
  targets: number[];
  weights: { shape: number[]; values: number[] } | null;
  /** The loss of the batch. */
  value: number;
  /** Its gradient by the kernel. */
  gradient: number[];
}

const SAMPLES = 4;
const INPUTS = 3;
const CASES = JSON.parse(
  readFileSync(path.join(__dirname, 'fixtures', 'keras-losses.json'), 'utf8'),
) as Case[];

const OPTIONS: Record<string, string> = {
  from_logits: 'fromLogits',
  label_smoothing: 'labelSmoothing',
  ignore_class: 'ignoreClass',
  alpha: 'alpha',
  gamma: 'gamma',
};

function build({ loss, softmax, rows, kernel }: Case) {
  const options = Object.entries(loss.config).map(([key, value]) => [OPTIONS[key] ?? key, value]);
  const units = kernel.length / INPUTS;
  const net = sequential({
    layers: [
      layers.dense({
        units,
        useBias: false,
        activation: softmax ? 'softmax' : 'linear',
        inputShape: [...rows, INPUTS],
      }),
    ],
  });
  net.compile({
    optimizer: train.sgd(0),
    loss: lossFromConfig(loss.className, Object.fromEntries(options)),
  });
  net.setWeights([tensor(kernel, [INPUTS, units])]);
  return net;
}

describe.each(['native', 'reference'] as const)('losses in the %s engine are those of Keras', (engine) => {
  it.each(CASES.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    setEngine(engine);
    try {
      const net = build(each);
      const { rows, kernel, targets, weights } = each;
      const isSparse = each.loss.className.startsWith('Sparse');
      const x = tensor(each.x, [SAMPLES, ...rows, INPUTS]);
      const shape = [SAMPLES, ...rows, ...(isSparse ? [] : [kernel.length / INPUTS])];
      const y = tensor(targets, shape, isSparse ? 'int32' : 'float32');
      const sampleWeight = weights ? tensor(weights.values, weights.shape) : undefined;
      const { loss, gradients } = await net.gradients(x, y, sampleWeight);
      const [gradient] = Object.values(gradients);
      expectClose([loss], [each.value], { what: 'loss' });
      expectClose(gradient.dataSync(), each.gradient, { absolute: 2e-6, what: 'gradient' });
      const evaluated = await net.evaluate<PendingTensor>(x, y, { batchSize: SAMPLES, sampleWeight });
      expectClose(evaluated.dataSync(), [each.value], { what: 'evaluated loss' });
    } finally {
      setEngine('native');
    }
  });
});

it('ignoreClass excludes a row even if its outputs are NaN, as in Keras', async () => {
  const net = sequential({ layers: [layers.dense({ units: 2, inputShape: [1], useBias: false })] });
  net.compile({
    optimizer: train.sgd(0),
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: 255 }),
  });
  net.setWeights([tensor([0, 0], [1, 2])]);
  const x = tensor([1, Number.NaN], [2, 1]);
  const loss = await net.evaluate<PendingTensor>(x, tensor([1, 255], [2], 'int32'));
  expect(loss.dataSync()[0]).toBeCloseTo(Math.LN2, 6);
});

it('the loss of an epoch with ignoreClass is the sample-weighted mean of its batches, as in Keras', async () => {
  const net = sequential({ layers: [layers.dense({ units: 2, inputShape: [1], useBias: false })] });
  const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: -1 });
  net.compile({ optimizer: train.sgd(0), loss });
  net.setWeights([tensor([0, 1], [1, 2])]);
  const x = tensor([1, 2, 3], [3, 1]);
  const y = tensor([0, -1, 1], [3], 'int32');
  const of = (logit: number, label: number) => Math.log(1 + Math.exp(label === 0 ? logit : -logit));
  const whole = await net.evaluate<PendingTensor>(x, y, { batchSize: 3 });
  expect(whole.dataSync()[0]).toBeCloseTo((of(1, 0) + of(3, 1)) / 2, 5);
  const parts = await net.evaluate<PendingTensor>(x, y, { batchSize: 2 });
  expect(parts.dataSync()[0]).toBeCloseTo((2 * of(1, 0) + of(3, 1)) / 3, 5);
});

describe('metrics with ignoreClass', () => {
  it('include ignored rows, as in Keras', async () => {
    const net = sequential({ layers: [layers.dense({ units: 3, inputShape: [3], useBias: false })] });
    net.compile({
      optimizer: train.sgd(0),
      loss: losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: 255 }),
      metrics: ['accuracy', 'sparseTopKCategoricalAccuracy', 'crossentropy', 'precision'],
    });
    net.setWeights([tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3])]);
    const x = tensor([2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 2], [4, 3]);
    const scores = await net.evaluate(x, tensor([0, 255, 2, 0], [4], 'int32'));
    const [loss, acc, top, crossentropy, precision] = scores.map((score) => score.dataSync()[0]);
    const logSum = Math.log(Math.exp(2) + 2);
    expect(loss).toBeCloseTo((3 * logSum - 4) / 3, 5);
    expect(acc).toBeCloseTo(2 / 4, 6);
    // Only three classes exist, so a class out of range is never among the first five.
    expect(top).toBeCloseTo(3 / 4, 6);
    expect(crossentropy).toBeCloseTo((3 * logSum - 4) / 4, 5);
    expect(precision).toBeCloseTo(2 / 4, 6);
  });
});
