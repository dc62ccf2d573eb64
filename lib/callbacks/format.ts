import { type OptionChecks, show } from '../options.js';
import type { Logs } from './callback.js';

/** "loss 0.2811", "acc 0.8972" and so on: four decimals, or an exponent where those would show nothing. */
export function formatLogs(logs: Logs): string[] {
  return Object.entries(logs).map(([key, value]) => `${key} ${formatNumber(value)}`);
}

export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const isTiny = size !== 0 && size < 0.001;
  return isTiny || size >= 1e6 ? value.toExponential(3) : value.toFixed(4);
}

/** "14,600": three significant digits, as timings are no better. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}

/** 0 says nothing, 1 prints a line for each thing done. */
export type CallbackVerbosity = 0 | 1;

/** Prints a line, or nothing. Throws INVALID_ARGUMENT for what is neither 0 nor 1. */
export function readTell(checks: OptionChecks, verbose: unknown = 0): (line: string) => void {
  if (verbose !== 0 && verbose !== 1)
    checks.fail('INVALID_ARGUMENT', `verbose is ${show(verbose)}; it must be 0 or 1.`);
  return verbose === 1 ? (line) => void process.stdout.write(`${line}\n`) : () => undefined;
}
