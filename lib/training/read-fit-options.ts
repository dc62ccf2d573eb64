import { readSignal } from '../aborts.js';
import type { CallbackLike } from '../callbacks/callback.js';
import { Dataset } from '../data/dataset.js';
import type { Distribution } from '../distribute/index.js';
import { checkYieldEvery, readBatchSize, readVerbosity, type Verbosity } from '../network/run-options.js';
import { OptionChecks, show } from '../options.js';
import { nextSeed } from '../random/index.js';
import { Tensor } from '../tensor/index.js';
import type { LabelledBatch } from './batch-reader.js';
import { readCheckpointOptions } from './checkpoint-options.js';
import { checkDatasetClassWeight } from './class-weights.js';
import { type CustomMetrics, readCustomMetrics } from './custom-metrics.js';
import { readObservation } from './observer.js';
import type {
  ArrayFitSettings,
  DatasetFitSettings,
  FitDatasetOptions,
  FitOptions,
  FitSettings,
  ValidationData,
} from './fit-options.js';

/** Maximum number of samples in an epoch with stepsPerEpoch. */
const MAX_EPOCH_SAMPLES = 2 ** 31 - 1;

/** As many as the engine takes. */
const MAX_SHARDS = 65536;

const FIT_OPTIONS: Record<keyof Required<FitOptions>, true> = {
  batchSize: true,
  epochs: true,
  initialEpoch: true,
  stepsPerEpoch: true,
  verbose: true,
  callbacks: true,
  validationData: true,
  customMetrics: true,
  validationSplit: true,
  sampleWeight: true,
  classWeight: true,
  shuffle: true,
  seed: true,
  rematerialize: true,
  shards: true,
  distribute: true,
  checkpoint: true,
  resume: true,
  report: true,
  live: true,
  signal: true,
  yieldEvery: true,
};

const FIT_DATASET_OPTIONS: Record<keyof Required<FitDatasetOptions>, true> = {
  batchesPerEpoch: true,
  epochs: true,
  initialEpoch: true,
  verbose: true,
  callbacks: true,
  validationData: true,
  validationSplit: true,
  customMetrics: true,
  validationBatches: true,
  validationBatchSize: true,
  classWeight: true,
  seed: true,
  rematerialize: true,
  shards: true,
  distribute: true,
  checkpoint: true,
  resume: true,
  report: true,
  live: true,
  signal: true,
  yieldEvery: true,
};

/** Throws UNKNOWN_OPTION, INVALID_ARGUMENT; TOO_LARGE for stepsPerEpoch. */
export function readFitOptions(options: FitOptions): ArrayFitSettings {
  const checks = new OptionChecks('fit');
  checks.keys(options, Object.keys(FIT_OPTIONS));
  const { stepsPerEpoch, validationData, sampleWeight, classWeight } = options;
  const batchSize = readBatchSize(checks, options.batchSize);
  const shared = readSharedOptions(checks, options);
  return {
    ...shared,
    batchSize,
    validationSplit: readValidationSplit(checks, options.validationSplit),
    shuffle: checks.boolean('shuffle', options.shuffle ?? true),
    ...(validationData !== undefined && { validationData: readValidationData(checks, validationData) }),
    ...(stepsPerEpoch !== undefined && {
      stepsPerEpoch: readSteps(checks, stepsPerEpoch, shared.epochs, batchSize),
    }),
    ...(sampleWeight !== undefined && { sampleWeight }),
    ...(classWeight !== undefined && { classWeight }),
  };
}

/** Throws UNKNOWN_OPTION, INVALID_ARGUMENT, also for an endless dataset without batchesPerEpoch. */
export function readFitDatasetOptions(
  dataset: AsyncIterable<LabelledBatch>,
  options: FitDatasetOptions,
): DatasetFitSettings {
  const checks = new OptionChecks('fitDataset');
  checkIterable(checks, 'the dataset', dataset);
  checks.keys(options, Object.keys(FIT_DATASET_OPTIONS));
  const batchesPerEpoch = readBatches(checks, 'batchesPerEpoch', options.batchesPerEpoch);
  checkEnd(checks, 'the dataset', dataset, 'batchesPerEpoch', batchesPerEpoch);
  checkDatasetClassWeight('fitDataset', options.classWeight);
  return {
    ...readSharedOptions(checks, options),
    batchesPerEpoch,
    ...readValidation(checks, options),
    trainingBatches: readSplit(checks, dataset, options),
    classWeight: options.classWeight,
  };
}

function readSharedOptions(checks: OptionChecks, options: FitOptions | FitDatasetOptions): FitSettings {
  checkYieldEvery(checks, options.yieldEvery);
  const callbacks = options.callbacks ?? [];
  const { customMetrics } = options;
  const distribute = readDistribution(checks, options.distribute);
  return {
    epochs: checks.whole('epochs', options.epochs ?? 1, 0),
    initialEpoch: checks.whole('initialEpoch', options.initialEpoch ?? 0, 0),
    verbose: readVerbosity(checks, options.verbose, 1),
    callbacks: (Array.isArray(callbacks) ? callbacks : [callbacks]) as CallbackLike[],
    ...(customMetrics !== undefined && { customMetrics: readMetricsOfData(checks, options) }),
    seed: checks.whole('seed', options.seed ?? nextSeed(), 0),
    givenSeed: options.seed,
    ...readCheckpointOptions(checks, options),
    observer: readObservation(checks, options),
    rematerialize: checks.boolean('rematerialize', options.rematerialize ?? false),
    shards: readShards(checks, options.shards, distribute?.ranks ?? 1),
    distribute,
    signal: readSignal(checks, options.signal),
  };
}

/** The default is the next power of two of the number of ranks, whose sums travel least. */
export function readShards(checks: OptionChecks, value: unknown, ranks: number): number {
  const shards = value ?? 2 ** Math.ceil(Math.log2(ranks));
  const read = checks.number('shards', shards, isShards, `a whole number from 1 to ${MAX_SHARDS}`);
  if (read >= ranks) return read;
  return checks.fail(
    'INVALID_ARGUMENT',
    `shards is ${read}, but ${ranks} ranks need one each; give more shards.`,
  );
}

export function readDistribution(checks: OptionChecks, value: unknown): Distribution | undefined {
  if (value === undefined) return undefined;
  const { ranks, gather } = (value ?? {}) as Partial<Distribution>;
  if (typeof ranks === 'number' && typeof gather === 'function') return value as Distribution;
  return checks.fail(
    'INVALID_ARGUMENT',
    `distribute is ${show(value)}; give what distribute.mpi() resolves to: await it.`,
  );
}

function isShards(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= MAX_SHARDS;
}

function readMetricsOfData(
  checks: OptionChecks,
  { customMetrics, validationData, validationSplit }: FitOptions | FitDatasetOptions,
): CustomMetrics {
  const metrics = readCustomMetrics(checks, customMetrics);
  if (validationData !== undefined || validationSplit) return metrics;
  return checks.fail(
    'INVALID_ARGUMENT',
    'customMetrics are evaluated on validation data; give validationData or validationSplit.',
  );
}

/** Options of methods that make one pass over a dataset. */
interface PassOptions {
  batches?: number;
  verbose?: Verbosity;
  signal?: AbortSignal;
}

/** Reads the options of a method that makes one pass. `batches` is Infinity by default. */
export function readPassOptions(
  method: 'evaluateDataset' | 'predictDataset',
  dataset: AsyncIterable<unknown>,
  options: PassOptions,
): { batches: number; verbose: Verbosity; signal?: AbortSignal } {
  const checks = new OptionChecks(method);
  checkIterable(checks, 'the dataset', dataset);
  checks.keys(options, ['batches', 'verbose', 'signal']);
  const batches = readBatches(checks, 'batches', options.batches);
  checkEnd(checks, 'the dataset', dataset, 'batches', batches);
  const verbose = readVerbosity(checks, options.verbose, 0);
  return { batches, verbose, signal: readSignal(checks, options.signal) };
}

function readValidationSplit(checks: OptionChecks, value: unknown = 0): number {
  return checks.number('validationSplit', value, (share) => share >= 0 && share < 1, 'a number in [0, 1)');
}

/** Throws TOO_LARGE if an epoch, or all epochs together, have too many samples. */
function readSteps(checks: OptionChecks, value: unknown, epochs: number, batchSize: number): number {
  const steps = checks.whole('stepsPerEpoch', value, 1);
  const samples = steps * batchSize;
  if (samples <= MAX_EPOCH_SAMPLES && samples * epochs <= Number.MAX_SAFE_INTEGER) return steps;
  return checks.fail(
    'TOO_LARGE',
    `stepsPerEpoch is ${steps}; with a batchSize of ${batchSize} that is ${samples} samples an epoch, and 2^31 - 1 are the most (2^53 in all epochs).`,
  );
}

function readValidationData(checks: OptionChecks, value: unknown): ValidationData {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) {
    const isDataset = value !== null && typeof value === 'object' && Symbol.asyncIterator in value;
    const hint = isDataset ? '; fitDataset takes a dataset' : '';
    checks.fail(
      'INVALID_ARGUMENT',
      `validationData is ${show(value)}; it must be [x, y] or [x, y, sampleWeight]${hint}.`,
    );
  }
  return value as unknown as ValidationData;
}

function readValidation(
  checks: OptionChecks,
  { validationData, validationBatches, validationBatchSize }: FitDatasetOptions,
): Pick<
  DatasetFitSettings,
  'validationDataset' | 'validationArrays' | 'validationBatches' | 'validationBatchSize'
> {
  const settings = {
    validationBatches: readBatches(checks, 'validationBatches', validationBatches),
    validationBatchSize: readBatchSize(checks, validationBatchSize, 'validationBatchSize'),
  };
  if (validationData === undefined) return settings;
  if (Array.isArray(validationData))
    return { ...settings, validationArrays: readValidationData(checks, validationData) };
  const validationDataset = validationData as AsyncIterable<LabelledBatch>;
  const most = settings.validationBatches;
  checkIterable(checks, 'validationData', validationDataset);
  checkEnd(checks, 'validationData', validationDataset, 'validationBatches', most);
  return { ...settings, validationDataset };
}

/**
 * Number of training batches with validationSplit; undefined without. Throws INVALID_ARGUMENT if the dataset
 * doesn't know its size, or if either part would be empty.
 */
function readSplit(
  checks: OptionChecks,
  dataset: AsyncIterable<LabelledBatch>,
  { validationSplit, validationData, batchesPerEpoch }: FitDatasetOptions,
): number | undefined {
  const split = readValidationSplit(checks, validationSplit);
  if (split === 0 || validationData !== undefined) return undefined;
  const size = dataset instanceof Dataset ? dataset.size : null;
  if (size === null) {
    return checks.fail(
      'INVALID_ARGUMENT',
      'validationSplit takes the last batches, but the number of batches is unknown; split the dataset first, with dataset.split or take and skip, and give validationData.',
    );
  }
  if (batchesPerEpoch !== undefined)
    checks.fail('INVALID_ARGUMENT', 'validationSplit divides a whole pass; leave out batchesPerEpoch.');
  const first = Math.floor(size * (1 - split));
  if (first > 0 && first < size) return first;
  return checks.fail(
    'INVALID_ARGUMENT',
    `validationSplit ${split} of ${size} batches leaves ${first} for training and ${size - first} for validation; each needs one or more.`,
  );
}

/** Reads a number of batches. Default: Infinity. */
function readBatches(checks: OptionChecks, name: string, value: number | undefined): number {
  return value === undefined ? Number.POSITIVE_INFINITY : checks.whole(name, value, 1);
}

const ARRAY_METHODS: Readonly<Record<string, string>> = {
  fitDataset: 'fit(x, y)',
  evaluateDataset: 'evaluate(x, y)',
  predictDataset: 'predict(x)',
};

/** Throws INVALID_ARGUMENT unless `dataset` is async iterable. */
function checkIterable(checks: OptionChecks, what: string, dataset: unknown): void {
  if (dataset !== null && typeof dataset === 'object' && Symbol.asyncIterator in dataset) return;
  const arrays = ARRAY_METHODS[checks.subject];
  const hint = dataset instanceof Tensor && arrays ? `, or call ${arrays} with tensors` : '';
  checks.fail(
    'INVALID_ARGUMENT',
    `${what} is ${show(dataset)}; give a Dataset, such as data.array(...).batch(32), or another async iterable of batches {xs, ys}${hint}.`,
  );
}

/** Throws INVALID_ARGUMENT if the dataset is infinite and the option `name` sets no limit. */
function checkEnd(
  checks: OptionChecks,
  what: string,
  dataset: AsyncIterable<unknown>,
  name: string,
  limit: number,
): void {
  if (dataset instanceof Dataset && dataset.size === Number.POSITIVE_INFINITY && limit === dataset.size)
    checks.fail('INVALID_ARGUMENT', `${what} never ends; set ${name}, or take(count) batches of it.`);
}
