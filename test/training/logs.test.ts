import { expect, it } from 'vitest';
import { toLogs, toScores } from '../../lib/training/logs.js';

it('totals become means over samples', () => {
  const totals = { samples: 8, batches: 2, loss: 4, losses: [4], metrics: [6, 2] };
  const metrics = [
    { kind: 'categoricalAccuracy', logKey: 'acc' },
    { kind: 'meanSquaredError', logKey: 'mse' },
  ] as const;
  expect(toLogs(totals, metrics)).toEqual({ loss: 0.5, acc: 0.75, mse: 0.25 });
  expect(toLogs(totals, metrics, 'val_')).toEqual({ val_loss: 0.5, val_acc: 0.75, val_mse: 0.25 });
  expect(toScores(totals)).toEqual([0.5, 0.75, 0.25]);
});
