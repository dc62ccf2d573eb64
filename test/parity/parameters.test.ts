import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { functionsIn, methodsIn, type Parameters, textsOf, withoutComments } from './declarations.js';

/*
 * Whatever argument TF.js's functions and methods have, convforge's of the same name have too, so that none
 * is dropped in silence: they use it, or refuse it.
 */

const CORE = resolve('node_modules/@tensorflow/tfjs-core/dist');
const LAYERS = resolve('node_modules/@tensorflow/tfjs-layers/dist');

const declared = {
  core: textsOf(CORE, '.d.ts'),
  layers: textsOf(LAYERS, '.d.ts'),
  ours: textsOf(resolve('lib'), '.ts'),
};

const read = (...path: string[]) => withoutComments(readFileSync(join(...path), 'utf8'));

/** "name: TF.js has (a, b, c), convforge (a, b)" for functions with fewer parameters than TF.js's. */
function dropped(theirs: Parameters, ours: Parameters): string[] {
  return [...ours].flatMap(([name, parameters]) => {
    const wanted = theirs.get(name) ?? [];
    // Constructors of the libraries' own classes don't count.
    if (name === 'constructor' || wanted.length <= parameters.length) return [];
    return [`${name}: TF.js has (${wanted.join(', ')}), convforge (${parameters.join(', ')})`];
  });
}

/** The functions in `ours` that TF.js has under the same path. */
function shared(ours: Parameters, here: object, there: object): Parameters {
  const isFunction = (object: object, name: string) =>
    typeof (object as Record<string, unknown>)[name] === 'function';
  return new Map([...ours].filter(([name]) => isFunction(here, name) && isFunction(there, name)));
}

describe('functions', () => {
  const theirs = { core: functionsIn(declared.core), layers: functionsIn(declared.layers) };
  const ours = functionsIn(declared.ours);

  it('of tfjs-core', () => {
    const both = shared(ours, tf, core);
    expect(both.size).toBeGreaterThan(80);
    expect(dropped(theirs.core, both)).toEqual([]);
  });

  it.each([
    ['image', tf.image, core.image],
    ['io', tf.io, core.io],
    ['losses', tf.losses, core.losses],
    ['util', tf.util, core.util],
  ])('of %s', (_, here, there) => {
    const both = shared(ours, here, there);
    expect(both.size).toBeGreaterThan(0);
    expect(dropped(theirs.core, both)).toEqual([]);
  });

  it('of train', () => {
    const constructors = methodsIn(
      read(CORE, 'optimizers/optimizer_constructors.d.ts'),
      'OptimizerConstructors',
    );
    const both = shared(functionsIn(read('lib/optimizers/train.ts')), tf.train, core.train);
    expect([...both.keys()].sort()).toEqual([
      'adadelta',
      'adagrad',
      'adam',
      'adamax',
      'momentum',
      'rmsprop',
      'sgd',
    ]);
    expect(dropped(constructors, both)).toEqual([]);
  });

  it.each([
    ['initializers', tf.initializers, layers.initializers],
    ['layers', tf.layers, layers.layers],
  ])('of %s', (name, here, there) => {
    const both = shared(ours, here, there);
    expect(both.size).toBeGreaterThan(0);
    expect(dropped(functionsIn(read(LAYERS, `exports_${name}.d.ts`)), both)).toEqual([]);
  });

  it('of models', () => {
    const both = shared(ours, tf, layers);
    expect([...both.keys()]).toEqual(
      expect.arrayContaining(['input', 'loadLayersModel', 'model', 'sequential']),
    );
    expect(dropped(theirs.layers, both)).toEqual([]);
  });
});

describe('methods', () => {
  it('of tensors', () => {
    const theirs = methodsIn(declared.core, 'Tensor');
    const ours = methodsIn(declared.ours, 'Tensor');
    expect(theirs.get('gather')).toEqual(['indices', 'axis', 'batchDims']);
    expect(ours.get('gather')).toEqual(['indices', 'axis', 'batchDims']);
    expect(dropped(theirs, ours)).toEqual([]);
  });

  it.each([
    ['Layer', ['Layer'], ['Layer']],
    ['LayersModel', ['Layer', 'Container', 'LayersModel'], ['ModelGraph', 'LayersModel']],
    [
      'Sequential',
      ['Layer', 'Container', 'LayersModel', 'Sequential'],
      ['ModelGraph', 'LayersModel', 'Sequential'],
    ],
  ])('of %s', (_, classes, ours) => {
    const methods = (text: string, names: string[]) =>
      new Map(names.flatMap((name) => [...methodsIn(text, name)]));
    const known = methods(declared.ours, ours);
    expect(known.size).toBeGreaterThan(4);
    expect(dropped(methods(declared.layers, classes), known)).toEqual([]);
  });
});
