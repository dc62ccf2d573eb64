import { Callback, type Logs } from './callback.js';

/** Keeps the logs of each epoch; fit returns one. */
export class History extends Callback {
  /** Numbers of the epochs, from 0. */
  readonly epoch: number[] = [];
  /** Per log key (loss, acc, val_loss, val_acc) a value for each epoch. */
  readonly history: Record<string, number[]> = {};

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [key, value] of Object.entries(logs)) {
      this.history[key] ??= [];
      this.history[key].push(value);
    }
  }
}
