import type { CallbackLike } from '../callbacks/callback.js';
import { Dataset } from '../data/dataset.js';
import { OptionChecks, show } from '../options.js';
import { nextSeed } from '../random/index.js';
import { Tensor } from '../tensor/index.js';
import { type CustomMetrics, readCustomMetrics } from './custom-metrics.js';
import type { LabelledBatch, UnlabelledBatch } from './batch-reader.js';
import { readValidationData, readValidationSplit, type ValidationData } from './fit-options.js';
import { checkDatasetClassWeight, type DatasetClassWeight } from './class-weights.js';
import {
  checkYieldEvery,
  readBatchSize,
  readVerbosity,
  type Verbosity,
  type YieldEvery,
} from '../network/run-options.js';
import { readSignal } from '../aborts.js';

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

/** Options of {@link LayersModel.evaluateDataset}. */
export interface EvaluateDatasetOptions {
  /** Batches that are evaluated. Default: all. */
  batches?: number;
  /** 1 and 2 print a line with the results. Default 0. */
  verbose?: Verbosity;
  /** Ends the evaluation with the code ABORTED, also while it waits for the dataset. */
  signal?: AbortSignal;
}

/** Options of {@link LayersModel.predictDataset}. */
export interface PredictDatasetOptions {
  /** Batches that are predicted. Default: all. */
  batches?: number;
  /** 1 and 2 print a line when all is computed. Default 0. */
  verbose?: Verbosity;
  /** Ends the prediction with the code ABORTED, also while it waits for the dataset. */
  signal?: AbortSignal;
}

export interface FitDatasetSettings {
  /** Infinity where a pass is an epoch. */
  batchesPerEpoch: number;
  epochs: number;
  initialEpoch: number;
  verbose: Verbosity;
  callbacks: readonly CallbackLike[];
  validationDataset?: AsyncIterable<LabelledBatch>;
  validationArrays?: ValidationData;
  /** Batches of a pass before those that validationSplit keeps. */
  trainingBatches?: number;
  validationBatches: number;
  validationBatchSize: number;
  customMetrics?: CustomMetrics;
  classWeight?: DatasetClassWeight;
  seed: number;
  signal?: AbortSignal;
}

const NAMES: Record<keyof Required<FitDatasetOptions>, true> = {
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

export function readFitDatasetOptions(
  dataset: AsyncIterable<LabelledBatch>,
  options: FitDatasetOptions,
): FitDatasetSettings {
  const checks = new OptionChecks('fitDataset');
  checkIterable(checks, 'the dataset', dataset);
  checks.keys(options, Object.keys(NAMES));
  checkYieldEvery(checks, options.yieldEvery);
  const batchesPerEpoch = readBatches(checks, 'batchesPerEpoch', options.batchesPerEpoch);
  checkEnd(checks, 'the dataset', dataset, 'batchesPerEpoch', batchesPerEpoch);
  checkDatasetClassWeight('fitDataset', options.classWeight);
  const callbacks = options.callbacks ?? [];
  return {
    batchesPerEpoch,
    epochs: checks.whole('epochs', options.epochs ?? 1, 0),
    initialEpoch: checks.whole('initialEpoch', options.initialEpoch ?? 0, 0),
    verbose: readVerbosity(checks, options.verbose, 1),
    callbacks: (Array.isArray(callbacks) ? callbacks : [callbacks]) as CallbackLike[],
    ...readValidation(checks, options),
    trainingBatches: readSplit(checks, dataset, options),
    customMetrics: readMetricsOfData(checks, options),
    classWeight: options.classWeight,
    seed: checks.whole('seed', options.seed ?? nextSeed(), 0),
    signal: readSignal(checks, options.signal),
  };
}

interface PassSettings {
  /** Infinity for all. */
  batches: number;
  verbose: Verbosity;
  signal?: AbortSignal;
}

export function readEvaluateDatasetOptions(
  dataset: AsyncIterable<LabelledBatch>,
  options: EvaluateDatasetOptions,
): PassSettings {
  return readPassOptions('evaluateDataset', dataset, options);
}

export function readPredictDatasetOptions(
  dataset: AsyncIterable<UnlabelledBatch>,
  options: PredictDatasetOptions,
): PassSettings {
  return readPassOptions('predictDataset', dataset, options);
}

function readPassOptions(
  method: string,
  dataset: AsyncIterable<unknown>,
  options: EvaluateDatasetOptions | PredictDatasetOptions,
): PassSettings {
  const checks = new OptionChecks(method);
  checkIterable(checks, 'the dataset', dataset);
  checks.keys(options, ['batches', 'verbose', 'signal']);
  const batches = readBatches(checks, 'batches', options.batches);
  checkEnd(checks, 'the dataset', dataset, 'batches', batches);
  const verbose = readVerbosity(checks, options.verbose, 0);
  return { batches, verbose, signal: readSignal(checks, options.signal) };
}

function readValidation(
  checks: OptionChecks,
  { validationData, validationBatches, validationBatchSize }: FitDatasetOptions,
): Pick<
  FitDatasetSettings,
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

function readMetricsOfData(
  checks: OptionChecks,
  { customMetrics, validationData, validationSplit }: FitDatasetOptions,
): CustomMetrics | undefined {
  if (customMetrics === undefined) return undefined;
  if (validationData === undefined && !validationSplit)
    checks.fail(
      'INVALID_ARGUMENT',
      'customMetrics are evaluated on validation data; give validationData or validationSplit.',
    );
  return readCustomMetrics(checks, customMetrics);
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
