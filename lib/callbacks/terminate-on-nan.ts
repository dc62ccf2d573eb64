import { Callback, type NonFiniteReport } from './callback.js';

/**
 * Ends training at the first step whose loss is NaN or infinite, of which fit tells. The step isn't made: the model keeps the weights
 * from before it, which Keras's TerminateOnNaN has overwritten by then. A validation loss doesn't end training.
 */
export class TerminateOnNaN extends Callback {
  /** Why the last fit was ended, if it was. */
  report?: NonFiniteReport;

  override onTrainBegin(): void {
    this.report = undefined;
  }

  override onNonFinite(report: NonFiniteReport): void {
    if (report.validation) return;
    this.report = report;
    this.model.stopTraining = true;
  }
}

/** See TerminateOnNaN. */
export function terminateOnNaN(): TerminateOnNaN {
  return new TerminateOnNaN();
}
