import type { CallbackLike } from '../callbacks/callback.js';
import type { Distribution } from '../distribute/index.js';
import type { DataLike } from '../network/ports.js';
import type { RunOptions, Verbosity, YieldEvery } from '../network/run-options.js';
import type { LabelledBatch } from './batch-reader.js';
import type { CheckpointOptions, CheckpointSettings } from './checkpoint-options.js';
import type { ClassWeight, DatasetClassWeight } from './class-weights.js';
import type { CustomMetrics } from './custom-metrics.js';
import type { FitRanks } from './fit-ranks.js';
import type { FitObserver, ObservationOptions } from './observer.js';
import type { SampleWeight } from './sample-weights.js';

/** [x, y] or [x, y, sampleWeight]. */
export type ValidationData = readonly [DataLike, DataLike] | readonly [DataLike, DataLike, SampleWeight];

/** Options of {@link LayersModel.fit}. */
export interface FitOptions extends RunOptions, ObservationOptions {
  /**
   * Index of the epoch to stop before, as in Keras: with initialEpoch 3, epochs 5 trains two. 0 trains none.
   * Default 1.
   */
  epochs?: number;
  /** Index of the first epoch. Default 0. */
  initialEpoch?: number;
  /**
   * Number of batches in an epoch; all are full. Each epoch continues in the data where the last one ended,
   * and at the end of the data starts over in a new order. An epoch may have at most 2^31 - 1 samples.
   * Default: one pass over the data.
   */
  stepsPerEpoch?: number;
  /** 0 prints nothing, 1 and 2 print the progress of the fit. Default 1. */
  verbose?: Verbosity;
  /** Objects with hooks such as onEpochEnd, or instances of subclasses of Callback. */
  callbacks?: CallbackLike | readonly CallbackLike[];
  /** [x, y] or [x, y, sampleWeight], evaluated after each epoch. Overrides validationSplit. */
  validationData?: ValidationData;
  /**
   * Metrics as JavaScript functions, {name: (yTrue, yPred) => number}, evaluated on the validation data after
   * each epoch. Logs show them as val_name; with several outputs as val_output_name, for each that has a
   * loss.
   */
  customMetrics?: CustomMetrics;
  /**
   * Fraction in [0, 1) of the samples to hold out for validation after each epoch. The last ones are taken.
   * Default 0.
   */
  validationSplit?: number;
  /**
   * Weights in the loss: one for each sample, [n], or for each row of the output, such as each pixel: [n,
   * height, width]. Several outputs take a list in their order, or an object by their names. Metrics ignore
   * them.
   */
  sampleWeight?: SampleWeight;
  /**
   * Weights of the classes in the training loss, {0: 1, 1: 5}; other classes weigh 1. 'balanced' gives all
   * classes of the training samples the same total weight. Several outputs take a list in their order, or an
   * object by their names.
   */
  classWeight?: ClassWeight;
  /** Whether to shuffle the samples anew for each epoch. Default true. */
  shuffle?: boolean;
  /**
   * Seed of shuffling and dropout: a whole number in [0, 2^53). Default: drawn from the global generator, see
   * setSeed.
   */
  seed?: number;
  /**
   * Whether to compute values again in the backward pass instead of keeping them from the forward pass. That
   * takes less memory and more time: less than half of the memory for values in a ResNet, for some 15 % more
   * time. Results are the same, bit for bit. `explain({ rematerialize: true })` tells what it takes. Default
   * false.
   */
  rematerialize?: boolean;
  /**
   * The number of parts that each batch is computed in. Sums over the batch, such as gradients and the statistics
   * of batch normalization, are added part by part in a fixed order. So results depend on the number of parts,
   * though only in rounding, and not on the processes that share them. A training in several processes takes
   * this number in one process too, if its results are to be the same, bit for bit. From 1 to 65536; parts of one
   * process each take memory for their weights' gradients. Default 1, or with `distribute` the next power of two
   * of the processes' number.
   */
  shards?: number;
  /**
   * The processes that share the training: `await distribute.mpi()`. Each computes some of the shards of every batch,
   * so `batchSize` is that of all together, and all need the same data. Results are those of one process with as many
   * shards, bit for bit. Only rank 0 prints, writes files and calls callbacks, but for those with `everyRank`.
   * Default: this process is alone.
   */
  distribute?: Distribution;
  /**
   * Writes checkpoints to a folder while it trains, from which a killed training resumes without a trace: the
   * weights end up the same, bit for bit. Also makes `model.stopTraining = true` take effect within about a
   * tenth of a second, with a checkpoint of where training stopped. Default: none.
   */
  checkpoint?: CheckpointOptions;
  /**
   * Whether to resume from the newest checkpoint in `checkpoint.dir`; if there is none, training begins at
   * its start. The model must be made and compiled, and the data and options given, as then, except that
   * `epochs` may be larger. Default false.
   */
  resume?: boolean;
  /** Accepted for TF.js and ignored: training runs on its own thread and never blocks the event loop. */
  yieldEvery?: YieldEvery;
}

/** Options of {@link LayersModel.fitDataset}. */
export interface FitDatasetOptions extends ObservationOptions {
  /**
   * Number of batches in an epoch. Each epoch then continues where the last one stopped reading. If the
   * dataset ends within an epoch, the fit warns and ends after that epoch. Default: an epoch is one pass over
   * the dataset.
   */
  batchesPerEpoch?: number;
  /**
   * Index of the epoch to stop before, as in Keras: with initialEpoch 3, epochs 5 trains two. 0 trains none.
   * Default 1.
   */
  epochs?: number;
  /** Index of the first epoch. A shuffled dataset starts with that epoch's order. Default 0. */
  initialEpoch?: number;
  /** 0 prints nothing, 1 and 2 print the progress of the fit. Default 1. */
  verbose?: Verbosity;
  /** Objects with hooks such as onEpochEnd, or instances of subclasses of Callback. */
  callbacks?: CallbackLike | readonly CallbackLike[];
  /**
   * A dataset of batches, or [x, y] or [x, y, sampleWeight] as for fit, evaluated after each epoch. Overrides
   * validationSplit.
   */
  validationData?: AsyncIterable<LabelledBatch> | ValidationData;
  /**
   * Fraction in [0, 1) of a pass's batches to hold out for validation after each epoch. The last ones are
   * taken; the dataset must know its size. Every epoch then repeats the batches of the first, in the same
   * order, so that no validation sample is ever trained on. To shuffle the training batches for each epoch,
   * split the dataset first (dataset.split) and give validationData. Default 0.
   */
  validationSplit?: number;
  /**
   * Metrics on the validation data after each epoch, as for fit. All predictions stay in memory until they
   * are evaluated.
   */
  customMetrics?: CustomMetrics;
  /**
   * Number of batches to evaluate of a validation dataset, or of the hold-out of validationSplit. Default:
   * all.
   */
  validationBatches?: number;
  /** Batch size of validationData that are arrays. Default 32. */
  validationBatchSize?: number;
  /**
   * Weights of the classes in the training loss, {0: 1, 1: 5}; other classes weigh 1. Several outputs take a
   * list in their order, or an object by their names.
   */
  classWeight?: DatasetClassWeight;
  /** Seed of dropout: a whole number in [0, 2^53). Default: drawn from the global generator, see setSeed. */
  seed?: number;
  /** Aborts the fit with the code ABORTED, even while it waits for the dataset. */
  signal?: AbortSignal;
  /**
   * Whether to compute values again in the backward pass instead of keeping them from the forward pass. That
   * takes less memory and more time: less than half of the memory for values in a ResNet, for some 15 % more
   * time. Results are the same, bit for bit. `explain({ rematerialize: true })` tells what it takes. Default
   * false.
   */
  rematerialize?: boolean;
  /**
   * The number of parts that each batch is computed in. Sums over the batch, such as gradients and the statistics
   * of batch normalization, are added part by part in a fixed order. So results depend on the number of parts,
   * though only in rounding, and not on the processes that share them. A training in several processes takes
   * this number in one process too, if its results are to be the same, bit for bit. From 1 to 65536; parts of one
   * process each take memory for their weights' gradients. Default 1, or with `distribute` the next power of two
   * of the processes' number.
   */
  shards?: number;
  /**
   * The processes that share the training: `await distribute.mpi()`. Each computes some of the shards of every batch,
   * so `batchSize` is that of all together, and all need the same data. Results are those of one process with as many
   * shards, bit for bit. Only rank 0 prints, writes files and calls callbacks, but for those with `everyRank`.
   * Default: this process is alone.
   */
  distribute?: Distribution;
  /**
   * Writes checkpoints to a folder while it trains, from which a killed training resumes without a trace: the
   * weights end up the same, bit for bit. Also makes `model.stopTraining = true` take effect within about a
   * tenth of a second, with a checkpoint of where training stopped. Default: none.
   */
  checkpoint?: CheckpointOptions;
  /**
   * Whether to resume from the newest checkpoint in `checkpoint.dir`; if there is none, training begins at
   * its start. The model must be made and compiled, and the data and options given, as then, except that
   * `epochs` may be larger. Default false.
   */
  resume?: boolean;
  /** Accepted for TF.js and ignored: training runs on its own thread and never blocks the event loop. */
  yieldEvery?: YieldEvery;
}

/** Settings that all fits share. */
export interface FitSettings {
  epochs: number;
  initialEpoch: number;
  verbose: Verbosity;
  callbacks: readonly CallbackLike[];
  customMetrics?: CustomMetrics;
  seed: number;
  /** The seed that the caller has given, if any. */
  givenSeed?: number;
  rematerialize: boolean;
  shards: number;
  distribute?: Distribution;
  /** The processes that share the fit, once it has begun; undefined if it is alone. */
  ranks?: FitRanks;
  checkpoint?: CheckpointSettings;
  resume: boolean;
  observer?: FitObserver;
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
  /** Infinity if an epoch is one pass. */
  batchesPerEpoch: number;
  validationDataset?: AsyncIterable<LabelledBatch>;
  validationArrays?: ValidationData;
  /** Number of batches of a pass to train on, ahead of the hold-out of validationSplit. */
  trainingBatches?: number;
  validationBatches: number;
  validationBatchSize: number;
  classWeight?: DatasetClassWeight;
}
