import type { Totals } from '../engine.js';
import { countsOf } from './metrics.js';
import type { BatchResult } from './network.js';
import type { TrainingPlan } from './planned.js';

export function noTotals({ outputs }: Pick<TrainingPlan, 'outputs'>): Totals {
  return {
    samples: 0,
    batches: 0,
    loss: 0,
    losses: outputs.map(() => 0),
    metrics: outputs.flatMap(({ metrics, shape }) =>
      metrics.map((metric) => new Array<number>(countsOf(metric, shape[shape.length - 1])).fill(0)),
    ),
  };
}

export function addBatch(totals: Totals, result: BatchResult, samples: number): void {
  totals.samples += samples;
  if (![result.loss, ...result.losses].every(Number.isFinite)) totals.firstNonFinite ??= totals.batches;
  totals.batches++;
  totals.loss += result.loss;
  result.losses.forEach((sum, index) => {
    totals.losses[index] += sum;
  });
  result.metrics.forEach((counts, index) => {
    counts.forEach((count, i) => {
      totals.metrics[index][i] += count;
    });
  });
}

export function copyOf(totals: Totals): Totals {
  return { ...totals, losses: [...totals.losses], metrics: totals.metrics.map((counts) => [...counts]) };
}
