import { type OptionChecks, show } from '../options.js';

/** Options of every run over data. */
export interface RunOptions {
  /** Number of samples in a batch. Default 32. */
  batchSize?: number;
  /** Aborts the run with the code ABORTED. */
  signal?: AbortSignal;
}

/** How often TF.js's fit yields to the event loop; a number is in milliseconds. No effect here. */
export type YieldEvery = 'auto' | 'batch' | 'epoch' | 'never' | number;

/**
 * 0 prints nothing. 1 shows a progress bar on a terminal; elsewhere, and where the environment variable CI is
 * set, one line per epoch. 2 always prints one line per epoch.
 */
export type Verbosity = 0 | 1 | 2;

export function readBatchSize(checks: OptionChecks, value: unknown, name = 'batchSize'): number {
  return checks.whole(name, value ?? 32, 1);
}

export function readVerbosity(checks: OptionChecks, value: unknown, fallback: Verbosity): Verbosity {
  const verbose = value ?? fallback;
  if (verbose !== 0 && verbose !== 1 && verbose !== 2) {
    checks.fail('INVALID_ARGUMENT', `verbose is ${show(value)}; it must be 0, 1 or 2.`);
  }
  return verbose;
}

/** yieldEvery has no effect, so this only throws INVALID_ARGUMENT for what TF.js refuses. */
export function checkYieldEvery(checks: OptionChecks, value: unknown): void {
  const isName = value === 'auto' || value === 'batch' || value === 'epoch' || value === 'never';
  if (value == null || isName || (typeof value === 'number' && value > 0)) return;
  checks.fail(
    'INVALID_ARGUMENT',
    `yieldEvery is ${show(value)}; it must be 'auto', 'batch', 'epoch', 'never' or milliseconds. It has no effect: the event loop is always free.`,
  );
}
