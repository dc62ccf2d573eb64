import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type LayersModel, loadLayersModel, models, type PendingTensors, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import type { Package } from '../support/random-graphs.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pathOf = temporaryFolder();

const POLICY = {
  module: 'keras',
  class_name: 'DTypePolicy',
  config: { name: 'float32' },
  registered_name: null,
};

/** As Keras 3 writes it. */
const layer = (
  class_name: string,
  name: string,
  config: object,
  inbound_nodes: unknown[],
  module = 'keras.layers',
) => ({
  module,
  class_name,
  config: { name, trainable: true, dtype: POLICY, ...config },
  registered_name: null,
  build_config: {},
  name,
  inbound_nodes,
});

const input = (name: string, size = 2, dtype: unknown = 'float32') => ({
  module: 'keras.layers',
  class_name: 'InputLayer',
  config: { batch_shape: [null, size], dtype, sparse: false, ragged: false, name, optional: false },
  registered_name: null,
  name,
  inbound_nodes: [],
});

const value = (name: string, use = 0, output = 0) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 2], dtype: 'float32', keras_history: [name, use, output] },
});

const call = (args: unknown[], kwargs: object = {}) => ({ args, kwargs });

const dense = (name: string, nodes: unknown[], units = 2, config = {}) =>
  layer(
    'Dense',
    name,
    {
      units,
      kernel_initializer: { module: 'keras.initializers', class_name: 'Ones', config: {} },
      ...config,
    },
    nodes,
  );

const graph = (layers: object[], input_layers: unknown, output_layers: unknown, name = 'functional') => ({
  module: 'keras.src.models.functional',
  class_name: 'Functional',
  config: { name, trainable: true, layers, input_layers, output_layers },
  registered_name: 'Functional',
  build_config: { input_shape: null },
});

const read = (topology: object) => models.modelFromJSON(topology);

const run = (model: LayersModel, ...x: number[][]) =>
  [model.predict<PendingTensors>(x.map((row) => tensor([row])))]
    .flat()
    .map((each) => Array.from(each.dataSync()));

describe('a graph of Keras 3', () => {
  it('loads calls with args and kwargs: one value, a list, a layer called twice', async () => {
    const model = await read(
      graph(
        [
          input('a'),
          input('b'),
          dense('d', [call([value('a')]), call([value('b')], { mask: null })]),
          layer('Concatenate', 'both', { axis: -1 }, [call([[value('d', 1), value('d')]])]),
          dense('e', [call([], { inputs: value('both') })], 1),
        ],
        [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
        [
          ['both', 0, 0],
          ['e', 0, 0],
        ],
      ),
    );
    expect(run(model, [1, 2], [3, 4])).toEqual([[7, 7, 3, 3], [20]]);
    expect(model.layers.map(({ name }) => name)).toEqual(['b', 'a', 'd', 'both', 'e']);
  });

  it('loads operators, which are called with several values', async () => {
    const operator = (name: string, args: unknown[]) =>
      layer(name, name.toLowerCase(), {}, [call(args)], 'keras.src.ops.numpy');
    const model = await read(
      graph(
        [
          input('a'),
          input('b'),
          operator('Subtract', [value('a'), value('b')]),
          operator('Multiply', [value('subtract'), value('b')]),
        ],
        [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
        ['multiply', 0, 0],
      ),
    );
    expect(run(model, [1, 2], [3, 5])).toEqual([[-6, -15]]);
    const odd = graph([input('a'), operator('Add', [value('a'), 1])], ['a', 0, 0], ['add', 0, 0]);
    expect(run(await read(odd), [1, 2])).toEqual([[2, 3]]);
    const unknown = graph(
      [input('a'), operator('Polar', [value('a'), value('a')])],
      ['a', 0, 0],
      ['polar', 0, 0],
    );
    await expectError(() => read(unknown), 'UNSUPPORTED', /the operator 'polar' \(Polar\) isn't here/);
  });

  it.each([0, 1])('loads a nested model whose calls are numbered from %i', async (first) => {
    const inner = graph(
      [input('x'), dense('d', [call([value('x')])])],
      ['x', 0, 0],
      ['d', 0, 0],
      'inner',
    ).config;
    const nested = layer('Functional', 'inner', inner, [
      call([value('a')], { training: false }),
      call([value('inner', first)]),
    ]);
    const model = await read(
      graph(
        [input('a'), nested, dense('e', [call([value('inner', first + 1)])], 1)],
        ['a', 0, 0],
        ['e', 0, 0],
      ),
    );
    expect(run(model, [1, 2])).toEqual([[12]]);
    expect(model.countParams()).toBe(6 + 3);
  });

  it('loads named inputs and outputs in the order of their names', async () => {
    const model = await read(
      graph(
        [input('a'), input('b'), layer('Subtract', 's', {}, [call([[value('b'), value('a')]])])],
        { second: ['b', 0, 0], first: ['a', 0, 0] },
        { only: ['s', 0, 0] },
      ),
    );
    expect(run(model, [1, 2], [5, 7])).toEqual([[4, 5]]);
  });

  it('loads dictionaries of values in the order of their names', async () => {
    const inner = graph(
      [input('p'), input('q'), layer('Subtract', 's', {}, [call([[value('p'), value('q')]])])],
      { p: ['p', 0, 0], q: ['q', 0, 0] },
      ['s', 0, 0],
      'inner',
    ).config;
    const nested = layer('Functional', 'inner', inner, [call([{ q: value('b'), p: value('a') }])]);
    const model = await read(
      graph(
        [input('a'), input('b'), nested],
        [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
        ['inner', 0, 0],
      ),
    );
    expect(run(model, [1, 2], [5, 9])).toEqual([[-4, -7]]);
  });

  it.each([
    [
      'a call with options of its own',
      [call([value('a')], { return_attention_scores: true })],
      'UNSUPPORTED',
      /with return_attention_scores true/,
    ],
    ['a value from nowhere', [call([value('z')])], 'CORRUPT_FILE', /no layer 'z'/],
    [
      'a tensor without history',
      [call([{ class_name: '__keras_tensor__', config: {} }])],
      'CORRUPT_FILE',
      /must be a list/,
    ],
    ['args that are none', [{ kwargs: {} }], 'CORRUPT_FILE', /args is undefined/],
    ['another object', [call([{ class_name: 'Lambda' }])], 'UNSUPPORTED', /takes an object/],
  ] as const)('refuses %s', async (_, nodes, code, message) => {
    const topology = graph([input('a'), dense('d', [...nodes])], ['a', 0, 0], ['d', 0, 0]);
    await expectError(() => read(topology), code, message);
  });
});

it('loads a file that was converted from Keras 3, and saves it again', async () => {
  await mkdir(pathOf('model'));
  const weights = { 'd/kernel': { shape: [2, 1], values: [1, 2] }, 'd/bias': { shape: [1], values: [0.5] } };
  const topology = graph(
    [input('a'), dense('d', [call([value('a')])], 1, { activation: 'hard_sigmoid' })],
    ['a', 0, 0],
    ['d', 0, 0],
  );
  const json = {
    format: 'layers-model',
    generatedBy: 'keras v3.3.3',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    modelTopology: { keras_version: '3.3.3', backend: 'tensorflow', model_config: topology },
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: Object.entries(weights).map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })),
      },
    ],
  };
  await writeFile(pathOf('model/model.json'), JSON.stringify(json));
  await writeFile(
    pathOf('model/w.bin'),
    Float32Array.of(...Object.values(weights).flatMap(({ values }) => values)),
  );
  const model = await loadLayersModel(pathOf('model'));
  const expected = [Math.fround(0.25 / 6 + 0.5)];
  expect(run(model, [0.75, -0.5])[0][0]).toBeCloseTo(expected[0], 6);
  await model.save(pathOf('again'));
  expect(run(await loadLayersModel(pathOf('again')), [0.75, -0.5])[0][0]).toBeCloseTo(expected[0], 6);
});

describe('types of inputs and layers', () => {
  it('float32 may be a dtype policy', async () => {
    for (const dtype of ['float32', POLICY, { class_name: 'Policy', config: { name: 'float32' } }]) {
      const d = dense('d', [call([value('a')])], 1, { dtype });
      expect(run(await read(graph([input('a'), d], ['a', 0, 0], ['d', 0, 0])), [1, 2])).toEqual([[3]]);
    }
  });

  it.each([
    ['int32', 'int32'],
    ['int64', 'int32'],
    ['uint8', 'int32'],
    ['bool', 'bool'],
    ['float16', 'float32'],
  ])('an input of %s is one of %s in our files', async (dtype, expected) => {
    const embedding = layer(
      'Embedding',
      'e',
      { input_dim: 5, output_dim: 1, embeddings_initializer: 'ones' },
      [call([value('a')])],
    );
    const model = await read(graph([input('a', 2, dtype), embedding], ['a', 0, 0], ['e', 0, 0]));
    expect(run(model, [1, 4])).toEqual([[1, 1]]);
    const json = model.toJSON(null, false) as Package;
    expect(json.config.layers[0].config.dtype).toBe(expected);
    expect((await models.modelFromJSON(json)).toJSON()).toBe(model.toJSON());
  });

  it('strings are refused, and integers except for inputs', async () => {
    const strings = graph(
      [input('a', 2, 'string'), dense('d', [call([value('a')])])],
      ['a', 0, 0],
      ['d', 0, 0],
    );
    await expectError(() => read(strings), 'UNSUPPORTED', /a: inputs of dtype 'string'/);
    const whole = graph(
      [input('a'), dense('d', [call([value('a')])], 1, { dtype: 'int8' })],
      ['a', 0, 0],
      ['d', 0, 0],
    );
    await expectError(() => read(whole), 'UNSUPPORTED', /d: .*dtype 'int8'/);
  });
});

it('reads a chain of Keras 3', async () => {
  const { inbound_nodes, name, ...first } = input('a');
  const { inbound_nodes: none, name: _, ...second } = dense('d', [], 1);
  const model = await read({
    module: 'keras',
    class_name: 'Sequential',
    config: {
      name: 'chain',
      trainable: true,
      dtype: POLICY,
      layers: [first, second],
      build_input_shape: [null, 2],
    },
    registered_name: null,
  });
  expect(run(model, [1, 2])).toEqual([[3]]);
  expect(inbound_nodes.length + none.length + name.length).toBe(1);
});
