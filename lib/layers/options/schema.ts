import type { Defaulted } from '../../shape-types/index.js';

export * from '../../option-schema.js';

/** The default of each option for types that infer shapes; undefined for an option without. */
export type DefaultsOf<S> = Defaulted<{
  readonly [Name in keyof S]: S[Name] extends { readonly default: infer Default } ? Default : undefined;
}>;
