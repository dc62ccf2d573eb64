import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layers, loadLayersModel, ones, sequential, setEngine, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pathOf = temporaryFolder();

/** Two samples of 2 x 3 x 2. */
const SHAPE = [2, 3, 2];
const VALUES = Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) - 3);
const X = tensor(VALUES, [2, ...SHAPE]);

/** [row, column, channel] of an element of the batch. */
const indexOf = (i: number) => [Math.floor(i / 6) % 2, Math.floor(i / 2) % 3, i % 2];

describe.each(ENGINES)('rescaling by channel, on the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));
  afterAll(() => setEngine('native'));

  it.each([
    [[0.5, -2], 1],
    [3, [0.25, -1]],
    [
      [0.5, 0],
      [-7, 3],
    ],
  ])('%j x + %j', async (scale, offset) => {
    const net = sequential({ layers: [layers.rescaling({ scale, offset, inputShape: SHAPE })] });
    const at = (values: number | number[], c: number) => (typeof values === 'number' ? values : values[c]);
    const expected = VALUES.map((value, i) => value * at(scale, i % 2) + at(offset, i % 2));
    expect(Array.from(net.predict(X).dataSync())).toEqual(expected.map((value) => value + 0));
    await net.save(pathOf('model'));
    const loaded = await loadLayersModel(pathOf('model'));
    expect(loaded.getConfig()).toEqual(net.getConfig());
    expect(loaded.predict(X).dataSync()).toEqual(net.predict(X).dataSync());
  });

  it('refuses lists of another length', async () => {
    const odd = () => sequential({ layers: [layers.rescaling({ scale: [1, 2, 3], inputShape: SHAPE })] });
    await expectError(odd, 'SHAPE_MISMATCH', /scale has 3 numbers; the input's last axis has 2/);
  });
});

/** Axes of the batch, and the index of the moment of each element. */
const AXES: [number | number[], number, (index: number[]) => number][] = [
  [-1, 2, ([, , c]) => c],
  [3, 2, ([, , c]) => c],
  [[3], 2, ([, , c]) => c],
  [1, 2, ([row]) => row],
  [-2, 3, ([, column]) => column],
  [[1, 3], 4, ([row, , c]) => row * 2 + c],
  [[-1, 2], 6, ([, column, c]) => column * 2 + c],
  [[1, 2, 3], 12, ([row, column, c]) => (row * 3 + column) * 2 + c],
];

describe.each(ENGINES)('normalization by axis, on the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));
  afterAll(() => setEngine('native'));

  it.each(AXES)('%j takes given mean and variance', async (axis, count, place) => {
    const mean = Array.from({ length: count }, (_, i) => i - 2);
    const variance = Array.from({ length: count }, (_, i) => (i + 1) / 2);
    const net = sequential({ layers: [layers.normalization({ axis, mean, variance, inputShape: SHAPE })] });
    const expected = VALUES.map((value, i) => {
      const at = place(indexOf(i));
      return (value - mean[at]) / Math.sqrt(variance[at]);
    });
    expectClose(net.predict(X).dataSync(), expected, { absolute: 1e-5 });
    await net.save(pathOf('model'));
    const loaded = await loadLayersModel(pathOf('model'));
    expect(loaded.predict(X).dataSync()).toEqual(net.predict(X).dataSync());
  });

  it.each(AXES)('%j is adapted to data', (axis, count, place) => {
    const layer = layers.normalization({ axis, inputShape: SHAPE });
    layer.adapt(X);
    const groups = Array.from({ length: count }, (_, at) =>
      VALUES.filter((_, i) => place(indexOf(i)) === at),
    );
    const means = groups.map((group) => group.reduce((sum, value) => sum + value, 0) / group.length);
    const variances = groups.map(
      (group, at) => group.reduce((sum, value) => sum + (value - means[at]) ** 2, 0) / group.length,
    );
    expectClose(layer.mean ?? [], means);
    expectClose(layer.variance ?? [], variances);
  });

  it('refuses axes out of range, and another number of elements', async () => {
    const make = (options: Parameters<typeof layers.normalization>[0]) =>
      sequential({ layers: [layers.normalization({ mean: 0, variance: 1, ...options, inputShape: SHAPE })] });
    await expectError(() => make({ axis: 4 }), 'SHAPE_MISMATCH', /axis is 4/);
    await expectError(() => make({ axis: [3, -1] }), 'SHAPE_MISMATCH', /axis is \[3, -1\]/);
    await expectError(() => make({ axis: 0 }), 'INVALID_ARGUMENT', /axis is 0/);
    const odd = { axis: 1, mean: [1, 2, 3], variance: [1, 1, 1] };
    await expectError(() => make(odd), 'SHAPE_MISMATCH', /mean has 3 numbers; axis 1 of the input has 2/);
  });
});

describe('a normalization adapted by Keras', () => {
  /** A file with the values among its weights. */
  async function write(axis: unknown, mean: number[], variance: number[], shape: number[], without?: string) {
    await mkdir(pathOf('model'), { recursive: true });
    const config = {
      name: 'n',
      axis,
      mean: null,
      variance: null,
      invert: false,
      batch_input_shape: [null, ...SHAPE],
    };
    const weights = [
      { name: 'n/mean', shape, dtype: 'float32' },
      { name: 'n/variance', shape, dtype: 'float32' },
      { name: 'n/count', shape: [], dtype: 'int32' },
    ].filter(({ name }) => name !== without);
    const modelTopology = {
      keras_version: '2.9.0',
      backend: 'tensorflow',
      model_config: {
        class_name: 'Sequential',
        config: { name: 'm', layers: [{ class_name: 'Normalization', config }] },
      },
    };
    const json = { format: 'layers-model', modelTopology, weightsManifest: [{ paths: ['w.bin'], weights }] };
    const values = [...(without === 'n/mean' ? [] : mean), ...variance, 5];
    await writeFile(pathOf('model/w.bin'), Float32Array.from(values));
    await writeFile(pathOf('model/model.json'), JSON.stringify(json));
    return loadLayersModel(pathOf('model'));
  }

  it.each([
    [[3], [1, 2], [4, 9], [2], ([, , c]: number[]) => c],
    [[-1], [1, 2], [4, 9], [2], ([, , c]: number[]) => c],
    [1, [3, -1], [1, 0.25], [2], ([row]: number[]) => row],
    [[1, 3], [1, 2, 3, 4], [1, 4, 9, 16], [2, 2], ([row, , c]: number[]) => row * 2 + c],
    [null, [1], [4], [], () => 0],
  ])(
    'over axis %j has its numbers, which are saved with its config',
    async (axis, mean, variance, shape, place) => {
      const model = await write(axis, mean, variance, shape);
      const expected = VALUES.map(
        (value, i) => (value - mean[place(indexOf(i))]) / Math.sqrt(variance[place(indexOf(i))]),
      );
      expectClose(model.predict(X).dataSync(), expected, { absolute: 1e-5 });
      await model.save(pathOf('again'));
      expect((await loadLayersModel(pathOf('again'))).predict(X).dataSync()).toEqual(
        model.predict(X).dataSync(),
      );
    },
  );

  it('is CORRUPT_FILE without its statistics, or with other sizes', async () => {
    await expectError(
      () => write([3], [1, 2], [4, 9], [2], 'n/mean'),
      'CORRUPT_FILE',
      /'n\/mean' is missing/,
    );
    await expectError(() => write([3], [1, 2, 3], [1, 1, 1], [3]), 'CORRUPT_FILE', /mean has 3 numbers/);
    await expectError(() => write([3], [1, 2], [-1, 1], [2]), 'CORRUPT_FILE', /variance is -1/);
    await expectError(() => write([0], [1], [1], [1]), 'CORRUPT_FILE', /axis is \[0\]/);
  });
});

it('a normalization accepts unknown sizes, except along its axes', () => {
  const layer = layers.normalization({ mean: [1, 2], variance: [1, 4], inputShape: [null, null, 2] });
  const net = sequential({ layers: [layer] });
  expect(Array.from(net.predict(ones([1, 1, 2, 2])).dataSync())).toEqual([0, -0.5, 0, -0.5]);
  expect(net.predict(ones([1, 3, 1, 2])).shape).toEqual([1, 3, 1, 2]);
});
