import type { Kind } from './option-schema.js';
import { type OptionChecks, show } from './options.js';

/*
 * Kinds of options that layers and others have. layers/options/kinds.ts has those that only layers have.
 */

/** A whole number from 1 up. */
export const count: Kind<number> = {
  read: (checks, name, value) => checks.whole(name, value, 1),
};

/** A whole number from 0 up. */
export const wholeFromZero: Kind<number> = {
  read: (checks, name, value) => checks.whole(name, value, 0),
};

/** A finite number for which `fits` holds. `range` names these numbers in the error. */
export function number(fits: (value: number) => boolean, range: string): Kind<number> {
  return { read: (checks, name, value) => checks.number(name, value, fits, range) };
}

/** A number from 0 up. */
export const fromZero = number((value) => value >= 0, 'a finite number from 0 up');

/** A number above 0. */
export const aboveZero = number((value) => value > 0, 'a finite number above 0');

/** Any finite number. */
export const finite = number(() => true, 'a finite number');

/** True or false. */
export const flag: Kind<boolean> = {
  read: (checks, name, value) => checks.boolean(name, value),
};

/** True or false. A config mentions it only if it is true. */
export const flagIfTrue: Kind<boolean> = {
  ...flag,
  write: (value) => value || undefined,
};

/** One of these names. */
export function oneOf<const Name extends string>(...names: readonly Name[]): Kind<Name> {
  return {
    read(checks, name, value) {
      const found = names.find((each) => each === value);
      return found ?? failChoice(checks, name, value, names);
    },
  };
}

/** Throws "padding is 'full'; it must be 'valid', 'same' or 'causal'." */
function failChoice(checks: OptionChecks, name: string, value: unknown, names: readonly string[]): never {
  const shown = names.map(show);
  const choices = `${shown.slice(0, -1).join(', ')} or ${shown[shown.length - 1]}`;
  return checks.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; it must be ${choices}.`);
}
