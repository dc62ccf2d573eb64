import type { MetricKind } from '../description.js';
import type { LossCall, Targets } from './losses.js';

export interface Metric {
  readonly targets: 'values' | 'classes';
  /** Sum over samples; a sample's value is the mean over its rows or elements. */
  sum(call: Omit<LossCall, 'losses' | 'gradient'>): number;
}

export const METRICS: Record<MetricKind, Metric> = {
  categoricalAccuracy: {
    targets: 'values',
    sum: (call) =>
      sumOverRows(
        call,
        (row) => argmax(call.targets, row, call.classes) === argmax(call.outputs, row, call.classes),
      ),
  },
  sparseCategoricalAccuracy: {
    targets: 'classes',
    sum: (call) => sumOverRows(call, (row) => call.targets[row] === argmax(call.outputs, row, call.classes)),
  },
  binaryAccuracy: {
    targets: 'values',
    sum({ samples, outputs, targets }) {
      let equal = 0;
      for (let i = 0; i < outputs.length; i++) if (outputs[i] > 0.5 === targets[i] > 0.5) equal++;
      return (equal * samples) / outputs.length;
    },
  },
  meanSquaredError: {
    targets: 'values',
    sum({ samples, outputs, targets }) {
      let sum = 0;
      for (let i = 0; i < outputs.length; i++) sum += (outputs[i] - targets[i]) ** 2;
      return (sum * samples) / outputs.length;
    },
  },
};

function sumOverRows(
  { samples, classes, outputs }: Parameters<Metric['sum']>[0],
  isRight: (row: number) => boolean,
): number {
  const rows = outputs.length / classes;
  let right = 0;
  for (let row = 0; row < rows; row++) if (isRight(row)) right++;
  return (right * samples) / rows;
}

/** Index of the first maximum of a row. */
function argmax(values: Targets, row: number, classes: number): number {
  const start = row * classes;
  let best = 0;
  for (let i = 1; i < classes; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}
