import type { CallbackList } from '../callbacks/callback-list.js';
import type { LayersModel } from '../models/layers-model.js';
import { type SampleSource, sampleShapes } from '../program/samples.js';
import { warn } from '../warnings.js';
import { findNonFinite, type NonFiniteReport } from './non-finite.js';

/** Where a fit is. */
export interface StepPlace {
  /** From 0. */
  epoch: number;
  /** The batch in the epoch, from 0. */
  step: number;
  /** Batches in an epoch; null if nobody knows yet. */
  steps: number | null;
}

/** Tells of the first loss of a fit that is no finite number: callbacks by their hook, people by console.warn. */
export class NonFiniteWatch {
  readonly #model: LayersModel;
  readonly #callbacks: CallbackList;
  #hasTold = false;

  constructor(model: LayersModel, callbacks: CallbackList) {
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
    const report = await this.#report(place, inputs, batch);
    await this.#callbacks.nonFinite(report);
    const goesOn = !this.#model.stopTraining;
    const outcome = goesOn
      ? 'Training goes on; callbacks.terminateOnNaN() ends it there.'
      : 'Training ends there, with the weights from before that step.';
    warn(`${this.#model.name}: ${report.message} ${outcome}`);
    if (goesOn) await this.#model.state.programToTrain(sampleShapes(inputs)).makeStep();
    return goesOn;
  }

  async #report(
    { epoch, step, steps }: StepPlace,
    inputs: readonly SampleSource[],
    batch: Uint32Array,
  ): Promise<NonFiniteReport> {
    const cause = await findNonFinite(this.#model, inputs, batch);
    const where = `step ${step + 1}${steps === null ? '' : ` of ${steps}`} in epoch ${epoch + 1}`;
    return {
      ...cause,
      epoch,
      step,
      message: `the loss of ${where} is no finite number: ${cause.description}.`,
    };
  }
}
