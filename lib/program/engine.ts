import type { Pending } from '../tensor/pending-tensor.js';
import type { ProgramDescription, Shape } from './description.js';
import type { ProgramExplanation, RunMode } from './explanation.js';

/** Something that runs programs: the native addon, or plain TypeScript. */
export interface Engine {
  readonly name: 'native' | 'reference';
  /**
   * Checks and plans a program. Its weights are zero until they are written; or else they are those of the program `sharing`, and the
   * optimizer with its state too: the same values in the same memory. The two programs must be alike but for their shapes. Throws
   * ConvforgeError.
   */
  createProgram(description: ProgramDescription, sharing?: Program): Program;
  /** Memory for samples (inputs or targets) that the engine owns, so that nothing the caller does to its own buffers can hurt a job. */
  allocateSamples(shape: Shape, dtype: SampleType): Samples;
  /** Present where the engine makes the most of the machine. */
  machine?(): Machine;
}

/** What an engine computes with. */
export interface Machine {
  /** Instruction set. */
  isa: string;
  threads: number;
  /** GFLOP/s on all threads together: the most that multiplications and additions can come to. */
  measurePeak(): Promise<number>;
}

export type SampleType = 'uint8' | 'int32' | 'float32';
export type SampleArray = Uint8Array | Int32Array | Float32Array;

/**
 * A set of samples of one shape. Inputs are uint8 or float32 (uint8 is converted to float32 as it is read); targets are
 * float32 values of the output's shape, or int32 classes of the output's shape without its last axis.
 */
export interface Samples {
  /** With the number of samples first. */
  readonly shape: Shape;
  readonly dtype: SampleType;
  /** Copies `values` (of this dtype) to the elements from `offset` on. */
  write(values: SampleArray, offset: number): void;
  /** Frees the memory once no job uses it. Idempotent. */
  dispose(): void;
}

/** Sums over the samples seen: a mean is `loss / samples`. */
export interface Totals {
  samples: number;
  batches: number;
  /** The first batch, from 0, whose loss (an output's, or what regularizers add) was no finite number; absent if there was none. */
  firstNonFinite?: number;
  /**
   * Sum of the samples' losses, each output's times its weight; with what regularizers add to their mean, for each sample. So it is
   * the sum of the batches' losses, each times its samples.
   */
  loss: number;
  /** The same per output that has a loss, in their order, without the outputs' weights. */
  losses: number[];
  /** Per metric of the description, in the order of outputs, what it counts. */
  metrics: number[][];
}

export interface EvaluateRun {
  /** One set per input of the program, all of as many samples. */
  x: readonly Samples[];
  /** One per output that has a loss. */
  y: readonly Samples[];
  /**
   * Weights in the losses (not in metrics), float32, one set per output that has a loss: of samples, [n, 1], or of their rows, [n, ...the
   * output's shape without its last axis]. Default: all 1.
   */
  sampleWeights?: readonly Samples[];
  batchSize: number;
  /** Seeds what draws outside training too; a whole number in [0, 2^53). Default 0. */
  seed?: number;
  signal?: AbortSignal;
}

export interface TrainRun extends EvaluateRun {
  /** The samples to use, in this order, batchSize at a time; the last batch may be smaller. */
  order: Uint32Array;
  /** Seeds dropout; a whole number in [0, 2^53). */
  seed: number;
  /**
   * Whether a batch whose loss is no finite number is the last one, and makes no step: weights are then those it was computed with,
   * but for the statistics that layers keep. `makeStep` makes the step.
   */
  stopAtNonFinite?: boolean;
  /** Told of the totals so far, at most some 60 times a second; the last batches may go unreported. What it throws ends the run. */
  onProgress?: (totals: Totals) => void;
}

export interface PredictRun {
  /** One set per input of the program. */
  x: readonly Samples[];
  batchSize: number;
  /** As in evaluation. */
  seed?: number;
  signal?: AbortSignal;
}

/** All samples are one batch. */
export interface GradientRun {
  x: readonly Samples[];
  y: readonly Samples[];
  sampleWeights?: readonly Samples[];
  /** As in training. */
  seed: number;
  signal?: AbortSignal;
}

export interface BatchGradients {
  totals: Totals;
  gradients: Float32Array[];
}

/** All samples are one batch. */
export interface ValueGradientRun {
  x: readonly Samples[];
  /** The targets, one per output that has a loss; or, for gradients of an output, a factor for each of its elements, float32. */
  y: readonly Samples[];
  /** As in training, for gradients of the loss. */
  sampleWeights?: readonly Samples[];
  /** As in training. */
  seed: number;
  signal?: AbortSignal;
}

export interface ValueGradients {
  /** Of losses and metrics; for gradients of an output there are none. */
  totals: Totals;
  /** The values of each output. */
  outputs: Float32Array[];
  /** By each of the nodes that the description names; zeros where the gradient doesn't reach. */
  gradients: Float32Array[];
}

/** Slots by name (OptimizerRule and OptimizerSettings in optimizer-description.ts), each with an array per parameter. */
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
 * A planned program with its weights and optimizer state. Weights are read and written in the order of nodes and their
 * parameters, in the layouts of description.ts. Of programs that share weights, training runs follow one another.
 * Errors of a job reject its promise (and are thrown by wait()): ABORTED, DISPOSED, OUT_OF_MEMORY, INVALID_LABEL, SHAPE_MISMATCH, QUEUE_FULL.
 */
export interface Program {
  /** Rejects with ABORTED within one step of an abort: the weights are then those after the last whole step. */
  train(run: TrainRun): Promise<Totals>;
  /**
   * Makes the step that a training with `stopAtNonFinite` has left out, so that all is as if it hadn't stopped there. Rejects with
   * INVALID_ARGUMENT unless that was the last run but for evaluations and predictions.
   */
  makeStep(): Promise<void>;
  evaluate(run: EvaluateRun): Pending<Totals>;
  /**
   * By output, the values of all samples in order. Runs ahead of training, between two steps: all batches see the same weights.
   */
  predict(run: PredictRun): Pending<Float32Array[]>;
  /** Runs on the calling thread, for small eager work: n samples of each input in, by output n values back. */
  runHere(inputs: readonly Float32Array[], samples: number): Float32Array[];
  /**
   * The gradients of the mean loss of one batch, by weight as readWeights has them (zeros for those that aren't trainable), as a
   * training step would have them; nothing is updated but the statistics that layers keep.
   */
  gradients(run: GradientRun): Promise<BatchGradients>;
  /** Gradients by values: ValueGradientsDescription. Throws INVALID_ARGUMENT for a program that isn't for them. */
  valueGradients(run: ValueGradientRun): Promise<ValueGradients>;
  /** One step of the optimizer with these gradients, in the order and layout of readWeights. */
  applyGradients(gradients: readonly Float32Array[]): Promise<void>;

  /** Throws MODEL_BUSY while a training job of this program runs or waits. */
  readWeights(): Float32Array[];
  /** Throws MODEL_BUSY while a training job of this program runs or waits; SHAPE_MISMATCH if lengths differ. */
  writeWeights(weights: readonly Float32Array[]): void;
  readOptimizer(): OptimizerState;
  writeOptimizer(state: OptimizerState): void;
  /** Weights and optimizer state at one moment between two steps; allowed while training. */
  snapshot(): Promise<Snapshot>;
  /** Training steps made so far; may be read at any time. Throws NOT_COMPILED without training. */
  readonly iterations: number;
  /** Takes effect from the next step on, instead of a schedule too. */
  setLearningRate(rate: number): void;
  /**
   * How it is computed: of the plan that ran last in this mode, if it was for batches of `batchSize` (default: of any size); or
   * else of one made for this without running it. Throws NOT_COMPILED for training or evaluation without a loss.
   */
  explain(mode: RunMode, batchSize?: number): ProgramExplanation;
  /** Measures each pass of what runs from now on, starting from nothing; or stops and forgets. Throws UNSUPPORTED in the reference engine. */
  profile(on: boolean): void;
  /** Frees the memory once the jobs that run or wait have ended. The program can't be used any more. Idempotent. */
  release(): void;
  /** The same, and ends jobs, also those of programs that share its weights: they reject with DISPOSED. Idempotent. */
  dispose(): void;
}
