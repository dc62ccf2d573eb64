import { parseArgs } from 'node:util';
import { nearest } from '../suggestions.js';
import { UsageError } from './usage-error.js';

/** Options by name: whether each takes a value or is a flag. */
export type OptionNames = Readonly<Record<string, 'value' | 'flag'>>;

/** The options given, flags as 'true'. If an option is given twice, the last one counts. */
export type GivenOptions = Record<string, string>;

/**
 * Parses the command line. One argument that is not an option is returned under the name `operand`, if `operand`
 * is given.
 *
 * Throws UsageError for an unknown option, a missing or unwanted value, and any other argument.
 */
export function readOptions(args: readonly string[], names: OptionNames, operand?: string): GivenOptions {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(names).map(([name, kind]) => [
        name,
        { type: kind === 'value' ? ('string' as const) : ('boolean' as const) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: GivenOptions = {};
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (operand === undefined || given[operand] !== undefined) {
        throw new UsageError(`'${token.value}' is not an option; try --help`);
      }
      given[operand] = token.value;
    }
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    if (!Object.hasOwn(names, name)) throw new UsageError(unknownOption(rawName, names));
    if (names[name] === 'flag') {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
      given[name] = 'true';
    } else {
      const isMissing = value === undefined || value === '' || (!inlineValue && value.startsWith('--'));
      if (isMissing) throw new UsageError(`${rawName} needs a value`);
      given[name] = value;
    }
  }
  return given;
}

/** A whole number from `least` to `most`. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`--${name} is '${text}'; it must be a whole number from ${least} to ${most}`);
  }
  return value;
}

/** One of `choices`. */
export function choice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  if ((choices as readonly string[]).includes(text)) return text as T;
  throw new UsageError(`--${name} is '${text}'; it can be ${choices.join(' or ')}`);
}

function unknownOption(rawName: string, names: OptionNames): string {
  const near = nearest(rawName.replace(/^-+/, ''), Object.keys(names));
  return `there is no option ${rawName}; ${near === undefined ? 'try --help' : `did you mean --${near}?`}`;
}
