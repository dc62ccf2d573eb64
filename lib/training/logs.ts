import type { Logs } from '../callbacks/callback.js';
import type { Compiled } from '../network/compile.js';
import type { Totals } from '../program/engine.js';

/**
 * The keys of logs, in the order of scores: the total loss, the outputs' losses if several have one, then the
 * metrics. With several outputs, the keys of each begin with its name.
 */
export function logKeys({ outputs }: Compiled): string[] {
  const trained = outputs.filter((output) => output !== null);
  const isSingle = outputs.length === 1;
  const losses = trained.length > 1 ? trained.map(({ name }) => `${name}_loss`) : [];
  const metrics = trained.flatMap(({ name, metrics }) =>
    metrics.map(({ logKey }) => (isSingle ? logKey : `${name}_${logKey}`)),
  );
  return ['loss', ...losses, ...metrics];
}

/** Mean losses and metrics over the samples of `totals`, in the order of logKeys. */
export function toScores(totals: Totals, { outputs }: Compiled): number[] {
  const losses = totals.losses.length > 1 ? totals.losses : [];
  const metrics = outputs.flatMap((output) => output?.metrics ?? []);
  return [
    ...[totals.loss, ...losses].map((sum) => sum / totals.samples),
    ...metrics.map((metric, i) => metric.result(totals.metrics[i])),
  ];
}

/** Scores by log key. `prefix` is '' or 'val_'. */
export function toLogs(totals: Totals, compiled: Compiled, prefix = ''): Logs {
  const scores = toScores(totals, compiled);
  return Object.fromEntries(logKeys(compiled).map((key, i) => [prefix + key, scores[i]]));
}

/** Adds the totals of the next part of an epoch. */
export function addTotals(sum: Totals, totals: Totals): Totals {
  const add = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value + b[i]);
  const { firstNonFinite } = totals;
  return {
    samples: sum.samples + totals.samples,
    batches: sum.batches + totals.batches,
    loss: sum.loss + totals.loss,
    losses: add(sum.losses, totals.losses),
    metrics: sum.metrics.map((counts, i) => add(counts, totals.metrics[i])),
    firstNonFinite:
      sum.firstNonFinite ?? (firstNonFinite === undefined ? undefined : sum.batches + firstNonFinite),
  };
}
