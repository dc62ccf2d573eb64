import type { Defaulted } from '../../shape-types/index.js';

export * from '../../option-schema.js';

/** Tells the types of shapes the default of each option, or undefined for one without. */
export type DefaultsOf<S> = Defaulted<{
  readonly [Name in keyof S]: S[Name] extends { readonly default: infer Default } ? Default : undefined;
}>;
