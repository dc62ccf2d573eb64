import type { Logs } from '../callbacks/callback.js';
import type { CallbackList } from '../callbacks/callback-list.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { nthSeed } from '../random/index.js';
import { concat, type Tensor } from '../tensor/index.js';
import { BatchReader, type SampleReader } from './batch-reader.js';
import { type CustomScores, type Scored, targetTensors } from './custom-metrics.js';
import { evaluateAll } from './evaluate.js';
import type { LoadedSamples } from './labelled-data.js';
import { toLogs } from './logs.js';
import type { NonFiniteWatch } from './non-finite.js';
import { predictSamples } from './predict.js';

/** Samples that a fit is validated on. */
export interface ValidationSet {
  /** The most sets of samples that are evaluated. */
  readonly most: number;
  /** The number of batches; null where nobody knows. */
  readonly steps: number | null;
  /** Reads the samples, from the first on. */
  open(): SampleReader;
  /** Gives the seed of a set of samples by that of the validation. */
  seedOf(seed: number, set: number): number;
  /** Copies of the targets, where samples stay the same from epoch to epoch. Default: they are copied from each set. */
  readonly targets?: readonly Tensor[];
  /** Lets the samples go. */
  close?(): void;
}

/** Validates on samples in the engine's memory. `keepsTargets` copies their targets for custom metrics. */
export function arraysToValidate(samples: LoadedSamples, keepsTargets: boolean): ValidationSet {
  return {
    most: 1,
    steps: Math.ceil(samples.count / samples.batchSize),
    open: () => ({
      next: async () => ({ ...samples, dispose: () => {} }),
      readAhead: () => {},
      close: () => {},
    }),
    seedOf: (seed) => seed,
    ...(keepsTargets && { targets: targetTensors(samples.source) }),
    close: () => samples.dispose(),
  };
}

/** Validates on at most `most` batches, which `open` reads. */
export function batchesToValidate(most: number, open: () => SampleReader): ValidationSet {
  return { most, steps: Number.isFinite(most) ? most : null, open, seedOf: nthSeed };
}

/** Validates on a dataset of batches, which is read from its beginning after each epoch. */
export function datasetToValidate(
  model: Model,
  dataset: AsyncIterable<unknown>,
  most: number,
  signal: AbortSignal | undefined,
): ValidationSet {
  return batchesToValidate(most, () => new BatchReader(model, dataset, 0, { signal }));
}

/** What a fit does after each epoch with the samples that it doesn't train on. */
export class Validation {
  readonly #model: Model;
  readonly #set: ValidationSet;
  readonly #custom?: CustomScores;

  constructor(model: Model, set: ValidationSet, custom?: CustomScores) {
    this.#model = model;
    this.#set = set;
    this.#custom = custom;
  }

  /** Keys of the logs that custom metrics add. */
  get customKeys(): readonly string[] {
    return this.#custom?.keys ?? [];
  }

  /** Logs of all samples, with the prefix "val_". Custom metrics may take the time they like: an abort ends the wait. */
  async evaluate(
    epoch: number,
    { seed, signal }: { seed: number; signal?: AbortSignal },
    callbacks: CallbackList,
    watch: NonFiniteWatch,
  ): Promise<Logs> {
    const set = this.#set;
    const scored: Scored[] = [];
    const predict = async (samples: LoadedSamples) => {
      const targets = set.targets ?? targetTensors(samples.source);
      scored.push({ targets, predictions: await predictSamples(this.#model, samples, { seed, signal }) });
    };
    const afterSet = (samples: LoadedSamples, totals: Totals, before?: Totals) =>
      watch.lookAtValidation({ epoch, step: before?.batches ?? 0, steps: set.steps }, totals, samples);
    const reader = set.open();
    const run = {
      most: set.most,
      seedOf: (number: number) => set.seedOf(seed, number),
      signal,
      look: this.#custom && predict,
      afterSet,
    };
    const totals = await evaluateAll(this.#model, reader, run).finally(() => reader.close());
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
