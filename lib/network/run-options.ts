import { type OptionChecks, show } from '../options.js';

/** What every run over data takes. */
export interface RunOptions {
  /** Samples that are computed together. Default 32. */
  batchSize?: number;
  /** Ends the run with the code ABORTED. */
  signal?: AbortSignal;
}

/** How often a fit of TF.js lets the event loop go on; a number is of milliseconds. */
export type YieldEvery = 'auto' | 'batch' | 'epoch' | 'never' | number;

/** 0 prints nothing; 1 shows a bar on a terminal and a line an epoch elsewhere; 2 always a line. */
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

/** It has no effect, so all there is to do is to refuse what TF.js refuses. */
export function checkYieldEvery(checks: OptionChecks, value: unknown): void {
  const isName = value === 'auto' || value === 'batch' || value === 'epoch' || value === 'never';
  if (value == null || isName || (typeof value === 'number' && value > 0)) return;
  checks.fail(
    'INVALID_ARGUMENT',
    `yieldEvery is ${show(value)}; it must be 'auto', 'batch', 'epoch', 'never' or milliseconds. It has no effect: the event loop is always free.`,
  );
}
