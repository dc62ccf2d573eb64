import { SingleBar } from 'cli-progress';
import type { Verbosity } from '../network/run-options.js';
import type { Logs } from './callback.js';
import { formatCount, formatLogs, formatNumber } from './format.js';

/** Progress of the current epoch. */
export interface Progress {
  samples: number;
  batches: number;
  /** Means over the samples that are done. */
  logs: Logs;
}

/** Shows the progress of a fit. */
export interface Display {
  beginEpoch(epoch: number): void;
  /** Shows the epoch's progress, and the seconds since it began. */
  update(progress: Progress, seconds: number): void;
  endEpoch(epoch: number, logs: Logs, timing: EpochTiming): void;
  /** Restores the terminal. Must be called however the fit ends. */
  stop(): void;
}

export interface EpochTiming {
  /** Duration of the epoch, with validation. */
  seconds: number;
  /** Throughput of training, without validation. */
  samplesPerSecond: number;
}

export interface DisplayParams {
  epochs: number;
  /** Number of batches in an epoch; null if unknown. */
  batches: number | null;
  /** Log keys, loss first. */
  metrics: readonly string[];
  /** Unit of the throughput: "images" or "samples". */
  unit: string;
}

/** Prints one line per epoch: "Epoch 3/10  loss 0.2811  acc 0.8972  4.1 s  14,600 images/s". */
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

/**
 * On a terminal, shows a bar for the current epoch, with batches, time left, means and throughput; then
 * prints the epoch's line.
 */
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

/**
 * No display at verbose 0; a bar at verbose 1 if `stream` is a terminal; otherwise one line per epoch.
 *
 * @param given The stream. Default process.stdout, which isn't opened at verbose 0: where it is closed, that
 * throws.
 */
export function createDisplay(
  verbose: Verbosity,
  params: DisplayParams,
  given?: NodeJS.WriteStream,
): Display | undefined {
  if (verbose === 0) return undefined;
  const stream = given ?? process.stdout;
  if (verbose === 1 && stream.isTTY) return new ProgressBar(params, stream);
  return new EpochLines(params, stream);
}
