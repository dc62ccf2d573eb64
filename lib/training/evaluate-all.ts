import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { sampleShapes } from '../program/samples.js';
import type { SampleReader } from './batch-reader.js';
import type { FitRanks } from './fit-ranks.js';
import type { LoadedSamples } from './labelled-data.js';
import { addTotals } from './logs.js';
import { untilPrepared } from './prepared.js';
import { evaluateSamples } from './sharded-evaluation.js';

/** How to evaluate several sets of samples, one after another. */
export interface EvaluateAllOptions {
  /** Maximum number of sets to evaluate. */
  maxSets: number;
  /** The seed of a set, by its index from 0. Default: drawn from the global generator. */
  seedOf?: (set: number) => number;
  signal?: AbortSignal;
  /** Called with each set before its evaluation. */
  beforeSet?: (samples: LoadedSamples) => Promise<void>;
  /** Called after each set, with its totals and with the sum of the earlier sets' totals. */
  afterSet?: (samples: LoadedSamples, totals: Totals, before: Totals | undefined) => Promise<void>;
  /**
   * The ranks that share the sets. Each evaluates some, and all get the same sum. The sets must stay in memory until
   * the end, as `afterSet` is called then.
   */
  ranks?: FitRanks;
}

/**
 * Sums the totals of all sets, and reads each set while the one before is computed. Throws INVALID_ARGUMENT
 * if there are none.
 */
export async function evaluateAll(
  model: Model,
  reader: SampleReader,
  options: EvaluateAllOptions,
): Promise<Totals> {
  const { maxSets, seedOf, signal, beforeSet, afterSet, ranks } = options;
  const own: [set: number, totals: Totals][] = [];
  const sets: LoadedSamples[] = [];
  let sum: Totals | undefined;
  const add = async (samples: LoadedSamples, totals: Totals) => {
    await afterSet?.(samples, totals, sum);
    sum = sum ? addTotals(sum, totals) : totals;
  };
  for (let set = 0; set < maxSets; set++) {
    const samples = await reader.next();
    if (!samples) break;
    const { x, y, sampleWeights, batchSize } = samples;
    try {
      await beforeSet?.(samples);
      if (ranks) sets.push(samples);
      if (ranks && !ranks.owns(set)) continue;
      const preparing = untilPrepared(model.state, sampleShapes(x), signal);
      if (preparing) await preparing;
      const pending = evaluateSamples(model, { x, y, sampleWeights, batchSize, signal, seed: seedOf?.(set) });
      if (set + 1 < maxSets) reader.readAhead();
      const totals = await pending.promise;
      if (ranks) own.push([set, totals]);
      else await add(samples, totals);
    } finally {
      samples.dispose();
    }
  }
  const shared = ranks ? (await ranks.gather(own)).flat() : [];
  for (const [set, totals] of shared.sort(([a], [b]) => a - b)) await add(sets[set], totals);
  if (sum) return sum;
  throw new ConvforgeError('INVALID_ARGUMENT', 'The dataset to evaluate on gave no batches.');
}
