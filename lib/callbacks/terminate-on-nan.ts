import type { NonFiniteCause } from '../training/non-finite.js';
import type { Logs } from '../training/logs.js';
import { Callback } from './callback.js';

/** The first loss of a fit that was no finite number. */
export interface NonFiniteReport extends Partial<NonFiniteCause> {
  /** From 0. */
  epoch: number;
  /** The batch in the epoch, from 0; absent where batches weren't watched one by one. */
  step?: number;
  /** All of it in words. */
  message: string;
}

/**
 * Ends training at the first step whose loss is NaN or infinite, and says where that came from. The step isn't made: the model keeps
 * the weights from before it, which Keras's TerminateOnNaN has overwritten by then.
 */
export class TerminateOnNaN extends Callback {
  /** Why the last fit was ended, if it was. */
  report?: NonFiniteReport;

  override onTrainBegin(): void {
    this.report = undefined;
  }

  override onEpochEnd(epoch: number, { loss }: Logs = {}): void {
    if (this.report || loss === undefined || Number.isFinite(loss)) return;
    this.terminate({ epoch, message: `the loss of epoch ${epoch + 1} is ${loss}. Training ends there.` });
  }

  /** Called by fit. */
  terminate(report: NonFiniteReport): void {
    this.report = report;
    this.model.stopTraining = true;
    console.warn(`terminateOnNaN: ${report.message}`);
  }
}

/** See TerminateOnNaN. */
export function terminateOnNaN(): TerminateOnNaN {
  return new TerminateOnNaN();
}
