import type { OptionChecks } from './options.js';

/*
 * The options of a layer, an optimizer, an initializer and the like stand in an interface, with their texts, and in a schema, with their
 * kinds and defaults. The rest follows from the schema: the fields that keep options (FieldsOf), what a
 * constructor reads (readOptions), what getConfig writes (writeOptions), and which keys are known. SchemaOf
 * checks a schema against the interface.
 */

/** A kind of options: what is given for one, and what is kept of it. */
export interface Kind<Given, Kept = Given> {
  /** The value to keep. Throws a ConvforgeError for a value that doesn't fit. */
  read(checks: OptionChecks, name: string, value: unknown): Kept;
  /**
   * The kept value as plain data for a config, or undefined to leave the key out. By default the value as it
   * is.
   */
  write?(kept: Kept): unknown;
  /** Never there: what the type remembers. */
  readonly takes?: (given: Given) => void;
}

/** An option that must be given. */
export interface RequiredOption<Given, Kept> {
  readonly presence: 'required';
  readonly kind: Kind<Given, Kept>;
}

/**
 * An option that may be left out. If `Default` is undefined, the option has no default, and nothing is kept.
 */
export interface OptionalOption<Given, Kept, Default> {
  readonly presence: 'optional';
  readonly kind: Kind<Given, Kept>;
  readonly default: Default;
}

/** An option that its owner reads, keeps and writes itself. */
export interface OwnOption {
  readonly presence: 'own';
}

/** A default that is the value of another option, which stands before it in the schema. */
export interface SameAs<Name extends string> {
  readonly sameAs: Name;
}

type AnyOption = RequiredOption<never, unknown> | OptionalOption<never, unknown, unknown> | OwnOption;

/** Options by name, in the order in which they are read and written. */
export type Schema = Readonly<Record<string, AnyOption>>;

/** A schema of exactly these options. */
export type SchemaOf<Options> = {
  readonly [Name in keyof Options]-?: undefined extends Options[Name]
    ? OptionalOption<NonNullable<Options[Name]>, unknown, unknown> | OwnOption
    : RequiredOption<Options[Name], unknown> | OwnOption;
};

/** An option that must be given. */
export function required<Given, Kept>(kind: Kind<Given, Kept>): RequiredOption<Given, Kept> {
  return { presence: 'required', kind };
}

/** An option without a default. A config mentions it only if it is given. */
export function optional<Given, Kept>(kind: Kind<Given, Kept>): OptionalOption<Given, Kept, undefined>;
/** An option with a default, which is read as a given value is. */
export function optional<Given, Kept, const Default extends Given | SameAs<string>>(
  kind: Kind<Given, Kept>,
  value: Default,
): OptionalOption<Given, Kept, Default>;
export function optional(
  kind: Kind<never, unknown>,
  value?: unknown,
): OptionalOption<never, unknown, unknown> {
  return { presence: 'optional', kind, default: value };
}

/** The value of an earlier option, as a default. */
export function sameAs<const Name extends string>(name: Name): SameAs<Name> {
  return { sameAs: name };
}

/** An option that its owner reads, keeps and writes itself. */
export const own: OwnOption = { presence: 'own' };

type KeptOf<Option> = Option extends { readonly kind: Kind<never, infer Kept> } ? Kept : never;

type NamesOf<S, Option> = { [Name in keyof S]: S[Name] extends Option ? Name : never }[keyof S];

/** The names of options that may be left out and have no default, so that a field may be undefined. */
type OpenNames<S> = NamesOf<S, OptionalOption<never, unknown, undefined>>;

type SureNames<S> = Exclude<keyof S, OpenNames<S> | NamesOf<S, OwnOption>>;

type Sure<S, Names extends keyof S> = { readonly [Name in Names]: KeptOf<S[Name]> };
type Open<S, Names extends keyof S> = { readonly [Name in Names]?: KeptOf<S[Name]> };

/** The fields that keep options. */
export type FieldsOf<S> = Sure<S, SureNames<S>> & Open<S, OpenNames<S>>;

/**
 * Sets a field of `owner` for each option of the schema, to what its kind keeps of the given value or of the
 * default.
 */
export function readOptions(owner: object, schema: Schema, checks: OptionChecks, options: object): void {
  const given = options as Readonly<Record<string, unknown>>;
  const fields = owner as Record<string, unknown>;
  for (const [name, option] of Object.entries(schema)) {
    if (option.presence === 'required') fields[name] = option.kind.read(checks, name, given[name]);
    if (option.presence !== 'optional') continue;
    const value = given[name] ?? defaultValue(option.default, fields);
    fields[name] = value === undefined ? undefined : option.kind.read(checks, name, value);
  }
}

function defaultValue(value: unknown, fields: Readonly<Record<string, unknown>>): unknown {
  const isReference = typeof value === 'object' && value !== null && 'sameAs' in value;
  return isReference ? fields[(value as SameAs<string>).sameAs] : value;
}

/** The options in the fields of `owner`, as plain data. */
export function writeOptions(owner: object, schema: Schema): Record<string, unknown> {
  const fields = owner as Readonly<Record<string, unknown>>;
  const config: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(schema)) {
    if (option.presence === 'own' || fields[name] === undefined) continue;
    const { write } = option.kind as Kind<never, unknown>;
    const written = write ? write(fields[name]) : fields[name];
    if (written !== undefined) config[name] = written;
  }
  return config;
}

/** The entries of a config of `owner` that aren't null, without options that have their defaults. */
export function withoutDefaults(
  config: Readonly<Record<string, unknown>>,
  owner: object,
  schema: Schema,
  checks: OptionChecks,
): Record<string, unknown> {
  const fields = owner as Readonly<Record<string, unknown>>;
  const isDefault = (name: string, value: unknown) => {
    const option = Object.hasOwn(schema, name) ? schema[name] : own;
    if (option.presence !== 'optional' || option.default === undefined) return false;
    const { read, write } = option.kind as Kind<never, unknown>;
    const kept = read(checks, name, defaultValue(option.default, fields));
    return JSON.stringify(write ? write(kept) : kept) === JSON.stringify(value);
  };
  const entries = Object.entries(config).filter(([name, value]) => value != null && !isDefault(name, value));
  return Object.fromEntries(entries);
}
