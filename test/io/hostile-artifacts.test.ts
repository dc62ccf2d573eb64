import { beforeEach, describe, expect, it } from 'vitest';
import {
  ConvforgeError,
  io,
  type LayersModel,
  layers,
  loadLayersModel,
  sequential,
} from '../../lib/index.js';
import { MemoryReader } from '../../lib/io/bytes.js';
import { RandomGenerator } from '../../lib/random/index.js';
import { expectError } from '../support/convforge-error.js';

/** The result of a handler, which may be anything. */
type Given = Record<string, unknown>;

let model: LayersModel;
let good: Given;
beforeEach(async () => {
  model = sequential({ name: 'net', layers: [layers.dense({ units: 2, inputShape: [3], name: 'd' })] });
  const artifacts = await model.save(io.withSaveHandler(async (each) => each));
  good = structuredClone(artifacts) as Given;
});

const load = (given: unknown) => loadLayersModel({ load: () => given as io.ModelArtifacts });
const specs = () => structuredClone(good.weightSpecs) as Given[];

it('valid files load', async () => {
  expect((await load(good)).countParams()).toBe(8);
});

describe('parts that are missing or of another kind', () => {
  it.each<[string, Given, 'CORRUPT_FILE' | 'INVALID_ARGUMENT' | 'UNSUPPORTED', RegExp]>([
    ['no topology', { modelTopology: undefined }, 'CORRUPT_FILE', /modelTopology is missing/],
    ['a topology of text', { modelTopology: 'net' }, 'CORRUPT_FILE', /modelTopology is missing/],
    ['no weightData', { weightData: undefined }, 'CORRUPT_FILE', /weightSpecs, but no weightData/],
    ['no weightSpecs', { weightSpecs: null }, 'CORRUPT_FILE', /weightData, but no weightSpecs/],
    ['specs that are no list', { weightSpecs: {} }, 'CORRUPT_FILE', /lists paths and weights/],
    ['specs of nothing', { weightSpecs: [null] }, 'CORRUPT_FILE', /no name/],
    ['data of text', { weightData: 'AAAA' }, 'INVALID_ARGUMENT', /weightData: 'AAAA' holds no bytes/],
    ['data of numbers', { weightData: [1, 2, 3] }, 'INVALID_ARGUMENT', /1 holds no bytes/],
    [
      'data with a hole',
      { weightData: [new ArrayBuffer(32), undefined] },
      'INVALID_ARGUMENT',
      /undefined holds/,
    ],
    [
      'a byte short',
      { weightData: new ArrayBuffer(31) },
      'CORRUPT_FILE',
      /need 32 bytes, but weightData has 31/,
    ],
    ['a byte long', { weightData: [new ArrayBuffer(32), Uint8Array.of(1)] }, 'CORRUPT_FILE', /has 33/],
    ['no data', { weightData: [] }, 'CORRUPT_FILE', /has 0/],
    ['a graph model', { format: 'graph-model' }, 'UNSUPPORTED', /graph model/],
    ['another format', { format: 'pickle' }, 'CORRUPT_FILE', /'pickle'/],
    [
      'a training config of text',
      { trainingConfig: 'adam' },
      'CORRUPT_FILE',
      /trainingConfig is not an object/,
    ],
  ])('%s', async (_what, damage, code, text) => {
    const error = await expectError(() => load({ ...good, ...damage }), code, text);
    expect(error.message).toMatch(/^handler\.load\(\): /);
  });

  it('a weightsManifest instead of weightSpecs', async () => {
    const { modelTopology } = good;
    const given = { modelTopology, weightsManifest: [{ paths: ['w.bin'], weights: specs() }] };
    await expectError(() => load(given), 'CORRUPT_FILE', /io\.getWeightSpecs\(weightsManifest\)/);
  });
});

describe('sizes are checked before memory is taken', () => {
  it.each([
    ['2^60 elements', [2 ** 30, 2 ** 30], /which no file can hold/],
    ['2^40 elements', [2 ** 20, 2 ** 20], /need 4398046511112 bytes, but weightData has 32/],
    ['a negative one', [-3, -2], /sizes are whole numbers/],
    ['a fraction', [1.5, 4], /sizes are whole numbers/],
  ])('%s', async (_what, shape, text) => {
    const weightSpecs = specs();
    weightSpecs[0].shape = shape;
    await expectError(() => load({ ...good, weightSpecs }), 'CORRUPT_FILE', text);
  });
});

describe('values that JSON can not hold', () => {
  it('a cycle', async () => {
    const modelTopology = structuredClone(good.modelTopology) as Given;
    modelTopology.config = modelTopology;
    await expectError(() => load({ ...good, modelTopology }), 'CORRUPT_FILE', /not valid JSON: .*circular/);
  });

  it('an object shared so often that its text would be endless', async () => {
    let bomb: unknown = 1;
    for (let level = 0; level < 40; level++) bomb = [bomb, bomb];
    await expectError(() => load({ ...good, modelTopology: { bomb } }), 'TOO_LARGE', /values/);
  });

  it('text of more than 64 MiB', async () => {
    const text = 'x'.repeat(65 * 2 ** 20);
    await expectError(() => load({ ...good, modelTopology: { text } }), 'TOO_LARGE', /64 MiB/);
  });

  it('endless nesting', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    await expectError(() => load({ ...good, modelTopology: { deep } }), 'CORRUPT_FILE', /not valid JSON/);
  });

  it('a getter that throws', async () => {
    const modelTopology = {
      get config() {
        throw new Error('no');
      },
    };
    await expectError(() => load({ ...good, modelTopology }), 'CORRUPT_FILE', /not valid JSON: no/);
  });
});

/** Values of a wrong kind to put into the artifacts. */
const JUNK: unknown[] = [
  null,
  undefined,
  Number.NaN,
  -1,
  0.5,
  2 ** 53,
  '',
  'constructor',
  '__proto__',
  'float32',
  [],
  {},
  [[[['d', 0, 0, {}]]]],
  10n,
  () => 1,
  new Float32Array(3),
  new ArrayBuffer(8),
  new Map(),
  { length: 1e9 },
  { dtype: 'uint8', scale: 1, min: 0 },
  {
    get a() {
      throw new Error('no');
    },
  },
  new Proxy([], {
    get() {
      throw new Error('no');
    },
  }),
];

/** The paths in plain data, each as a list of keys. */
function placesIn(value: unknown, keys: readonly string[] = []): string[][] {
  if (value === null || typeof value !== 'object' || value instanceof ArrayBuffer) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...keys, key], ...placesIn(item, [...keys, key])]);
}

describe('junk at any position', () => {
  it.each([1, 2, 3])('gives a typed error, or is harmless (seed %i)', async (seed) => {
    const random = new RandomGenerator(seed);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['accuracy'] });
    model.classNames = ['a', 'b'];
    const saved = await model.save(
      io.withSaveHandler(async (each) => each),
      { includeOptimizer: true },
    );
    const places = placesIn(saved);
    for (let i = 0; i < 150; i++) {
      const given = structuredClone(saved) as unknown as Given;
      const place = places[random.integer(places.length)];
      const parent = place.slice(0, -1).reduce((part, key) => part[key] as Given, given);
      const junk = JUNK[random.integer(JUNK.length)];
      parent[place.at(-1) as string] = junk;
      const error = await load(given).then(
        () => undefined,
        (reason) => reason,
      );
      if (error === undefined) continue;
      const what = `${place.join('.')} = junk ${JUNK.indexOf(junk)}: ${error}`;
      expect(error, what).toBeInstanceOf(ConvforgeError);
      expect(error.code, what).not.toBe('INTERNAL');
    }
  });
});

describe('memory that changes during loading', () => {
  it('a buffer transferred between two weights', async () => {
    const weightData = new ArrayBuffer(32);
    const reader = new MemoryReader([new Uint8Array(weightData)], 'handler.load()');
    await reader.fill(new Uint8Array(24));
    structuredClone(weightData, { transfer: [weightData] });
    await expectError(() => reader.fill(new Uint8Array(8)), 'BUFFER_DETACHED', /weightData was transferred/);
  });

  it('changing the topology later does not change the model', async () => {
    const loaded = await load(good);
    const text = loaded.toJSON();
    Object.assign((good.modelTopology as Given).config as Given, { layers: [] });
    expect(loaded.toJSON()).toBe(text);
  });
});
