import type { Logs } from '../callbacks/callback.js';
import type { CallbackList } from '../callbacks/callback-list.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { nthSeed } from '../random/index.js';
import { concat } from '../tensor/index.js';
import { BatchReader, type SampleReader } from './batch-reader.js';
import { type CustomScores, type Scored, targetTensors } from './custom-metrics.js';
import { evaluateAll, type EvaluateAllOptions } from './evaluate-all.js';
import type { FitSettings } from './fit-options.js';
import type { FitRanks } from './fit-ranks.js';
import { KeptSamples } from './kept-samples.js';
import { type LabelledSource, type LoadedSamples, loadLabelledSamples, rangeOf } from './labelled-data.js';
import { toLogs } from './logs.js';
import type { NonFiniteWatch } from './non-finite.js';
import { predictSamples } from './predict.js';
import type { ValidationSet } from './validation-set.js';

/**
 * Loads samples to validate a fit on, in a set for each shard that has samples: shard i of n has the samples
 * [count * i / n, count * (i + 1) / n).
 */
export async function loadToValidate(
  model: Model,
  source: LabelledSource,
  batchSize: number | undefined,
  { shards, signal, customMetrics }: Pick<FitSettings, 'shards' | 'signal' | 'customMetrics'>,
): Promise<ValidationSet> {
  const bound = (shard: number) => Math.floor((source.count * shard) / shards);
  const sets: LoadedSamples[] = [];
  const close = () => {
    for (const set of sets) set.dispose();
  };
  try {
    for (let shard = 0; shard < shards; shard++) {
      if (bound(shard) === bound(shard + 1)) continue;
      const part = shards === 1 ? source : rangeOf(source, bound(shard), bound(shard + 1));
      sets.push(await loadLabelledSamples(model.state.engine, part, { batchSize, signal }));
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    maxSets: sets.length,
    steps: sets.reduce((sum, { count, batchSize }) => sum + Math.ceil(count / batchSize), 0),
    open: () => readerOf(sets),
    seedOf: shards === 1 ? (seed) => seed : nthSeed,
    isShared: true,
    // Of the same samples in every epoch, targets are copied once.
    ...(customMetrics && shards === 1 && { targets: targetTensors(source) }),
    close,
  };
}

/** Reads sets that stay in memory. */
function readerOf(sets: readonly LoadedSamples[]): SampleReader {
  const rest = sets.values();
  const next = async () => {
    const { value } = rest.next();
    return value && { ...value, dispose: () => {} };
  };
  return { next, readAhead: () => {}, close: () => {} };
}

/** A validation set of at most `maxSets` batches, which `open` reads. */
function batchesToValidate(maxSets: number, open: () => SampleReader): ValidationSet {
  return { maxSets, steps: Number.isFinite(maxSets) ? maxSets : null, open, seedOf: nthSeed };
}

/** A validation set from the rest of each training pass, which `open` reads. */
export function restToValidate(maxSets: number, open: () => SampleReader): ValidationSet {
  return { ...batchesToValidate(maxSets, open), isWithinPass: true };
}

/** A validation set from a dataset of batches. Each validation reads it from the start. */
export function datasetToValidate(
  model: Model,
  dataset: AsyncIterable<unknown>,
  maxSets: number,
  signal: AbortSignal | undefined,
): ValidationSet {
  return batchesToValidate(maxSets, () => new BatchReader(model, dataset, 0, { signal }));
}

/** How often a validation looks whether it is to stop, in milliseconds. */
const STOP_INTERVAL = 50;

/** What a validation may have besides its samples. */
interface ValidationOptions {
  custom?: CustomScores;
  /** The ranks that share the fit. */
  ranks?: FitRanks;
  /** Whether someone looks at the samples, and not only in `evaluate`. Default false. */
  isObserved?: boolean;
}

/** Evaluates a fit on its validation set after each epoch. */
export class Validation {
  readonly #model: Model;
  readonly #set: ValidationSet;
  readonly #custom?: CustomScores;
  readonly #ranks?: FitRanks;
  readonly #kept?: KeptSamples;

  constructor(model: Model, set: ValidationSet, { custom, ranks, isObserved }: ValidationOptions) {
    this.#model = model;
    this.#set = set;
    this.#custom = custom;
    this.#ranks = set.isShared ? ranks : undefined;
    if (isObserved && set.isWithinPass) this.#kept = new KeptSamples();
  }

  /** Number of batches; null if unknown. */
  get steps(): number | null {
    return this.#set.steps;
  }

  /** The samples, for an observer. Those that can be read in `evaluate` alone are copies of the first ones. */
  get samples(): ValidationSet {
    return this.#kept?.set ?? this.#set;
  }

  /** Log keys of the custom metrics. */
  get customKeys(): readonly string[] {
    return this.#custom?.keys ?? [];
  }

  /**
   * Evaluates the validation set until it ends or `model.stopTraining` is set. Resolves to undefined if it was
   * stopped. A callback that is told of a non-finite loss of the validation doesn't stop it, only the fit.
   */
  async evaluateUnlessStopped(
    epoch: number,
    { seed, signal }: { seed: number; signal?: AbortSignal },
    callbacks: CallbackList,
    watch: NonFiniteWatch,
  ): Promise<Logs | undefined> {
    if (this.#model.stopTraining) return undefined;
    const stop = new AbortController();
    const abort = () => stop.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    let isStopped = false;
    const wasReported = watch.reported.validation;
    const timer = setInterval(() => {
      isStopped = this.#model.stopTraining && watch.reported.validation === wasReported;
      if (isStopped) stop.abort();
    }, STOP_INTERVAL);
    try {
      return await this.evaluate(epoch, { seed, signal: stop.signal }, callbacks, watch);
    } catch (error) {
      if (isStopped && !signal?.aborted) return undefined;
      throw error;
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Evaluates the whole validation set. Keys of the logs begin with "val_". An abort ends the wait for a slow
   * custom metric.
   */
  async evaluate(
    epoch: number,
    { seed, signal }: { seed: number; signal?: AbortSignal },
    callbacks: CallbackList,
    watch: NonFiniteWatch,
  ): Promise<Logs> {
    const set = this.#set;
    const scored: Scored[] = [];
    const beforeSet = async (samples: LoadedSamples) => {
      this.#kept?.add(samples);
      if (!this.#custom) return;
      const targets = set.targets ?? targetTensors(samples.source);
      scored.push({ targets, predictions: await predictSamples(this.#model, samples, { seed, signal }) });
    };
    const afterSet = (samples: LoadedSamples, totals: Totals, before?: Totals) =>
      watch.checkValidation({ epoch, step: before?.batches ?? 0, steps: set.steps }, totals, samples);
    const reader = set.open();
    const run: EvaluateAllOptions = {
      maxSets: set.maxSets,
      seedOf: (number: number) => set.seedOf(seed, number),
      signal,
      beforeSet,
      afterSet,
      ranks: this.#ranks,
    };
    const totals = await evaluateAll(this.#model, reader, run).finally(() => reader.close());
    this.#kept?.end();
    const logs = toLogs(totals, this.#model.compiled, 'val_');
    const custom = this.#custom;
    if (!custom) return logs;
    return { ...logs, ...(await callbacks.pause(() => custom.evaluate(joined(scored)))) };
  }

  close(): void {
    this.#set.close?.();
  }
}

function joined(scored: readonly Scored[]): Scored {
  const [first, ...others] = scored;
  if (others.length === 0) return first;
  const join = (part: keyof Scored) => first[part].map((_, i) => concat(scored.map((each) => each[part][i])));
  return { targets: join('targets'), predictions: join('predictions') };
}
