import { UsageError } from './usage-error.js';

/*
 * Parsers for the values of options. Each takes the option's name for messages, and gives a function of the text.
 * They throw UsageError.
 */

/** Any text. What looks like an option means that the value was forgotten. */
export function text(name: string): (given: string) => string {
  return (given) => {
    if (given === '' || given.startsWith('--')) throw new UsageError(`--${name} needs a value`);
    return given;
  };
}

/** A whole number from `least` to `most`. */
export function wholeNumber(name: string, least: number, most: number): (given: string) => number {
  return (given) => {
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(`--${name} is '${given}'; it must be a whole number from ${least} to ${most}`);
  };
}

/** A number for which `isRight` holds; `what` says which ones that are. */
export function number(
  name: string,
  isRight: (value: number) => boolean,
  what: string,
): (given: string) => number {
  return (given) => {
    const value = given.trim() === '' ? Number.NaN : Number(given);
    if (Number.isFinite(value) && isRight(value)) return value;
    throw new UsageError(`--${name} is '${given}'; it must be ${what}`);
  };
}

/** One of `choices`. */
export function choice<T extends string>(name: string, choices: readonly T[]): (given: string) => T {
  return (given) => {
    if ((choices as readonly string[]).includes(given)) return given as T;
    throw new UsageError(`--${name} is '${given}'; it can be ${choices.join(' or ')}`);
  };
}

/** The longest side of images, in pixels. */
const LONGEST = 10_000;

/** [height, width] of '64x48' or '64'. */
export function imageSize(name: string): (given: string) => [number, number] {
  return (given) => {
    const [, height, width = height] = /^(\d{1,5})(?:x(\d{1,5}))?$/i.exec(given) ?? [];
    const size: [number, number] = [Number(height), Number(width)];
    if (size.every((side) => side >= 1 && side <= LONGEST)) return size;
    throw new UsageError(
      `--${name} is '${given}'; it must be the height and width in pixels, such as 64x64, up to ${LONGEST} each`,
    );
  };
}
