import type { Pending } from '../tensor/pending-tensor.js';
import type { ProgramDescription, Shape } from './description.js';
import type { ProgramExplanation, RunMode } from './explanation.js';

/** Runs programs: the native addon, or plain TypeScript. */
export interface Engine {
  readonly name: 'native' | 'reference';
  /**
   * Checks and plans a program. Its weights are zero until they are written. With `sharing`, it shares the
   * weights and the optimizer with its state of that program, in the same memory; the two programs must
   * differ in shapes only. Throws ConvforgeError.
   */
  createProgram(description: ProgramDescription, sharing?: Program): Program;
  /** Creates a program, which shares nothing, in slices. Throws ConvforgeError. */
  createProgramInSlices(description: ProgramDescription): Generator<void, Program>;
  /**
   * Allocates memory for samples (inputs or targets). The engine owns it, so nothing that the caller does to
   * its own buffers can disturb a job.
   */
  allocateSamples(shape: Shape, dtype: SampleType): Samples;
  /** Describes the machine. Absent in an engine that doesn't use all of it. */
  machine?(): Machine;
}

/** The hardware that an engine uses. */
export interface Machine {
  /** Instruction set. */
  isa: string;
  threads: number;
  /** Measures the peak of multiply-adds of all threads together, in GFLOP/s. */
  measurePeak(): Promise<number>;
}

export type SampleType = 'uint8' | 'int32' | 'float32';
export type SampleArray = Uint8Array | Int32Array | Float32Array;

/**
 * Samples of one shape. Inputs are uint8 or float32; uint8 is converted to float32 as it is read. Targets are
 * float32 values of the output's shape, or int32 classes of the output's shape without its last axis.
 */
export interface Samples {
  /** The shape, with the number of samples first. */
  readonly shape: Shape;
  readonly dtype: SampleType;
  /** Copies `values` (of this dtype) to the elements from `offset` on. */
  write(values: SampleArray, offset: number): void;
  /** Frees the memory once no job uses it. May be called repeatedly. */
  dispose(): void;
}

/** Sums over the samples so far: the mean loss is `loss / samples`. */
export interface Totals {
  samples: number;
  batches: number;
  /**
   * Index of the first batch whose loss (an output's, or the regularizers') wasn't finite; absent if there
   * was none.
   */
  firstNonFinite?: number;
  /**
   * Sum of the samples' losses, with each output's times its weight, and with the penalties of regularizers
   * added to each sample. So it is the sum of the batches' losses, each times its number of samples.
   */
  loss: number;
  /** Sum of the samples' losses for each output with a loss, in order, without the outputs' weights. */
  losses: number[];
  /** The sums of each metric, in the order of outputs. */
  metrics: number[][];
}

export interface EvaluateRun {
  /** One set per input of the program. All must have the same number of samples. */
  x: readonly Samples[];
  /** The targets, one set per output with a loss. */
  y: readonly Samples[];
  /**
   * Sample weights for the losses (not for metrics), float32, one set per output with a loss: one per sample,
   * [n, 1], or one per row, [n, ...the output's shape without its last axis]. Default: all 1.
   */
  sampleWeights?: readonly Samples[];
  batchSize: number;
  /** Seed of ops that draw outside training too; a whole number in [0, 2^53). Default 0. */
  seed?: number;
  signal?: AbortSignal;
}

export interface TrainRun extends EvaluateRun {
  /** Indexes of the samples in the order of use, batchSize at a time. The last batch may be smaller. */
  order: Uint32Array;
  /** Seed of random draws, such as dropout; a whole number in [0, 2^53). */
  seed: number;
  /**
   * Whether to end at a batch whose loss isn't finite, without making its step. The weights stay as they were
   * for that batch, except statistics that layers keep. `makeStep` makes the step.
   */
  stopAtNonFinite?: boolean;
  /**
   * Whether to take less memory by computing values again in the backward pass. Results are the same. Default
   * false. The reference engine, which leaves memory to the garbage collector, ignores it.
   */
  rematerialize?: boolean;
  /**
   * The number of parts that each batch is computed in, [n * i / shards, n * (i + 1) / shards) of its samples.
   * Their sums are folded by one binary tree, so results depend on it. The reference engine, which computes a
   * batch at once, ignores it. Default 1.
   */
  shards?: number;
  /**
   * What an addon over MPI gives for the processes that share the shards: see native/runtime/collective.h. All
   * must train alike, and their trainings fail together.
   */
  collective?: object;
  /**
   * Totals to continue, such as those of an earlier part of the epoch. A run in parts then gives the totals of
   * one run, bit for bit, where adding up the parts' totals would round otherwise. Default: zeros.
   */
  totals?: Totals;
  /**
   * Receives the totals so far, at most about 60 times a second; the last batches may go unreported. If it
   * throws, the run ends with that error.
   */
  onProgress?: (totals: Totals) => void;
}

export interface PredictRun {
  /** One set per input of the program. */
  x: readonly Samples[];
  batchSize: number;
  /** Seed, as for EvaluateRun. */
  seed?: number;
  signal?: AbortSignal;
}

/** All samples make one batch. */
export interface GradientRun {
  x: readonly Samples[];
  y: readonly Samples[];
  sampleWeights?: readonly Samples[];
  /** Seed, as in training. */
  seed: number;
  signal?: AbortSignal;
}

export interface BatchGradients {
  totals: Totals;
  gradients: Float32Array[];
}

/** All samples make one batch. */
export interface ValueGradientRun {
  x: readonly Samples[];
  /**
   * The targets, one set per output with a loss. For gradients of an output instead one set, float32: a
   * factor for each of its elements.
   */
  y: readonly Samples[];
  /** Sample weights, as in training; only for gradients of the loss. */
  sampleWeights?: readonly Samples[];
  /** Seed, as in training. */
  seed: number;
  signal?: AbortSignal;
}

export interface ValueGradients {
  /** Totals of losses and metrics; empty for gradients of an output. */
  totals: Totals;
  /** The values of each output. */
  outputs: Float32Array[];
  /** The gradient by each value in `by` of the description; zeros where no gradient reaches it. */
  gradients: Float32Array[];
}

/**
 * Slots by name (see OptimizerRule and OptimizerSettings in optimizer-description.ts). Each has an array per
 * parameter.
 */
export interface OptimizerState {
  iterations: number;
  slots: Record<string, Float32Array[]>;
}

export interface Snapshot {
  weights: Float32Array[];
  /** Absent for a program without training. */
  optimizer?: OptimizerState;
}

/**
 * A planned program with its weights and optimizer state. Weights are read and written in the order of nodes
 * and their parameters, in the layouts of description.ts. Programs that share weights run their trainings one
 * after another.
 *
 * Errors of a job reject its promise, and wait() throws them: ABORTED, DISPOSED, OUT_OF_MEMORY,
 * INVALID_LABEL, SHAPE_MISMATCH, QUEUE_FULL.
 */
export interface Program {
  /**
   * Trains. An abort ends the step that runs, unless its update has begun; the weights are then those after
   * the last completed step.
   */
  train(run: TrainRun): Promise<Totals>;
  /**
   * Makes the step that a training with `stopAtNonFinite` left out, as if it hadn't stopped. Rejects with
   * INVALID_ARGUMENT if anything but evaluations and predictions has run since.
   */
  makeStep(): Promise<void>;
  evaluate(run: EvaluateRun): Pending<Totals>;
  /**
   * Returns the values of all samples in order, for each output. It may run inside a step of a training,
   * before its update. All its batches see the same weights.
   */
  predict(run: PredictRun): Pending<Float32Array[]>;
  /**
   * Predicts on the calling thread, for small eager work: takes n samples of each input and returns n values
   * of each output.
   */
  runHere(inputs: readonly Float32Array[], samples: number): Float32Array[];
  /**
   * Computes the gradients of one batch's loss as a training step would, in the order of readWeights (zeros
   * for weights that aren't trainable). It updates nothing but statistics that layers keep.
   */
  gradients(run: GradientRun): Promise<BatchGradients>;
  /**
   * Computes gradients by values: see ValueGradientsDescription. Throws INVALID_ARGUMENT for a program
   * without them.
   */
  valueGradients(run: ValueGradientRun): Promise<ValueGradients>;
  /** Makes one optimizer step with these gradients, in the order and layout of readWeights. */
  applyGradients(gradients: readonly Float32Array[]): Promise<void>;

  /** Copies the weights. Throws MODEL_BUSY while a training job of this program runs or waits. */
  readWeights(): Float32Array[];
  /**
   * Replaces the weights. Throws MODEL_BUSY while a training job of this program runs or waits, and
   * SHAPE_MISMATCH if lengths differ.
   */
  writeWeights(weights: readonly Float32Array[]): void;
  /**
   * Replaces the weights, the optimizer's state, or both, in slices of a few milliseconds. Once the last one is
   * done, reads and later jobs see the values; the engine writes them after the jobs that were started before.
   */
  writeInSlices(weights: readonly Float32Array[] | null, optimizer?: OptimizerState): Generator<void, void>;
  readOptimizer(): OptimizerState;
  writeOptimizer(state: OptimizerState): void;
  /** Copies the weights between two steps. May be called during training. */
  copyWeights(): Promise<Float32Array[]>;
  /** Copies weights and optimizer state between two steps. May be called during training. */
  snapshot(): Promise<Snapshot>;
  /** Number of training steps so far. May be read at any time. Throws NOT_COMPILED without training. */
  readonly iterations: number;
  /** Sets the learning rate from the next step on. It replaces a schedule. */
  setLearningRate(rate: number): void;
  /**
   * Explains how the program is computed in this mode. It describes the plan that ran last, if that was for
   * batches of `batchSize` (default: any size); otherwise it makes a plan without running it. `rematerialize`
   * is that of TrainRun. Throws NOT_COMPILED for training or evaluation without a loss.
   */
  explain(mode: RunMode, batchSize?: number, rematerialize?: boolean): Pending<ProgramExplanation>;
  /**
   * Starts to measure each pass of later runs from zero, or stops and discards the measurements. Throws
   * UNSUPPORTED in the reference engine.
   */
  profile(on: boolean): void;
  /**
   * Frees the memory once running and waiting jobs have ended. The program must not be used any more. May be
   * called repeatedly.
   */
  release(): void;
  /**
   * Releases the program and ends its jobs, and those of programs that share its weights: they reject with
   * DISPOSED. May be called repeatedly.
   */
  dispose(): void;
}
