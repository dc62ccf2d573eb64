import '@tensorflow/tfjs-backend-cpu';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { expectClose } from '../support/numeric.js';
import { CORE_FUNCTIONS, type Draw, LAYERS_FUNCTIONS } from './core-functions.js';
import { isValues, RandomArguments, type Values } from './random-arguments.js';

/*
 * Functions on tensors give what TF.js's give, for random arguments: shapes, types and values. What TF.js
 * refuses convforge may take, but never the other way round.
 */

const CASES = 60;

type Call = (...args: unknown[]) => unknown;

/** A tensor that a library made. */
interface Made {
  shape: readonly number[];
  dtype: string;
  dataSync(): ArrayLike<number>;
}

function find(library: object, name: string): Call {
  const read = (object: unknown, part: string) => (object as Record<string, unknown>)[part];
  return name.split('.').reduce<unknown>(read, library) as Call;
}

function replaceValues(argument: unknown, make: (values: Values) => unknown): unknown {
  if (isValues(argument)) return make(argument);
  return Array.isArray(argument) ? argument.map((each) => replaceValues(each, make)) : argument;
}

/** The tensors in a tensor, a list of tensors, or an object. */
function tensorsOf(result: unknown): Made[] {
  return result instanceof tf.Tensor || result instanceof core.Tensor
    ? [result as Made]
    : Object.values(result as object).flatMap(tensorsOf);
}

/** TF.js's result; undefined if it throws. */
function attempt(call: () => unknown): Made[] | undefined {
  try {
    return tensorsOf(call());
  } catch {
    return undefined;
  }
}

function compare(oracle: object, name: string, draw: Draw): void {
  let compared = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const args = draw(new RandomArguments(seed));
    const what = `${name} with seed ${seed}, ${JSON.stringify(args)}`;
    const theirs = args.map((each) =>
      replaceValues(each, ({ values, shape, dtype }) => core.tensor(values, shape, dtype)),
    );
    const expected = attempt(() => find(oracle, name)(...theirs));
    if (!expected) continue;
    const ours = args.map((each) =>
      replaceValues(each, ({ values, shape, dtype }) => tf.tensor(values, shape, dtype)),
    );
    const found = tensorsOf(find(tf, name)(...ours));
    expect(
      found.map(({ shape, dtype }) => ({ shape, dtype })),
      what,
    ).toEqual(expected.map(({ shape, dtype }) => ({ shape, dtype })));
    for (const [i, each] of found.entries()) {
      const wanted = expected[i].dataSync();
      const isKnown = Array.from(wanted, (value) => Number.isFinite(value));
      const finite = (values: ArrayLike<number>) => Array.from(values).filter((_, at) => isKnown[at]);
      expectClose(finite(each.dataSync()), finite(wanted), { what, absolute: 2e-6, relative: 2e-5 });
      const odd = (values: ArrayLike<number>) => Array.from(values).filter((_, at) => !isKnown[at]);
      expect(odd(each.dataSync()), what).toEqual(odd(wanted));
    }
    compared++;
  }
  expect(compared, 'cases that TF.js takes').toBeGreaterThan(CASES / 4);
}

describe('functions of tfjs-core', () => {
  it.each(Object.keys(CORE_FUNCTIONS))('%s', (name) => {
    compare(core, name, CORE_FUNCTIONS[name]);
  });
});

describe('functions of tfjs-layers', () => {
  it.each(Object.keys(LAYERS_FUNCTIONS))('%s', (name) => {
    compare(layers, name, LAYERS_FUNCTIONS[name]);
  });
});
