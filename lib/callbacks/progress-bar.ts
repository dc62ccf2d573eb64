import { SingleBar } from 'cli-progress';
import type { Logs } from './callback.js';
import type { EpochTiming, Progress } from './display.js';
import { EpochLines } from './epoch-lines.js';
import { formatCount, formatNumber } from './format.js';

/** On a terminal: a bar for the epoch that runs, with batches, time left, means so far and rate; then the epoch's line. */
export class ProgressBar extends EpochLines {
  #bar?: SingleBar;

  override beginEpoch(epoch: number): void {
    this.stop();
    const { epochs, batches, metrics, unit } = this.params;
    const place = batches === null ? 'batch {value}' : '{bar} {value}/{total}  ETA {eta_formatted}';
    const values = metrics.map((key) => `${key} {${key}}`).join('  ');
    this.#bar = new SingleBar({
      format: `Epoch ${epoch + 1}/${epochs} ${place}  ${values}  {rate} ${unit}/s`,
      stream: this.stream,
      barsize: 24,
      barCompleteChar: '\u2588',
      barIncompleteChar: '\u2591',
      hideCursor: true,
      clearOnComplete: true,
      fps: 20,
    });
    const nothing = metrics.map((key) => [key, '-']);
    this.#bar.start(batches ?? Number.POSITIVE_INFINITY, 0, { ...Object.fromEntries(nothing), rate: '-' });
  }

  override update({ samples, batches, logs }: Progress, seconds: number): void {
    const means = this.params.metrics.map((key) => [key, formatNumber(logs[key])]);
    const rate = formatCount(samples / seconds);
    this.#bar?.update(batches, { ...Object.fromEntries(means), rate });
  }

  override endEpoch(epoch: number, logs: Logs, timing: EpochTiming): void {
    this.stop();
    super.endEpoch(epoch, logs, timing);
  }

  override stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
