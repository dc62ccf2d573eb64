import type { Totals } from '../program/engine.js';
import type { Pauses } from './train-epoch.js';

/** Duration of a run of steps, in milliseconds. */
const RUN_TIME = 100;

/** Divides an epoch into runs of about a tenth of a second, so that `stopTraining` takes effect soon. */
export class RunPacing implements Pauses {
  #steps = 1;

  get maxSteps(): number {
    return this.#steps;
  }

  async afterRun(_epoch: number, _totals: Totals, steps: number, milliseconds: number): Promise<void> {
    this.#steps = Math.max(1, Math.round((steps * RUN_TIME) / Math.max(milliseconds, 1)));
  }
}
