import { readSignal } from '../aborts.js';
import type { CallbackLike } from '../callbacks/callback.js';
import { Dataset } from '../data/dataset.js';
import type { DataLike } from '../network/ports.js';
import {
  checkYieldEvery,
  type RunOptions,
  readBatchSize,
  readVerbosity,
  type Verbosity,
  type YieldEvery,
} from '../network/run-options.js';
import { OptionChecks, show } from '../options.js';
import { nextSeed } from '../random/index.js';
import { Tensor } from '../tensor/index.js';
import type { LabelledBatch } from './batch-reader.js';
import { type ClassWeight, checkDatasetClassWeight, type DatasetClassWeight } from './class-weights.js';
import { type CustomMetrics, readCustomMetrics } from './custom-metrics.js';
import type { SampleWeight } from './sample-weights.js';

/** x, y and, if they count differently, what the samples count. */
export type ValidationData = readonly [DataLike, DataLike] | readonly [DataLike, DataLike, SampleWeight];

/** Options of {@link LayersModel.fit}. */
export interface FitOptions extends RunOptions {
  /** Passes over the data, counted from the first fit: with initialEpoch 3, epochs 5 makes two. 0 trains nothing. Default 1. */
  epochs?: number;
  /** The number of the first epoch. Default 0. */
  initialEpoch?: number;
  /**
   * Batches in an epoch, all full: each epoch goes on in the data where the one before ended, again from its beginning (in another
   * order) when it is through. At most 2^31 - 1 samples in an epoch. Default: as many as go once through the data.
   */
  stepsPerEpoch?: number;
  /** Default 1. */
  verbose?: Verbosity;
  /** Objects with hooks such as onEpochEnd, or instances of classes that extend Callback. */
  callbacks?: CallbackLike | readonly CallbackLike[];
  /** [x, y] or [x, y, sampleWeight], evaluated after each epoch; it goes before validationSplit. */
  validationData?: ValidationData;
  /**
   * Measures of your own, evaluated in JavaScript on the validation data after each epoch: {name: (yTrue, yPred) => number}, in logs
   * as val_name; for a model of several outputs on each that has a loss, as val_output_name.
   */
  customMetrics?: CustomMetrics;
  /** Share of the samples, the last ones, that is kept from training and evaluated after each epoch. Default 0. */
  validationSplit?: number;
  /**
   * What each sample counts in the loss, [n], or each row of the output, such as each pixel: [n, height, width]; for several outputs a
   * list, or by the outputs' names. Metrics count samples alike.
   */
  sampleWeight?: SampleWeight;
  /**
   * What samples (or pixels) of a class count in the training's loss, {0: 1, 1: 5}; classes left out count 1. 'balanced' has all classes
   * of the training samples count alike. For several outputs a list, or by the outputs' names.
   */
  classWeight?: ClassWeight;
  /** Whether each epoch has an order of its own. Default true. */
  shuffle?: boolean;
  /** Seeds order and dropout: a whole number in [0, 2^53). Default: drawn from the global generator, see setSeed. */
  seed?: number;
  /** Of TF.js, and without effect: training has a thread of its own, so the event loop is free all the time. */
  yieldEvery?: YieldEvery;
}

/** Options of {@link LayersModel.fitDataset}. */
export interface FitDatasetOptions {
  /**
   * Batches in an epoch. With it, an epoch goes on where the last one stopped reading; if the dataset ends before, a warning is given and
   * the fit ends after this epoch. Default: an epoch is a pass over the dataset.
   */
  batchesPerEpoch?: number;
  /** Epochs, counted from the first fit: with initialEpoch 3, epochs 5 makes two. 0 trains nothing. Default 1. */
  epochs?: number;
  /** The number of the first epoch; a shuffled dataset has that epoch's order. Default 0. */
  initialEpoch?: number;
  /** Default 1. */
  verbose?: Verbosity;
  /** Objects with hooks such as onEpochEnd, or instances of classes that extend Callback. */
  callbacks?: CallbackLike | readonly CallbackLike[];
  /** A dataset of batches, or [x, y] or [x, y, sampleWeight] as fit takes them, evaluated after each epoch. */
  validationData?: AsyncIterable<LabelledBatch> | ValidationData;
  /**
   * Share of the batches, the last ones of a pass, that is kept from training and evaluated after each epoch; of a dataset that tells its
   * size. All epochs then have the batches of the first, in its order, so that no sample is trained on and evaluated: to shuffle the
   * others anew in each, divide the dataset before (dataset.split) and give validationData, which goes before this. Default 0.
   */
  validationSplit?: number;
  /** Measures of your own on the validation data after each epoch, as fit takes them; all its predictions are then kept until it is through. */
  customMetrics?: CustomMetrics;
  /** Batches of a validation dataset, or of those that validationSplit keeps, that are evaluated. Default: all. */
  validationBatches?: number;
  /** Samples that are computed together where validationData are arrays. Default 32. */
  validationBatchSize?: number;
  /**
   * What samples of a class count in the training's loss, {0: 1, 1: 5}; classes left out count 1. For several outputs a list, or by
   * the outputs' names.
   */
  classWeight?: DatasetClassWeight;
  /** Seeds dropout: a whole number in [0, 2^53). Default: drawn from the global generator, see setSeed. */
  seed?: number;
  /** Ends the fit with the code ABORTED, also while it waits for the dataset. */
  signal?: AbortSignal;
  /** Of TF.js, and without effect: training has a thread of its own, so the event loop is free all the time. */
  yieldEvery?: YieldEvery;
}

/** What every fit is told. */
export interface FitSettings {
  epochs: number;
  initialEpoch: number;
  verbose: Verbosity;
  callbacks: readonly CallbackLike[];
  customMetrics?: CustomMetrics;
  seed: number;
  signal?: AbortSignal;
}

export interface ArrayFitSettings extends FitSettings {
  batchSize: number;
  stepsPerEpoch?: number;
  validationData?: ValidationData;
  validationSplit: number;
  sampleWeight?: SampleWeight;
  classWeight?: ClassWeight;
  shuffle: boolean;
}

export interface DatasetFitSettings extends FitSettings {
  /** Infinity where a pass is an epoch. */
  batchesPerEpoch: number;
  validationDataset?: AsyncIterable<LabelledBatch>;
  validationArrays?: ValidationData;
  /** Batches of a pass before those that validationSplit keeps. */
  trainingBatches?: number;
  validationBatches: number;
  validationBatchSize: number;
  classWeight?: DatasetClassWeight;
}

/** Samples of an epoch with stepsPerEpoch, at most. */
const MAX_EPOCH_SAMPLES = 2 ** 31 - 1;

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
  signal: true,
  yieldEvery: true,
};

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
  return {
    epochs: checks.whole('epochs', options.epochs ?? 1, 0),
    initialEpoch: checks.whole('initialEpoch', options.initialEpoch ?? 0, 0),
    verbose: readVerbosity(checks, options.verbose, 1),
    callbacks: (Array.isArray(callbacks) ? callbacks : [callbacks]) as CallbackLike[],
    ...(customMetrics !== undefined && { customMetrics: readMetricsOfData(checks, options) }),
    seed: checks.whole('seed', options.seed ?? nextSeed(), 0),
    signal: readSignal(checks, options.signal),
  };
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

/** Options of what goes once over a dataset. */
interface PassOptions {
  batches?: number;
  verbose?: Verbosity;
  signal?: AbortSignal;
}

/** `batches` is Infinity for all. */
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

/** TOO_LARGE where samples are more than can be put in order. */
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

/** Throws INVALID_ARGUMENT where batches can't be counted, or one of the parts would be empty. */
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
      'validationSplit keeps the last batches, but how many there are only reading them would tell; divide the dataset before, with dataset.split or take and skip, and give validationData.',
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

/** Infinity by default. */
function readBatches(checks: OptionChecks, name: string, value: number | undefined): number {
  return value === undefined ? Number.POSITIVE_INFINITY : checks.whole(name, value, 1);
}

const ARRAY_METHODS: Readonly<Record<string, string>> = {
  fitDataset: 'fit(x, y)',
  evaluateDataset: 'evaluate(x, y)',
  predictDataset: 'predict(x)',
};

/** INVALID_ARGUMENT unless it can be iterated. */
function checkIterable(checks: OptionChecks, what: string, dataset: unknown): void {
  if (dataset !== null && typeof dataset === 'object' && Symbol.asyncIterator in dataset) return;
  const arrays = ARRAY_METHODS[checks.subject];
  const hint = dataset instanceof Tensor && arrays ? `, or call ${arrays} with tensors` : '';
  checks.fail(
    'INVALID_ARGUMENT',
    `${what} is ${show(dataset)}; give a Dataset, such as data.array(...).batch(32), or another async iterable of batches {xs, ys}${hint}.`,
  );
}

/** INVALID_ARGUMENT unless it ends, be it by `limit`, which the option `name` has set. */
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
