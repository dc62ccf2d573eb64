import { type OptionChecks, show } from '../options.js';
import type { Logs } from './callback.js';

/**
 * Formats logs: "loss 0.2811", "acc 0.8972", ...; with four decimals, or an exponent for very small and very
 * large values.
 */
export function formatLogs(logs: Logs): string[] {
  return Object.entries(logs).map(([key, value]) => `${key} ${formatNumber(value)}`);
}

export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const isTiny = size !== 0 && size < 0.001;
  return isTiny || size >= 1e6 ? value.toExponential(3) : value.toFixed(4);
}

/** Formats a throughput such as "14,600", to three significant digits: timings are no more precise. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}

/** 0 prints nothing, 1 prints a line for each action. */
export type CallbackVerbosity = 0 | 1;

/**
 * Returns a function that prints a line if `verbose` is 1, and nothing if it is 0. Throws INVALID_ARGUMENT
 * for other values.
 */
export function readPrinter(checks: OptionChecks, verbose: unknown = 0): (line: string) => void {
  if (verbose !== 0 && verbose !== 1)
    checks.fail('INVALID_ARGUMENT', `verbose is ${show(verbose)}; it must be 0 or 1.`);
  return verbose === 1 ? (line) => void process.stdout.write(`${line}\n`) : () => undefined;
}
