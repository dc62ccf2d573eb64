import { OptionChecks } from '../options.js';
import type { ParameterDescription } from '../program/description.js';

/** A penalty on weights that is added to the model's loss: see `regularizers`. */
export abstract class Regularizer {
  /** Keras's name of the class, such as "L2". Saved models use it. */
  abstract readonly className: string;

  /** @internal */
  abstract describe(): NonNullable<ParameterDescription['regularizer']>;

  /** The options that make this regularizer again, as plain data. */
  abstract getConfig(): Record<string, unknown>;
}

/** Reads the factors in `names`. Each must be a finite number from 0 up, and defaults to `missing`. */
export function readFactors<Name extends string>(
  subject: string,
  options: Partial<Record<Name, number>>,
  names: readonly Name[],
  missing: number,
): Record<Name, number> {
  const checks = new OptionChecks(subject);
  checks.keys(options, names);
  const factors = names.map((name) => [
    name,
    checks.number(name, options[name] ?? missing, (factor) => factor >= 0, 'a finite number from 0 up'),
  ]);
  return Object.fromEntries(factors) as Record<Name, number>;
}
