import { Callback, type NonFiniteReport } from './callback.js';

/**
 * Ends training at the first step whose loss is NaN or infinite, before the optimizer applies it. The model
 * keeps the weights from before that step; Keras's TerminateOnNaN stops only after it. A validation loss
 * doesn't end training.
 */
export class TerminateOnNaN extends Callback {
  /** Why the last fit ended; undefined if no such loss ended it. */
  report?: NonFiniteReport;

  override get everyRank(): boolean {
    return true;
  }

  override onTrainBegin(): void {
    this.report = undefined;
  }

  override onNonFinite(report: NonFiniteReport): void {
    if (report.validation) return;
    this.report = report;
    this.model.stopTraining = true;
  }
}

/** Creates a {@link TerminateOnNaN}. */
export function terminateOnNaN(): TerminateOnNaN {
  return new TerminateOnNaN();
}
