import { readFileSync, writeFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tfjs from '@tensorflow/tfjs-core';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import {
  io,
  type LayersModel,
  layers,
  loadLayersModel,
  type Metadata,
  sequential,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

tfjs.env().set('IS_TEST', true);
const pathOf = temporaryFolder();

const METADATA = {
  classNames: ['cat', 'dog', 'Übername'],
  preparation: { size: [28, 28], mean: 0.5, crop: null, flip: false },
  ['__proto__']: { polluted: true },
};

let model: LayersModel;
beforeEach(() => {
  model = sequential({ layers: [layers.dense({ units: 3, activation: 'softmax', inputShape: [2] })] });
});

describe('class names', () => {
  it('are saved and loaded', async () => {
    model.classNames = ['cat', 'dog', 'bird'];
    await model.save(pathOf('m'));
    const loaded = await loadLayersModel(pathOf('m'));
    const best: string =
      loaded.classNames[
        loaded
          .predict(tensor([[1, 2]]))
          .argMax(-1)
          .dataSync()[0]
      ];
    expect(['cat', 'dog', 'bird']).toContain(best);
    expect(loaded.classNames).toEqual(['cat', 'dog', 'bird']);
    expectTypeOf(loaded.classNames).toEqualTypeOf<readonly string[]>();
  });

  it('are undefined at first, and part of the metadata', async () => {
    expect(model.classNames).toEqual([]);
    expect(model.metadata).toEqual({});
    expect(model.getUserDefinedMetadata()).toBeUndefined();
    model.metadata = { trainedOn: 'Monday' };
    model.classNames = ['a'];
    expect(model.metadata).toEqual({ trainedOn: 'Monday', classNames: ['a'] });
    model.metadata = { classNames: [1, 2] };
    expect(model.classNames).toEqual([]);
  });

  it('stay when other metadata are set, until they are set themselves', () => {
    model.classNames = ['a', 'b'];
    model.metadata = { mean: 0.5 };
    expect(model.metadata).toEqual({ mean: 0.5, classNames: ['a', 'b'] });
    model.setUserDefinedMetadata({ mean: 0.25 });
    expect(model.getUserDefinedMetadata()).toEqual({ mean: 0.25, classNames: ['a', 'b'] });
    model.metadata = { classNames: ['c'] };
    expect(model.classNames).toEqual(['c']);
    model.metadata = { classNames: [] };
    model.metadata = { mean: 0.5 };
    expect(model.metadata).toEqual({ mean: 0.5 });
  });

  it('must be strings', async () => {
    await expectError(
      () => Object.assign(model, { classNames: ['a', 1] }),
      'INVALID_ARGUMENT',
      /list of strings/,
    );
    await expectError(() => Object.assign(model, { classNames: 'abc' }), 'INVALID_ARGUMENT', /'abc'/);
    expect(model.classNames).toEqual([]);
  });
});

describe('metadata', () => {
  it('is the same after files and handlers', async () => {
    model.metadata = METADATA;
    await model.save(pathOf('m'));
    const artifacts = await model.save(io.withSaveHandler(async (each) => each));
    for (const source of [pathOf('m'), io.fromMemory(artifacts), io.fileSystem(pathOf('m'))]) {
      const loaded = await loadLayersModel(source);
      expect(loaded.metadata).toEqual(METADATA);
      expect(Object.keys(loaded.metadata)).toContain('__proto__');
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      await loaded.save(pathOf('again'));
      expect((await loadLayersModel(pathOf('again'))).metadata).toEqual(METADATA);
    }
  });

  it('is a frozen copy, and handlers receive a copy', async () => {
    const given = { list: [1, { deep: 2 }] };
    model.metadata = given as Metadata;
    (given.list[1] as { deep: number }).deep = 3;
    expect(model.metadata).toEqual({ list: [1, { deep: 2 }] });
    expect(() => (model.metadata.list as unknown[]).push(1)).toThrow(TypeError);
    expect(() => Object.assign((model.metadata.list as object[])[1], { deep: 4 })).toThrow(TypeError);
    const artifacts = await model.save(io.withSaveHandler(async (each) => each));
    Object.assign(artifacts.userDefinedMetadata as object, { more: 1 });
    expect(model.metadata).toEqual({ list: [1, { deep: 2 }] });
  });

  it('is written only if it is set', async () => {
    await model.save(pathOf('m'));
    expect(JSON.parse(readFileSync(pathOf('m/model.json'), 'utf8'))).not.toHaveProperty(
      'userDefinedMetadata',
    );
  });

  const cycle: Record<string, unknown> = {};
  cycle.again = cycle;
  let bomb: unknown = 'x';
  for (let level = 0; level < 40; level++) bomb = [bomb, bomb];
  it.each<[string, unknown, 'INVALID_ARGUMENT' | 'TOO_LARGE', RegExp]>([
    ['text', 'cats', 'INVALID_ARGUMENT', /metadata is 'cats'/],
    ['a list', ['cats'], 'INVALID_ARGUMENT', /plain object/],
    ['null', null, 'INVALID_ARGUMENT', /plain object/],
    ['an object of a class', new Map(), 'INVALID_ARGUMENT', /of type Map/],
    ['a function in it', { a: { b: [0, () => 1] } }, 'INVALID_ARGUMENT', /metadata\.a\.b\[1\] is a function/],
    ['NaN', { a: Number.NaN }, 'INVALID_ARGUMENT', /metadata\.a is NaN/],
    ['undefined', { a: undefined }, 'INVALID_ARGUMENT', /metadata\.a is undefined/],
    ['a date', { a: new Date(0) }, 'INVALID_ARGUMENT', /metadata\.a is an object of type Date/],
    ['a typed array', { a: new Float32Array(2) }, 'INVALID_ARGUMENT', /Float32Array/],
    ['a hole', { a: new Array(2 ** 31) }, 'INVALID_ARGUMENT', /metadata\.a\[0\] is undefined/],
    ['a bigint', { a: 1n }, 'INVALID_ARGUMENT', /metadata\.a is 1/],
    ['a cycle', cycle, 'TOO_LARGE', /nested more than 100 deep/],
    ['17 MiB', { a: 'x'.repeat(17 * 2 ** 20) }, 'TOO_LARGE', /16777216 characters/],
    ['one object in 2^40 places', { bomb }, 'TOO_LARGE', /characters/],
  ])('is refused if it has %s, and the previous one is kept', async (_what, metadata, code, text) => {
    model.metadata = { kept: 1 };
    await expectError(() => Object.assign(model, { metadata }), code, text);
    await expectError(() => model.setUserDefinedMetadata(metadata as object), code, text);
    expect(model.metadata).toEqual({ kept: 1 });
  });

  it.each([
    ['a list', '[1]', 'CORRUPT_FILE', /userDefinedMetadata is \[1\]/],
    ['text', '"x"', 'CORRUPT_FILE', /userDefinedMetadata is 'x'/],
    ['depth', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 'TOO_LARGE', /100 deep/],
  ] as const)('a file with %s in its place is refused', async (_what, text, code, message) => {
    await model.save(pathOf('m'));
    const json = readFileSync(pathOf('m/model.json'), 'utf8');
    writeFileSync(pathOf('m/model.json'), json.replace('{', `{"userDefinedMetadata":${text},`));
    const error = await expectError(() => loadLayersModel(pathOf('m')), code, message);
    expect(error.message).toContain(pathOf('m'));
  });
});

describe('with TF.js', () => {
  it('is read by TF.js', async () => {
    model.setUserDefinedMetadata({ classNames: ['cat'], size: { width: 28 } });
    const artifacts = await model.save(io.withSaveHandler(async (each) => each));
    const theirs = await tfjsLayers.loadLayersModel(io.fromMemory(artifacts));
    expect(theirs.getUserDefinedMetadata()).toEqual({ classNames: ['cat'], size: { width: 28 } });
  });

  it('is read from TF.js', async () => {
    const theirs = tfjsLayers.sequential({
      layers: [tfjsLayers.layers.dense({ units: 1, inputShape: [1] })],
    });
    theirs.setUserDefinedMetadata({ classNames: ['cat'], size: { width: 28 } });
    await theirs.save(io.fileSystem(pathOf('m')));
    const ours = await loadLayersModel(pathOf('m'));
    expect(ours.getUserDefinedMetadata()).toEqual({ classNames: ['cat'], size: { width: 28 } });
    expect(ours.classNames).toEqual(['cat']);
  });
});
