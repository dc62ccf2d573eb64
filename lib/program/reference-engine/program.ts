import { ConvforgeError } from '../../errors.js';
import type { Pending } from '../../tensor/pending-tensor.js';
import type { ProgramDescription } from '../description.js';
import type {
  BatchGradients,
  EvaluateRun,
  GradientRun,
  OptimizerState,
  PredictRun,
  Program,
  Snapshot,
  Totals,
  TrainRun,
  ValueGradientRun,
  ValueGradients,
} from '../engine.js';
import type { ProgramExplanation, RunMode } from '../explanation.js';
import { elementCount } from './checks.js';
import { explainPlan } from './explain.js';
import { SlicedWork } from '../sliced-work.js';
import { backward, forward, type Gradients, type ScoredBatch, score, seedsOf } from './network.js';
import type { RandomState } from './op.js';
import { plan } from './plan.js';
import type { Plan, TrainingPlan } from './planned.js';
import { allocate, type FloatArray, type Precision } from './precision.js';
import { addPenaltyGradients, penalty } from './regularization.js';
import {
  checkBatchSize,
  checkLabels,
  checkSeed,
  checkTrainRun,
  gatherBatch,
  gatherInputs,
  naturalOrder,
  openInputs,
  openRun,
} from './runs.js';
import { ReferenceState } from './state.js';
import { addBatch, copyOf, noTotals } from './totals.js';
import { checkLengths, type Trainer } from './trainer.js';
import { computeValueGradients, openValueGradients } from './value-gradients.js';

/** Minimum of milliseconds between two calls of onProgress. */
const REPORT_INTERVAL = 1000 / 60;

export class ReferenceProgram implements Program {
  readonly #plan: Plan;
  readonly #precision: Precision;
  readonly #state: ReferenceState;

  /** Throws ConvforgeError if the description breaks a rule of description.ts. */
  constructor(description: ProgramDescription, precision: Precision = 'float32', sharing?: Program) {
    this.#plan = plan(description);
    this.#precision = precision;
    if (!sharing) {
      this.#state = new ReferenceState(this.#plan, precision);
    } else if (sharing instanceof ReferenceProgram) {
      this.#state = sharing.#state;
      this.#state.checkShareable(this.#plan);
    } else {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        "The reference engine can't share another engine's weights.",
      );
    }
  }

  /** The arrays themselves, which tests change in place. */
  get weights(): readonly FloatArray[] {
    return this.#state.weights;
  }

  async train(run: TrainRun): Promise<Totals> {
    const job = new SlicedWork(this.#trainSteps(run));
    const state = this.#state;
    const result = state.lastTraining.then(() => job.promise);
    state.trainings++;
    state.lastTraining = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      state.trainings--;
    }
  }

  *#trainSteps(run: TrainRun): Generator<void, Totals> {
    this.#checkTrains();
    const { training, trainer } = this.#forTraining();
    const opened = openRun(run, this.#plan, training);
    checkTrainRun(run, opened.count);
    const order = run.order.slice();
    checkLabels(opened, order, training);
    yield;
    const totals = run.totals ? copyOf(run.totals) : noTotals(training);
    let reported = Number.NEGATIVE_INFINITY;
    for (let start = 0; start < order.length; start += run.batchSize) {
      this.#throwIfAborted(run.signal, `training was aborted after ${totals.batches} steps.`);
      const batch = gatherBatch(opened, order.subarray(start, start + run.batchSize), this.#precision);
      const result = this.gradientsOf(batch, { seed: run.seed, step: trainer.iterations });
      addBatch(totals, result, batch.samples);
      if (run.stopAtNonFinite && totals.firstNonFinite !== undefined) {
        this.#state.pendingGradients = result.gradients;
        return totals;
      }
      this.#update(result.gradients);
      if (run.onProgress && performance.now() - reported >= REPORT_INTERVAL) {
        reported = performance.now();
        run.onProgress(copyOf(totals));
      }
      yield;
    }
    return totals;
  }

  evaluate(run: EvaluateRun): Pending<Totals> {
    return new SlicedWork(this.#evaluateSteps(run));
  }

  *#evaluateSteps(run: EvaluateRun): Generator<void, Totals> {
    const { training } = this.#forTraining();
    const opened = openRun(run, this.#plan, training);
    checkBatchSize(run.batchSize);
    const order = naturalOrder(opened.count);
    checkLabels(opened, order, training);
    const weights = this.#copyOfWeights();
    yield;
    const totals = noTotals(training);
    for (let start = 0; start < order.length; start += run.batchSize) {
      this.#throwIfAborted(run.signal, `evaluation was aborted after ${totals.batches} batches.`);
      const batch = gatherBatch(opened, order.subarray(start, start + run.batchSize), this.#precision);
      const random = { seed: run.seed ?? 0, step: totals.batches };
      const { values } = forward(this.#plan, this.#precision, weights, batch, random, false);
      const { result } = score(training, this.#precision, values, batch);
      result.loss += batch.samples * penalty(this.#plan.parameters, weights);
      addBatch(totals, result, batch.samples);
      yield;
    }
    return totals;
  }

  predict(run: PredictRun): Pending<Float32Array[]> {
    return new SlicedWork(this.#predictSteps(run));
  }

  *#predictSteps(run: PredictRun): Generator<void, Float32Array[]> {
    this.#checkAlive();
    const opened = openInputs(run.x, this.#plan);
    checkBatchSize(run.batchSize);
    const order = naturalOrder(opened.count);
    const sizes = this.#plan.outputs.map((value) => elementCount(this.#plan.values[value].shape));
    const outputs = sizes.map((size) => allocate('float32', opened.count * size) as Float32Array);
    const weights = this.#copyOfWeights();
    yield;
    for (let start = 0; start < order.length; start += run.batchSize) {
      this.#throwIfAborted(run.signal, `prediction was aborted after ${start} samples.`);
      const batch = gatherInputs(opened, order.subarray(start, start + run.batchSize), this.#precision);
      const random = { seed: run.seed ?? 0, step: start / run.batchSize };
      const { values } = forward(this.#plan, this.#precision, weights, batch, random, false);
      outputs.forEach((output, i) => void output.set(values[this.#plan.outputs[i]], start * sizes[i]));
      yield;
    }
    return outputs;
  }

  runHere(inputs: readonly Float32Array[], samples: number): Float32Array[] {
    this.#checkAlive();
    const planned = this.#plan.inputs;
    if (inputs.length !== planned.length) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `the program has ${planned.length} inputs, not ${inputs.length}.`,
      );
    }
    inputs.forEach((values, index) => {
      const size = elementCount(planned[index].shape);
      if (Number.isSafeInteger(samples) && samples >= 0 && values.length === samples * size) return;
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `${values.length} values don't fit ${samples} samples of ${size} elements.`,
      );
    });
    const batch = { inputs, samples };
    const { values } = forward(this.#plan, this.#precision, this.weights, batch, { seed: 0, step: 0 }, false);
    return this.#plan.outputs.map((value) => new Float32Array(values[value]));
  }

  gradients(run: GradientRun): Promise<BatchGradients> {
    return new SlicedWork(this.#gradientSteps(run)).promise;
  }

  *#gradientSteps(run: GradientRun): Generator<void, BatchGradients> {
    this.#checkTrains();
    const { training, trainer } = this.#forTraining();
    const opened = openRun(run, this.#plan, training);
    checkBatchSize(opened.count);
    checkSeed(run.seed);
    const order = naturalOrder(opened.count);
    checkLabels(opened, order, training);
    yield;
    this.#throwIfAborted(run.signal, 'a computation of gradients was aborted after 0 batches.');
    const batch = gatherBatch(opened, order, this.#precision);
    const result = this.gradientsOf(batch, { seed: run.seed, step: trainer.iterations });
    this.#state.pendingGradients = undefined;
    const totals = noTotals(training);
    addBatch(totals, result, batch.samples);
    return { totals, gradients: result.gradients.map((array) => new Float32Array(array)) };
  }

  valueGradients(run: ValueGradientRun): Promise<ValueGradients> {
    return new SlicedWork(this.#valueGradientSteps(run)).promise;
  }

  *#valueGradientSteps(run: ValueGradientRun): Generator<void, ValueGradients> {
    this.#checkAlive();
    const opened = openValueGradients(run, this.#plan, this.#precision);
    checkBatchSize(opened.count);
    checkSeed(run.seed);
    const weights = this.#copyOfWeights();
    yield;
    this.#throwIfAborted(run.signal, 'a computation of gradients was aborted after 0 batches.');
    const random = { seed: run.seed, step: this.#state.trainer?.iterations ?? 0 };
    return computeValueGradients(this.#plan, this.#precision, weights, opened, random);
  }

  async applyGradients(gradients: readonly Float32Array[]): Promise<void> {
    this.#forTraining().trainer.checkGradients(gradients);
    this.#update(gradients);
  }

  async makeStep(): Promise<void> {
    this.#forTraining();
    if (this.#state.pendingGradients) return this.#update(this.#state.pendingGradients);
    throw new ConvforgeError('INVALID_ARGUMENT', 'there is no skipped step to run');
  }

  #update(gradients: readonly FloatArray[]): void {
    this.#state.pendingGradients = undefined;
    this.#forTraining().trainer.apply(gradients);
  }

  /** Computes losses, metrics, outputs and gradients of one batch in training mode, without an update. */
  gradientsOf(batch: ScoredBatch, random: RandomState): Gradients {
    const { training } = this.#forTraining();
    const activations = forward(this.#plan, this.#precision, this.weights, batch, random, true);
    const { values } = activations;
    const scored = score(training, this.#precision, values, batch);
    const seeds = seedsOf(training, scored.gradients);
    const back = backward(this.#plan, this.#precision, activations, seeds);
    const { parameters, outputs } = this.#plan;
    scored.result.loss += batch.samples * penalty(parameters, this.weights);
    addPenaltyGradients(parameters, this.weights, back.gradients);
    for (const update of activations.updates) update();
    return { ...scored.result, outputs: outputs.map((value) => values[value]), ...back };
  }

  /** Number of elements of a sample of each input. */
  get inputSizes(): number[] {
    return this.#plan.inputs.map(({ shape }) => elementCount(shape));
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

  // biome-ignore lint/correctness/useYield: one slice needs no end.
  *writeInSlices(weights: readonly Float32Array[] | null, optimizer?: OptimizerState): Generator<void, void> {
    if (weights) this.writeWeights(weights);
    if (optimizer) this.writeOptimizer(optimizer);
  }

  readOptimizer(): OptimizerState {
    this.#checkIdle('read');
    return this.#forTraining().trainer.state;
  }

  writeOptimizer(state: OptimizerState): void {
    this.#checkIdle('written');
    this.#forTraining().trainer.state = state;
  }

  async copyWeights(): Promise<Float32Array[]> {
    return (await this.snapshot()).weights;
  }

  async snapshot(): Promise<Snapshot> {
    this.#checkAlive();
    const weights = this.weights.map((array) => new Float32Array(array));
    const { trainer } = this.#state;
    return trainer ? { weights, optimizer: trainer.state } : { weights };
  }

  get iterations(): number {
    return this.#forTraining().trainer.iterations;
  }

  setLearningRate(rate: number): void {
    this.#forTraining().trainer.learningRate = rate;
  }

  explain(mode: RunMode, batchSize = 32): Pending<ProgramExplanation> {
    this.#checkAlive();
    checkBatchSize(batchSize);
    if (mode !== 'predict') this.#forTraining();
    const explanation = { batchSize, passes: explainPlan(this.#plan, mode) };
    return { promise: Promise.resolve(explanation), wait: () => explanation };
  }

  profile(on: boolean): void {
    this.#checkAlive();
    if (!on) return;
    throw new ConvforgeError(
      'UNSUPPORTED',
      "the reference engine can't be profiled; use setEngine('native').",
    );
  }

  /** Does nothing: the garbage collector frees the memory. */
  release(): void {}

  dispose(): void {
    this.#state.dispose();
  }

  #copyOfWeights(): FloatArray[] {
    return this.weights.map((array) => array.slice());
  }

  #forTraining(): { training: TrainingPlan; trainer: Trainer } {
    this.#checkAlive();
    const { trainer } = this.#state;
    if (!this.#plan.training || !trainer) {
      throw new ConvforgeError(
        'NOT_COMPILED',
        'this program has no loss and no optimizer: compile the model first.',
      );
    }
    return { training: this.#plan.training, trainer };
  }

  #checkTrains(): void {
    if (!this.#plan.valueGradients) return;
    throw new ConvforgeError('INVALID_ARGUMENT', 'the program is for gradients by values, not for training.');
  }

  #checkAlive(): void {
    if (this.#state.isDisposed) throw new ConvforgeError('DISPOSED', 'this program was disposed.');
  }

  #throwIfAborted(signal: AbortSignal | undefined, message: string): void {
    this.#checkAlive();
    if (signal?.aborted) throw new ConvforgeError('ABORTED', message, { cause: signal.reason });
  }

  #checkIdle(done: string): void {
    this.#checkAlive();
    if (this.#state.trainings > 0) {
      throw new ConvforgeError(
        'MODEL_BUSY',
        `weights can't be ${done} while the program is training: wait for it to end, or use snapshot().`,
      );
    }
  }
}
