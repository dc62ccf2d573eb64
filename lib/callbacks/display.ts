import type { Logs } from './callback.js';
import type { Verbosity } from '../network/run-options.js';
import { EpochLines } from './epoch-lines.js';
import { ProgressBar } from './progress-bar.js';

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
