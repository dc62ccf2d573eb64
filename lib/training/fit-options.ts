import type { CallbackLike } from '../callbacks/callback.js';
import { OptionChecks, show } from '../options.js';
import { nextSeed } from '../random/index.js';
import { type CustomMetrics, readCustomMetrics } from './custom-metrics.js';
import type { DataLike } from '../network/ports.js';
import type { ClassWeight } from './class-weights.js';
import type { SampleWeight } from './sample-weights.js';
import {
  checkYieldEvery,
  type RunOptions,
  readBatchSize,
  readVerbosity,
  type Verbosity,
  type YieldEvery,
} from '../network/run-options.js';
import { readSignal } from '../aborts.js';

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

export interface FitSettings {
  batchSize: number;
  epochs: number;
  initialEpoch: number;
  stepsPerEpoch?: number;
  verbose: Verbosity;
  callbacks: readonly CallbackLike[];
  validationData?: ValidationData;
  customMetrics?: CustomMetrics;
  validationSplit: number;
  sampleWeight?: SampleWeight;
  classWeight?: ClassWeight;
  shuffle: boolean;
  seed: number;
  signal?: AbortSignal;
}

/** Samples of an epoch with stepsPerEpoch, at most. */
const MAX_EPOCH_SAMPLES = 2 ** 31 - 1;

const NAMES: Record<keyof Required<FitOptions>, true> = {
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

export function readFitOptions(options: FitOptions): FitSettings {
  const checks = new OptionChecks('fit');
  checks.keys(options, Object.keys(NAMES));
  checkYieldEvery(checks, options.yieldEvery);
  const callbacks = options.callbacks ?? [];
  const settings: FitSettings = {
    batchSize: readBatchSize(checks, options.batchSize),
    epochs: checks.whole('epochs', options.epochs ?? 1, 0),
    initialEpoch: checks.whole('initialEpoch', options.initialEpoch ?? 0, 0),
    verbose: readVerbosity(checks, options.verbose, 1),
    callbacks: (Array.isArray(callbacks) ? callbacks : [callbacks]) as CallbackLike[],
    validationSplit: readValidationSplit(checks, options.validationSplit),
    shuffle: checks.boolean('shuffle', options.shuffle ?? true),
    seed: checks.whole('seed', options.seed ?? nextSeed(), 0),
    signal: readSignal(checks, options.signal),
  };
  if (options.validationData !== undefined)
    settings.validationData = readValidationData(checks, options.validationData);
  if (options.stepsPerEpoch !== undefined)
    settings.stepsPerEpoch = readSteps(checks, options.stepsPerEpoch, settings);
  if (options.customMetrics !== undefined)
    settings.customMetrics = readCustomMetrics(checks, options.customMetrics);
  if (options.sampleWeight !== undefined) settings.sampleWeight = options.sampleWeight;
  if (options.classWeight !== undefined) settings.classWeight = options.classWeight;
  return settings;
}

export function readValidationSplit(checks: OptionChecks, value: unknown = 0): number {
  return checks.number('validationSplit', value, (share) => share >= 0 && share < 1, 'a number in [0, 1)');
}

/** TOO_LARGE where samples are more than can be put in order. */
function readSteps(checks: OptionChecks, value: unknown, { epochs, batchSize }: FitSettings): number {
  const steps = checks.whole('stepsPerEpoch', value, 1);
  const samples = steps * batchSize;
  if (samples <= MAX_EPOCH_SAMPLES && samples * epochs <= Number.MAX_SAFE_INTEGER) return steps;
  return checks.fail(
    'TOO_LARGE',
    `stepsPerEpoch is ${steps}; with a batchSize of ${batchSize} that is ${samples} samples an epoch, and 2^31 - 1 are the most (2^53 in all epochs).`,
  );
}

export function readValidationData(checks: OptionChecks, value: unknown): ValidationData {
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
