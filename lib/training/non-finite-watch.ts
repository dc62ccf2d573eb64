import { inOrder } from './shuffle.js';
import type { CallbackList } from '../callbacks/callback-list.js';
import type { Model } from '../network/model.js';
import type { Totals } from '../program/engine.js';
import { type SampleSource, sampleShapes } from '../program/samples.js';
import { warn } from '../warnings.js';
import type { LabelledSamples } from './labelled-data.js';
import { findNonFinite } from './non-finite.js';
import type { NonFiniteReport } from '../callbacks/callback.js';

/** Where a fit is. */
export interface StepPlace {
  /** From 0. */
  epoch: number;
  /** The batch in the epoch, or among the validation batches, from 0. */
  step: number;
  /** How many batches there are; null if that isn't known yet. */
  steps: number | null;
}

/**
 * Tells of the first loss of a fit that is no finite number: callbacks by their hook, people by console.warn. A validation loss is told
 * unless a loss was told before it.
 */
export class NonFiniteWatch {
  readonly #model: Model;
  readonly #callbacks: CallbackList;
  #hasTold = false;
  #hasToldOfValidation = false;

  constructor(model: Model, callbacks: CallbackList) {
    this.#model = model;
    this.#callbacks = callbacks;
  }

  /** Whether a run must stop at such a loss, with the weights that it was computed with. */
  get stops(): boolean {
    return !this.#hasTold;
  }

  /**
   * Tells why a run stopped, at the samples of `inputs` that `batch` names; resolves to whether training goes on. The step is made then,
   * unless a callback has ended training.
   */
  async tell(place: StepPlace, inputs: readonly SampleSource[], batch: Uint32Array): Promise<boolean> {
    this.#hasTold = true;
    const report = await this.#report(place, inputs, batch, false);
    await this.#callbacks.nonFinite(report);
    const goesOn = !this.#model.stopTraining;
    const outcome = goesOn
      ? 'Training goes on; callbacks.terminateOnNaN() ends it there.'
      : 'Training ends there, with the weights from before that step.';
    warn(`${this.#model.name}: ${report.message} ${outcome}`);
    if (goesOn) await this.#model.state.programToTrain(sampleShapes(inputs)).makeStep();
    return goesOn;
  }

  /**
   * Tells of the first such loss in the totals of validation samples, unless a loss was told before. `place` is that of the first of
   * their batches.
   */
  async lookAtValidation(
    { epoch, step: firstStep, steps }: StepPlace,
    { firstNonFinite: step }: Totals,
    { source, count, batchSize }: LabelledSamples,
  ): Promise<void> {
    if (step === undefined || this.#hasTold || this.#hasToldOfValidation) return;
    this.#hasToldOfValidation = true;
    const batch = inOrder(count).subarray(step * batchSize, (step + 1) * batchSize);
    const report = await this.#report({ epoch, step: firstStep + step, steps }, source.x, batch, true);
    await this.#callbacks.nonFinite(report);
    const outcome = this.#model.stopTraining ? 'Training ends after that epoch.' : 'Training goes on.';
    warn(`${this.#model.name}: ${report.message} ${outcome}`);
  }

  async #report(
    { epoch, step, steps }: StepPlace,
    inputs: readonly SampleSource[],
    batch: Uint32Array,
    validation: boolean,
  ): Promise<NonFiniteReport> {
    const cause = await findNonFinite(this.#model, inputs, batch);
    const what = validation ? 'validation loss of batch' : 'loss of step';
    const where = `${step + 1}${steps === null ? '' : ` of ${steps}`} in epoch ${epoch + 1}`;
    return {
      ...cause,
      validation,
      epoch,
      step,
      message: `the ${what} ${where} is no finite number: ${cause.description}.`,
    };
  }
}
