import { SingleBar } from 'cli-progress';
import type { Verbosity } from '../network/run-options.js';
import type { Logs } from './callback.js';
import { formatCount, formatLogs, formatNumber } from './format.js';

/** Of an epoch so far. */
export interface Progress {
  samples: number;
  batches: number;
  /** Means. */
  logs: Logs;
}

/** Where a fit shows how it goes. */
export interface Display {
  beginEpoch(epoch: number): void;
  /** How far the epoch is, and its seconds so far. */
  update(progress: Progress, seconds: number): void;
  endEpoch(epoch: number, logs: Logs, timing: EpochTiming): void;
  /** Leaves the terminal as it was, whatever happened. */
  stop(): void;
}

export interface EpochTiming {
  /** With validation. */
  seconds: number;
  /** In training. */
  samplesPerSecond: number;
}

export interface DisplayParams {
  epochs: number;
  /** In an epoch; null if nobody knows yet. */
  batches: number | null;
  /** Log keys, loss first. */
  metrics: readonly string[];
  /** What is counted: "images" or "samples". */
  unit: string;
}

/** One line an epoch: "Epoch 3/10  loss 0.2811  acc 0.8972  4.1 s  14,600 images/s". */
export class EpochLines implements Display {
  constructor(
    protected readonly params: DisplayParams,
    protected readonly stream: NodeJS.WritableStream,
  ) {}

  beginEpoch(_epoch: number): void {}

  update(_progress: Progress, _seconds: number): void {}

  endEpoch(epoch: number, logs: Logs, { seconds, samplesPerSecond }: EpochTiming): void {
    const { epochs, unit } = this.params;
    const parts = [
      `Epoch ${epoch + 1}/${epochs}`,
      ...formatLogs(logs),
      `${seconds.toFixed(1)} s`,
      `${formatCount(samplesPerSecond)} ${unit}/s`,
    ];
    this.stream.write(`${parts.join('  ')}\n`);
  }

  stop(): void {}
}

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

/** None at verbose 0; a bar where `stream` is a terminal and verbose is 1; otherwise a line an epoch. */
export function createDisplay(
  verbose: Verbosity,
  params: DisplayParams,
  stream: NodeJS.WriteStream = process.stdout,
): Display | undefined {
  if (verbose === 0) return undefined;
  if (verbose === 1 && stream.isTTY) return new ProgressBar(params, stream);
  return new EpochLines(params, stream);
}
