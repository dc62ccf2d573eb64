import { expect, it } from 'vitest';
import { layers, sequential } from '../../lib/index.js';
import { toLogs, toScores } from '../../lib/training/logs.js';

it('logs are means over samples, and metrics from counts', () => {
  const totals = {
    samples: 8,
    batches: 2,
    loss: 4,
    losses: [4],
    metrics: [
      [12, 16],
      [2, 8],
    ],
  };
  const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [2] })] });
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy', 'mse'] });
  const { compiled } = model;
  expect(toLogs(totals, compiled)).toEqual({ loss: 0.5, acc: 0.75, mse: 0.25 });
  expect(toLogs(totals, compiled, 'val_')).toEqual({ val_loss: 0.5, val_acc: 0.75, val_mse: 0.25 });
  expect(toScores(totals, compiled)).toEqual([0.5, 0.75, 0.25]);
});
