import { Callback, type Logs } from './callback.js';

/** Records the logs of each epoch. fit resolves to one. */
export class History extends Callback {
  /** Indices of the epochs, from 0. */
  readonly epoch: number[] = [];
  /** For each log key (loss, acc, val_loss, val_acc), one value per epoch that has it. */
  readonly history: Record<string, number[]> = {};

  override getState(): unknown {
    return { epoch: [...this.epoch], history: structuredClone(this.history) };
  }

  override setState({ epoch, history }: Pick<History, 'epoch' | 'history'>): void {
    this.epoch.length = 0;
    for (const each of epoch) this.epoch.push(each);
    for (const key of Object.keys(this.history)) delete this.history[key];
    Object.assign(this.history, history);
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [key, value] of Object.entries(logs)) {
      this.history[key] ??= [];
      this.history[key].push(value);
    }
  }
}
