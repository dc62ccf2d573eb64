import type { Metric } from '../metrics/index.js';
import type { Totals } from '../program/engine.js';

/** What callbacks and histories get: means by name, such as {loss, acc, val_loss, val_acc}. */
export type Logs = Record<string, number>;

/** Means over the samples seen; `prefix` is '' or 'val_'. */
export function toLogs(totals: Totals, metrics: readonly Metric[], prefix = ''): Logs {
  const logs: Logs = { [`${prefix}loss`]: totals.loss / totals.samples };
  for (const [i, metric] of metrics.entries())
    logs[prefix + metric.logKey] = totals.metrics[i] / totals.samples;
  return logs;
}

/** Loss, then metrics in the order of compile: a single number where there are none. */
export function toScores(totals: Totals): number[] {
  return [totals.loss, ...totals.metrics].map((sum) => sum / totals.samples);
}
