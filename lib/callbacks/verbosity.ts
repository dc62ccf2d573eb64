import { type OptionChecks, show } from '../options.js';

/** 0 says nothing, 1 prints a line for each thing done. */
export type CallbackVerbosity = 0 | 1;

/** Prints a line, or nothing. Throws INVALID_ARGUMENT for what is neither 0 nor 1. */
export function readTell(checks: OptionChecks, verbose: unknown = 0): (line: string) => void {
  if (verbose !== 0 && verbose !== 1)
    checks.fail('INVALID_ARGUMENT', `verbose is ${show(verbose)}; it must be 0 or 1.`);
  return verbose === 1 ? (line) => void process.stdout.write(`${line}\n`) : () => undefined;
}
