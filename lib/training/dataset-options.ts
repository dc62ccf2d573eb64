import type { CallbackLike } from '../callbacks/callback.js';
import { Dataset } from '../data/dataset.js';
import { OptionChecks, show } from '../options.js';
import { nextSeed } from '../random/index.js';
import { type CustomMetrics, readCustomMetrics } from './custom-metrics.js';
import type { LabelledBatch } from './batch-reader.js';
import { readValidationData, type ValidationData } from './fit-options.js';
import { checkDatasetClassWeight, type DatasetClassWeight } from './class-weights.js';
import {
  checkYieldEvery,
  readBatchSize,
  readSignal,
  readVerbosity,
  type Verbosity,
  type YieldEvery,
} from './run-options.js';

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
  /** Measures of your own on the validation data after each epoch, as fit takes them; all its predictions are then kept until it is through. */
  customMetrics?: CustomMetrics;
  /** Batches of a validation dataset that are evaluated. Default: all. */
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

export interface FitDatasetSettings {
  /** Infinity where a pass is an epoch. */
  batchesPerEpoch: number;
  epochs: number;
  initialEpoch: number;
  verbose: Verbosity;
  callbacks: readonly CallbackLike[];
  validationDataset?: AsyncIterable<LabelledBatch>;
  validationArrays?: ValidationData;
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
  checks.keys(options, Object.keys(NAMES));
  checkYieldEvery(checks, options.yieldEvery);
  const batchesPerEpoch = readBatches(checks, 'batchesPerEpoch', options.batchesPerEpoch);
  checkDataset(checks, 'the dataset', dataset, 'batchesPerEpoch', batchesPerEpoch);
  checkDatasetClassWeight('fitDataset', options.classWeight);
  const callbacks = options.callbacks ?? [];
  return {
    batchesPerEpoch,
    epochs: checks.whole('epochs', options.epochs ?? 1, 0),
    initialEpoch: checks.whole('initialEpoch', options.initialEpoch ?? 0, 0),
    verbose: readVerbosity(checks, options.verbose, 1),
    callbacks: (Array.isArray(callbacks) ? callbacks : [callbacks]) as CallbackLike[],
    ...readValidation(checks, options),
    customMetrics: readMetricsOfData(checks, options),
    classWeight: options.classWeight,
    seed: checks.whole('seed', options.seed ?? nextSeed(), 0),
    signal: readSignal(checks, options.signal),
  };
}

export function readEvaluateDatasetOptions(
  dataset: AsyncIterable<LabelledBatch>,
  options: EvaluateDatasetOptions,
): { batches: number; verbose: Verbosity; signal?: AbortSignal } {
  const checks = new OptionChecks('evaluateDataset');
  checks.keys(options, ['batches', 'verbose', 'signal']);
  const batches = readBatches(checks, 'batches', options.batches);
  checkDataset(checks, 'the dataset', dataset, 'batches', batches);
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
  checkDataset(checks, 'validationData', validationDataset, 'validationBatches', most);
  return { ...settings, validationDataset };
}

function readMetricsOfData(
  checks: OptionChecks,
  { customMetrics, validationData }: FitDatasetOptions,
): CustomMetrics | undefined {
  if (customMetrics === undefined) return undefined;
  if (validationData === undefined)
    checks.fail('INVALID_ARGUMENT', 'customMetrics are evaluated on validation data; give validationData.');
  return readCustomMetrics(checks, customMetrics);
}

/** Infinity by default. */
function readBatches(checks: OptionChecks, name: string, value: number | undefined): number {
  return value === undefined ? Number.POSITIVE_INFINITY : checks.whole(name, value, 1);
}

/** INVALID_ARGUMENT unless it can be iterated and ends, be it by `limit`, which the option `name` has set. */
function checkDataset(
  checks: OptionChecks,
  what: string,
  dataset: unknown,
  name: string,
  limit: number,
): void {
  if (dataset === null || typeof dataset !== 'object' || !(Symbol.asyncIterator in dataset)) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${what} is ${show(dataset)}; give a Dataset, such as data.array(...).batch(32), or another async iterable of batches {xs, ys}.`,
    );
  }
  if (dataset instanceof Dataset && dataset.size === Number.POSITIVE_INFINITY && limit === dataset.size)
    checks.fail('INVALID_ARGUMENT', `${what} never ends; set ${name}, or take(count) batches of it.`);
}
