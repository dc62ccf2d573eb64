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
  /** `done` is what an earlier process did of an epoch that resumes. */
  beginEpoch(epoch: number, done?: Pick<Progress, 'samples' | 'batches'>): void;
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

/** The widest bar, in columns. */
const WIDEST_BAR = 24;

/** A shorter bar says nothing. */
const SHORTEST_BAR = 4;

/** What a bar's line tells, most important first. */
interface BarParts {
  /** "Epoch 3/10" */
  epoch: string;
  /** The share of the epoch that is done, from 0 to 1; null if unknown. */
  share: number | null;
  /** "100/469" */
  place: string;
  /** "loss 0.5000", "acc 0.7500" */
  values: readonly string[];
  /** "ETA 5s"; absent if unknown. */
  left?: string;
  /** "6,400 images/s" */
  rate: string;
}

/**
 * The line of a bar, shorter than `columns`, so that no terminal wraps it. The bar is shortened first; then go
 * the bar, the throughput, the time left, and values from the last on.
 */
export function barLine({ epoch, share, place, values, left, rate }: BarParts, columns: number): string {
  const widest = columns - 1;
  const others = [...values, ...(left === undefined ? [] : [left]), rate];
  const full = [`${epoch} ${place}`, ...others].join('  ');
  const room = Math.min(WIDEST_BAR, widest - full.length - 1);
  if (share !== null && room >= SHORTEST_BAR) {
    const done = Math.round(Math.min(1, share) * room);
    const bar = '\u2588'.repeat(done) + '\u2591'.repeat(room - done);
    return [`${epoch} ${bar} ${place}`, ...others].join('  ');
  }
  const dropped = [rate, left, ...values.slice(1).reverse(), values[0]].filter((each) => each !== undefined);
  let line = full;
  for (const part of dropped) {
    if (line.length <= widest) break;
    line = line.replace(`  ${part}`, '');
  }
  return line.slice(0, Math.max(0, widest));
}

/** "42s", "1m05s", "2h10m". */
export function formatTimeLeft(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
}

/** The columns of a terminal that doesn't tell. */
const USUAL_COLUMNS = 80;

/**
 * On a terminal, shows a bar for the current epoch, with batches, means, time left and throughput; then prints
 * the epoch's line. It fits the terminal's width, also after that changes.
 */
export class ProgressBar extends EpochLines {
  #bar?: SingleBar;
  #progress?: Progress;
  #seconds = 0;
  #before = { samples: 0, batches: 0 };

  override beginEpoch(epoch: number, done?: Pick<Progress, 'samples' | 'batches'>): void {
    this.stop();
    this.#progress = undefined;
    this.#before = { samples: done?.samples ?? 0, batches: done?.batches ?? 0 };
    const { batches } = this.params;
    this.#bar = new SingleBar({
      format: () => this.#line(epoch),
      stream: this.stream,
      // A process may be ended in the middle of an epoch, and must not leave a terminal that wraps nothing.
      hideCursor: false,
      linewrap: true,
      clearOnComplete: true,
      fps: 20,
    });
    this.#bar.start(batches ?? Number.POSITIVE_INFINITY, 0);
  }

  override update(progress: Progress, seconds: number): void {
    this.#progress = progress;
    this.#seconds = seconds;
    this.#bar?.update(progress.batches);
  }

  override endEpoch(epoch: number, logs: Logs, timing: EpochTiming): void {
    this.stop();
    super.endEpoch(epoch, logs, timing);
  }

  override stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #line(epoch: number): string {
    const { epochs, batches, metrics, unit } = this.params;
    const { batches: done, samples, logs } = this.#progress ?? { ...this.#before, logs: {} };
    const { samples: samplesBefore, batches: batchesBefore } = this.#before;
    const made = done - batchesBefore;
    const left = batches !== null && made > 0 ? (this.#seconds / made) * (batches - done) : undefined;
    const parts = {
      epoch: `Epoch ${epoch + 1}/${epochs}`,
      share: batches === null ? null : done / batches,
      place: batches === null ? `batch ${done}` : `${done}/${batches}`,
      values: metrics.map((key) => `${key} ${logs[key] === undefined ? '-' : formatNumber(logs[key])}`),
      ...(left !== undefined && { left: `ETA ${formatTimeLeft(left)}` }),
      rate: `${formatCount((samples - samplesBefore) / this.#seconds)} ${unit}/s`,
    };
    return barLine(parts, (this.stream as NodeJS.WriteStream).columns || USUAL_COLUMNS);
  }
}

/**
 * Whether a bar may be drawn on `stream`: it is a terminal that moves its cursor, and nobody keeps its lines, as
 * services of continuous integration do.
 */
function takesBars({ isTTY }: NodeJS.WriteStream): boolean {
  const { CI, TERM } = process.env;
  const isCI = CI !== undefined && CI !== '' && CI !== '0' && CI !== 'false';
  return isTTY && !isCI && TERM !== 'dumb';
}

/**
 * No display at verbose 0; a bar at verbose 1 if `stream` is a terminal, and not in continuous integration (CI is set);
 * otherwise one line per epoch.
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
  if (verbose === 1 && takesBars(stream)) return new ProgressBar(params, stream);
  return new EpochLines(params, stream);
}
