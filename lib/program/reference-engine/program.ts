import { ConvforgeError } from '../../errors.js';
import type { ProgramDescription } from '../description.js';
import type {
  EvaluateRun,
  OptimizerState,
  Pending,
  PredictRun,
  Program,
  Snapshot,
  Totals,
  TrainRun,
} from '../engine.js';
import type { ProgramExplanation, RunMode } from '../explanation.js';
import { elementCount } from './checks.js';
import { explainPlan } from './explain.js';
import { Job } from './job.js';
import type { Targets } from './losses.js';
import { backward, forward, type Gradients, score } from './network.js';
import type { RandomState } from './op.js';
import { type Plan, plan, type TrainingPlan } from './plan.js';
import { allocate, type FloatArray, type Precision } from './precision.js';
import {
  checkBatchSize,
  checkLabels,
  checkTrainRun,
  gatherInputs,
  gatherTargets,
  naturalOrder,
  openInputs,
  openPair,
} from './runs.js';
import { addBatch, noTotals } from './totals.js';
import { checkLengths, Trainer } from './trainer.js';

/** Milliseconds between two calls of onProgress, at least. */
const REPORT_INTERVAL = 1000 / 60;

export class ReferenceProgram implements Program {
  /** The live arrays, in the order of nodes and their parameters: tests change them in place. */
  weights: readonly FloatArray[];
  readonly #plan: Plan;
  readonly #precision: Precision;
  #trainer?: Trainer;
  /** Training runs under way or waiting. */
  #trainings = 0;
  /** Fulfilled when the last of them has ended: a program's training runs go one after another. */
  #lastTraining: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /** Weights are zero. Throws ConvforgeError where description.ts isn't kept to. */
  constructor(description: ProgramDescription, precision: Precision = 'float32') {
    this.#plan = plan(description);
    this.#precision = precision;
    this.weights = this.#plan.parameterSizes.map((size) => allocate(precision, size));
    if (this.#plan.training) this.#trainer = new Trainer(this.#plan.training, this.weights, precision);
  }

  async train(run: TrainRun): Promise<Totals> {
    const job = new Job(this.#trainSteps(run));
    const result = this.#lastTraining.then(() => job.promise);
    this.#trainings++;
    this.#lastTraining = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#trainings--;
    }
  }

  *#trainSteps(run: TrainRun): Generator<void, Totals> {
    const { training, trainer } = this.#forTraining();
    const { x, y } = openPair(run, this.#plan, training);
    checkTrainRun(run, x.count);
    const order = run.order.slice();
    checkLabels(y, order, this.#plan.outputShape.at(-1) as number);
    yield;
    const totals = noTotals(training.metrics.length);
    let reported = Number.NEGATIVE_INFINITY;
    for (let start = 0; start < order.length; start += run.batchSize) {
      this.#checkGoing(run.signal, `training was aborted after ${totals.batches} steps.`);
      const batch = order.subarray(start, start + run.batchSize);
      const inputs = gatherInputs(x, batch, this.#precision);
      const targets = gatherTargets(y, batch);
      const random = { seed: run.seed, step: trainer.iterations };
      const result = this.#runBatch(training, inputs, targets, batch.length, random);
      trainer.apply(result.gradients);
      addBatch(totals, result, batch.length);
      if (run.onProgress && performance.now() - reported >= REPORT_INTERVAL) {
        reported = performance.now();
        run.onProgress({ ...totals, metrics: [...totals.metrics] });
      }
      yield;
    }
    return totals;
  }

  evaluate(run: EvaluateRun): Pending<Totals> {
    return new Job(this.#evaluateSteps(run));
  }

  *#evaluateSteps(run: EvaluateRun): Generator<void, Totals> {
    const { training } = this.#forTraining();
    const { x, y } = openPair(run, this.#plan, training);
    checkBatchSize(run.batchSize);
    const order = naturalOrder(x.count);
    checkLabels(y, order, this.#plan.outputShape.at(-1) as number);
    const weights = this.#copyOfWeights();
    yield;
    const totals = noTotals(training.metrics.length);
    for (let start = 0; start < order.length; start += run.batchSize) {
      this.#checkGoing(run.signal, `evaluation was aborted after ${totals.batches} batches.`);
      const batch = order.subarray(start, start + run.batchSize);
      const inputs = gatherInputs(x, batch, this.#precision);
      const calls = forward(this.#plan, this.#precision, weights, inputs, batch.length);
      const scored = score(this.#plan, training, calls, inputs, gatherTargets(y, batch), batch.length);
      addBatch(totals, scored.result, batch.length);
      yield;
    }
    return totals;
  }

  predict(run: PredictRun): Pending<Float32Array> {
    return new Job(this.#predictSteps(run));
  }

  *#predictSteps(run: PredictRun): Generator<void, Float32Array> {
    this.#checkAlive();
    const x = openInputs(run.x, this.#plan);
    checkBatchSize(run.batchSize);
    const order = naturalOrder(x.count);
    const size = elementCount(this.#plan.outputShape);
    const outputs = allocate('float32', x.count * size) as Float32Array;
    const weights = this.#copyOfWeights();
    yield;
    for (let start = 0; start < order.length; start += run.batchSize) {
      this.#checkGoing(run.signal, `prediction was aborted after ${start} samples.`);
      const batch = order.subarray(start, start + run.batchSize);
      const inputs = gatherInputs(x, batch, this.#precision);
      const calls = forward(this.#plan, this.#precision, weights, inputs, batch.length);
      outputs.set(calls.at(-1)?.output ?? inputs, start * size);
      yield;
    }
    return outputs;
  }

  runHere(values: Float32Array, samples: number): Float32Array {
    this.#checkAlive();
    const size = elementCount(this.#plan.inputShape);
    if (!Number.isSafeInteger(samples) || samples < 0 || values.length !== samples * size) {
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `${samples} samples of ${size} elements were announced, but there are ${values.length} values.`,
      );
    }
    const calls = forward(this.#plan, this.#precision, this.weights, values, samples);
    return new Float32Array(calls.at(-1)?.output ?? values);
  }

  /**
   * Mean loss, metrics, outputs and gradients of one batch in training mode, without an update: `x` and `y` hold the samples of
   * the batch one after another.
   */
  gradients(x: FloatArray, y: Targets, random: RandomState): Gradients {
    const { training } = this.#forTraining();
    const samples = x.length / elementCount(this.#plan.inputShape);
    const result = this.#runBatch(training, x, y, samples, random);
    return { ...result, loss: result.loss / samples };
  }

  /** The same with the sum of the samples' losses. */
  #runBatch(
    training: TrainingPlan,
    x: FloatArray,
    y: Targets,
    samples: number,
    random: RandomState,
  ): Gradients {
    const calls = forward(this.#plan, this.#precision, this.weights, x, samples, random);
    const { result, gradient } = score(this.#plan, training, calls, x, y, samples);
    const scored = training.beforeLast ? calls.slice(0, -1) : calls;
    return { ...result, ...backward(this.#plan, this.#precision, scored, gradient) };
  }

  readWeights(): Float32Array[] {
    this.#checkIdle('read');
    return this.weights.map((array) => new Float32Array(array));
  }

  writeWeights(weights: readonly Float32Array[]): void {
    this.#checkIdle('written');
    checkLengths(weights, this.weights, 'writeWeights');
    this.weights.forEach((array, index) => void array.set(weights[index]));
  }

  readOptimizer(): OptimizerState {
    this.#checkIdle('read');
    return this.#forTraining().trainer.state;
  }

  writeOptimizer(state: OptimizerState): void {
    this.#checkIdle('written');
    this.#forTraining().trainer.state = state;
  }

  async snapshot(): Promise<Snapshot> {
    this.#checkAlive();
    const weights = this.weights.map((array) => new Float32Array(array));
    return this.#trainer ? { weights, optimizer: this.#trainer.state } : { weights };
  }

  setLearningRate(rate: number): void {
    this.#forTraining().trainer.learningRate = rate;
  }

  explain(mode: RunMode, batchSize = 32): ProgramExplanation {
    this.#checkAlive();
    checkBatchSize(batchSize);
    if (mode !== 'predict') this.#forTraining();
    return { batchSize, passes: explainPlan(this.#plan, mode) };
  }

  profile(on: boolean): void {
    this.#checkAlive();
    if (!on) return;
    throw new ConvforgeError(
      'UNSUPPORTED',
      "the reference engine isn't made to be fast, and can't be profiled; use setEngine('native').",
    );
  }

  dispose(): void {
    this.#disposed = true;
    this.weights = [];
    this.#trainer = undefined;
  }

  #copyOfWeights(): FloatArray[] {
    return this.weights.map((array) => array.slice());
  }

  #forTraining(): { training: TrainingPlan; trainer: Trainer } {
    this.#checkAlive();
    if (!this.#plan.training || !this.#trainer) {
      throw new ConvforgeError(
        'NOT_COMPILED',
        'this program has no loss and no optimizer: compile the model first.',
      );
    }
    return { training: this.#plan.training, trainer: this.#trainer };
  }

  #checkAlive(): void {
    if (this.#disposed) throw new ConvforgeError('DISPOSED', 'this program was disposed.');
  }

  #checkGoing(signal: AbortSignal | undefined, message: string): void {
    this.#checkAlive();
    if (signal?.aborted) throw new ConvforgeError('ABORTED', message, { cause: signal.reason });
  }

  #checkIdle(done: string): void {
    this.#checkAlive();
    if (this.#trainings > 0) {
      throw new ConvforgeError(
        'MODEL_BUSY',
        `weights can't be ${done} while the program is training: wait for it to end, or use snapshot().`,
      );
    }
  }
}
