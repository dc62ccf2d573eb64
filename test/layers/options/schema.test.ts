import { describe, expect, it } from 'vitest';
import { count, flag, oneOf, pair } from '../../../lib/layers/options/kinds.js';
import {
  type FieldsOf,
  type Kind,
  optional,
  own,
  readOptions,
  required,
  type SchemaOf,
  sameAs,
  writeOptions,
} from '../../../lib/layers/options/schema.js';
import { OptionChecks } from '../../../lib/options.js';
import { expectError } from '../../support/convforge-error.js';

const silentFalse: Kind<boolean> = { ...flag, write: (value) => value || undefined };

interface Options {
  size: number | readonly [number, number];
  stride?: number | readonly [number, number];
  seed?: number;
  exact?: boolean;
  name?: string;
}

const SCHEMA = {
  size: required(pair),
  stride: optional(pair, sameAs('size')),
  seed: optional(count),
  exact: optional(silentFalse, false),
  name: own,
} satisfies SchemaOf<Options>;

const checks = new OptionChecks('layer');

function read(options: object): FieldsOf<typeof SCHEMA> {
  const fields = {};
  readOptions(fields, SCHEMA, checks, options);
  return fields as FieldsOf<typeof SCHEMA>;
}

describe('a schema', () => {
  it('reads the given options, and defaults for the rest', () => {
    const given = read({ size: 2, stride: [1, 3], seed: 7, exact: true, name: 'own' });
    expect(given).toEqual({ size: [2, 2], stride: [1, 3], seed: 7, exact: true });
    expect(read({ size: [4, 5] })).toEqual({ size: [4, 5], stride: [4, 5], exact: false });
  });

  it('treats null as a missing option', async () => {
    expect(read({ size: 1, stride: null, seed: null })).toEqual({
      size: [1, 1],
      stride: [1, 1],
      exact: false,
    });
    await expectError(() => read({ size: null }), 'INVALID_ARGUMENT', /size is null/);
  });

  it('names the option that its kind refuses', async () => {
    await expectError(() => read({}), 'INVALID_ARGUMENT', /^layer: size is undefined/);
    await expectError(() => read({ size: 1, seed: 0 }), 'INVALID_ARGUMENT', /^layer: seed is 0/);
  });

  it("writes plain data in the schema's order, without missing options", () => {
    const { stride, ...others } = read({ exact: true, size: 3 });
    const config = writeOptions({ stride, ...others }, SCHEMA);
    expect(JSON.stringify(config)).toBe('{"size":[3,3],"stride":[3,3],"exact":true}');
    expect(config.size).not.toBe(others.size);
    expect(writeOptions(read({ size: 3, seed: 1 }), SCHEMA)).toEqual({
      size: [3, 3],
      stride: [3, 3],
      seed: 1,
    });
  });

  it('must match its interface', () => {
    const ofSize = { size: required(pair) };
    const all: SchemaOf<{ size: number }> = ofSize;
    expect(all).toBe(ofSize);
    // @ts-expect-error: an option is missing
    const missing: SchemaOf<{ size: number; more?: number }> = ofSize;
    // @ts-expect-error: there is no such option
    const odd: SchemaOf<{ size: number }> = { size: required(pair), more: own };
    // @ts-expect-error: it may be left out
    const needed: SchemaOf<{ size?: number }> = ofSize;
    // @ts-expect-error: the kind doesn't read strings
    const wider: SchemaOf<{ size: number | string }> = ofSize;
    expect([missing, odd, needed, wider]).toHaveLength(4);
  });
});

describe('oneOf', () => {
  it('accepts its names, and lists them in errors', async () => {
    const kind = oneOf('valid', 'same', 'causal');
    expect(kind.read(checks, 'padding', 'same')).toBe('same');
    const message = "layer: padding is 'full'; it must be 'valid', 'same' or 'causal'.";
    const error = await expectError(
      () => kind.read(checks, 'padding', 'full'),
      'INVALID_ARGUMENT',
      /padding/,
    );
    expect(error.message).toBe(message);
  });
});
