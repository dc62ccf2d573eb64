import type { Totals } from '../engine.js';
import type { BatchResult } from './network.js';

export function noTotals(metrics: number): Totals {
  return { samples: 0, batches: 0, loss: 0, metrics: new Array(metrics).fill(0) };
}

export function addBatch(totals: Totals, result: BatchResult, samples: number): void {
  totals.samples += samples;
  totals.batches++;
  totals.loss += result.loss;
  result.metrics.forEach((sum, index) => {
    totals.metrics[index] += sum;
  });
}
