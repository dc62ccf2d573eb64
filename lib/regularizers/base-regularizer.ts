import { OptionChecks } from '../options.js';
import type { ParameterDescription } from '../program/description.js';

/** Adds to a model's loss what its weights cost: see `regularizers`. */
export abstract class Regularizer {
  /** As Keras names the class: "L2". Names it in saved models. */
  abstract readonly className: string;

  /** @internal */
  abstract describe(): NonNullable<ParameterDescription['regularizer']>;

  /** The options that make this regularizer again, as plain data. */
  abstract getConfig(): Record<string, unknown>;
}

/** Reads the factors that are named, each by default `missing`. */
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
