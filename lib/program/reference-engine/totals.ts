import type { Totals } from '../engine.js';
import type { BatchResult } from './network.js';
import type { TrainingPlan } from './plan-training.js';

export function noTotals({ outputs }: TrainingPlan): Totals {
  return {
    samples: 0,
    batches: 0,
    loss: 0,
    losses: outputs.map(() => 0),
    metrics: outputs.flatMap(({ metrics }) => metrics.map(() => 0)),
  };
}

export function addBatch(totals: Totals, result: BatchResult, samples: number): void {
  totals.samples += samples;
  totals.batches++;
  totals.loss += result.loss;
  result.losses.forEach((sum, index) => {
    totals.losses[index] += sum;
  });
  result.metrics.forEach((sum, index) => {
    totals.metrics[index] += sum;
  });
}

export function copyOf(totals: Totals): Totals {
  return { ...totals, losses: [...totals.losses], metrics: [...totals.metrics] };
}
