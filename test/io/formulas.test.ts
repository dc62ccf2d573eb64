import * as tfjsCore from '@tensorflow/tfjs-core';
import * as tfjs from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as ours from '../../lib/index.js';
import { toPythonCase } from '../../lib/io/casing.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import type { Package } from '../support/random-graphs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { expectWeRead, predictInOurs, someSamples } from '../support/tfjs-files.js';

const pathOf = temporaryFolder();

const chain = (tf: Package, ...layers: Package[]) => tf.sequential({ layers });

const image = (rows: number, columns = rows) => ({ inputShape: [rows, columns, 2] });

/** Layers whose formulas in TF.js and in Keras 3 differ. */
const MODELS: Record<string, (tf: Package) => Package> = {
  'hardSigmoid of a dense layer': (tf) =>
    chain(tf, tf.layers.dense({ units: 4, activation: 'hardSigmoid', inputShape: [6] })),
  'hardSigmoid of a convolution': (tf) =>
    chain(tf, tf.layers.conv2d({ filters: 2, kernelSize: 2, activation: 'hardSigmoid', ...image(5) })),
  'hardSigmoid of a separable convolution': (tf) =>
    chain(
      tf,
      tf.layers.separableConv2d({ filters: 2, kernelSize: 2, activation: 'hardSigmoid', ...image(5) }),
    ),
  'hardSigmoid alone': (tf) =>
    chain(
      tf,
      tf.layers.rescaling({ scale: 3, inputShape: [9] }),
      tf.layers.activation({ activation: 'hardSigmoid' }),
    ),
  'the dot of short vectors, normalized': (tf) => {
    const inputs = [tf.input({ shape: [4], name: 'a' }), tf.input({ shape: [4], name: 'b' })];
    const short = tf.layers.rescaling({ scale: 1e-4, name: 'short' }).apply(inputs[0]);
    const dot = tf.layers.dot({ axes: 1, normalize: true, name: 'dot' });
    return tf.model({ inputs, outputs: dot.apply([short, inputs[1]]) });
  },
};

/** Layers with the rows and columns that they take. Models can't be compared: TF.js doesn't get all of these layers to run in one. */
const IMAGE_LAYERS: [string, Package, [number, number]][] = [
  ...crossed([
    [3, 4, 2, 3],
    [2, 1, 3, 1],
    [5, 3, 1, 7],
  ]).map(([rows, columns, height, width, interpolation]): [string, Package, [number, number]] => [
    'upSampling2d',
    { size: [height, width], interpolation },
    [rows, columns],
  ]),
  ...crossed([
    [4, 5, 7, 3],
    [3, 3, 6, 6],
    [6, 2, 1, 5],
    [1, 7, 4, 4],
    [5, 5, 5, 5],
  ]).flatMap(([rows, columns, height, width, interpolation]) =>
    [false, true].map((cropToAspectRatio): [string, Package, [number, number]] => [
      'resizing',
      { height, width, interpolation, cropToAspectRatio },
      [rows, columns],
    ]),
  ),
  ...[
    [6, 6, 4, 4],
    [7, 8, 4, 5],
    [6, 5, 6, 3],
    [5, 5, 5, 5],
    [3, 6, 4, 4],
    [6, 3, 4, 4],
    [17, 31, 5, 10],
  ].map(([rows, columns, height, width]): [string, Package, [number, number]] => [
    'centerCrop',
    { height, width },
    [rows, columns],
  ]),
];

function crossed(sizes: number[][]): [number, number, number, number, string][] {
  return sizes.flatMap(([a, b, c, d]) =>
    ['bilinear', 'nearest'].map((kind): [number, number, number, number, string] => [a, b, c, d, kind]),
  );
}

const TFJS = { keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' };

/** A model of these layers as the program of `root` would have written it. */
function readLayers(layers: readonly Package[], root: object = TFJS): Promise<ours.LayersModel> {
  const entries = layers.map((layer) => ({ className: layer.getClassName(), config: layer.getConfig() }));
  const topology = toPythonCase({ className: 'Sequential', config: { name: 'chain', layers: entries } });
  return ours.models.modelFromJSON({ ...topology, ...root });
}

describe.each(ENGINES)('a layer of a TF.js file, on the %s engine', (engine) => {
  beforeAll(() => ours.setEngine(engine));
  afterAll(() => ours.setEngine('native'));

  it.each(Object.entries(MODELS))('has the formulas of TF.js: %s', async (_, make) => {
    const model = await expectWeRead(make(tfjs), pathOf('theirs'));
    await expectKept(model);
  });

  it.each(IMAGE_LAYERS)(
    'has the formulas of TF.js: %s %j of images %j',
    async (name, options, [rows, columns]) => {
      const [x] = someSamples([[rows, columns, 2]]);
      const layer = (tfjs.layers as Package)[name](options);
      const expected = layer.apply(tfjsCore.tensor([...x.values], [2, rows, columns, 2])).dataSync();
      const model = await readLayers([
        (ours.layers as Package)[name]({ ...options, ...image(rows, columns) }),
      ]);
      expectClose(predictInOurs(model, [x])[0], expected, { absolute: 1e-6 });
      await expectKept(model);
    },
  );

  it('crops an odd column on the left, as TF.js does', async () => {
    const model = await readLayers([ours.layers.centerCrop({ height: 2, width: 3, inputShape: [2, 4, 1] })]);
    expect(model.predict(ours.tensor([0, 1, 2, 3, 4, 5, 6, 7], [1, 2, 4, 1])).dataSync()).toEqual(
      Float32Array.of(1, 2, 3, 5, 6, 7),
    );
  });
});

/** The model predicts the same after saving and loading, and after toJSON. */
async function expectKept(model: ours.LayersModel): Promise<void> {
  const x = someSamples(model.inputs.map(({ sampleShape }) => sampleShape as number[]));
  await model.save(pathOf('ours'));
  const again = await ours.loadLayersModel(pathOf('ours'));
  const copy = await ours.models.modelFromJSON(model.toJSON());
  copy.setWeights(model.getWeights());
  for (const other of [again, copy]) expect(predictInOurs(other, x)).toEqual(predictInOurs(model, x));
}

const hardSigmoid = (name?: string) =>
  ours.layers.activation({ activation: 'hardSigmoid', inputShape: [2], ...(name !== undefined && { name }) });

const atOne = (model: ours.LayersModel) =>
  Number(
    model
      .predict(ours.ones([1, 2]))
      .dataSync()[0]
      .toFixed(4),
  );

/** The value of hardSigmoid at 1. */
const [KERAS, TENSORFLOW] = [0.6667, 0.7];

describe('the formulas of a model', () => {
  it.each([
    ['made in code', undefined, KERAS],
    ['of a TF.js file', TFJS, TENSORFLOW],
    ['of a file of Keras 2', { keras_version: '2.15.0', backend: 'tensorflow' }, TENSORFLOW],
    ['of a file that tells no version', {}, TENSORFLOW],
    ['of a file of Keras 3', { keras_version: '3.3.3', backend: 'tensorflow' }, KERAS],
  ])('%s', async (_, root, expected) => {
    const model = root
      ? await readLayers([hardSigmoid()], root)
      : ours.sequential({ layers: [hardSigmoid()] });
    expect(atOne(model)).toBe(expected);
    await model.save(pathOf('model'));
    const loaded = await ours.loadLayersModel(pathOf('model'));
    expect(atOne(loaded)).toBe(expected);
    expect(loaded.toJSON()).toBe(model.toJSON());
  });

  it("are Keras 3's for a file without version but with Keras 3's shapes", async () => {
    const first = { class_name: 'InputLayer', config: { name: 'x', batch_shape: [null, 2] } };
    const second = { class_name: 'Activation', config: { name: 'a', activation: 'hard_sigmoid' } };
    const config = { name: 'chain', layers: [first, second] };
    expect(atOne(await ours.models.modelFromJSON({ class_name: 'Sequential', config }))).toBe(KERAS);
  });

  it('are kept per layer, for a base from a file and a head made in code', async () => {
    const [base, grown] = await Promise.all([1, 2].map(() => readLayers([hardSigmoid('base')])));
    const x = ours.input({ shape: [2] });
    const nested = ours.model({ inputs: x, outputs: hardSigmoid().apply(base.apply(x)) });
    const cut = ours.model({ inputs: base.inputs, outputs: hardSigmoid().apply(base.outputs[0]) });
    (grown as ours.Sequential).add(ours.layers.activation({ activation: 'hardSigmoid' }));
    for (const model of [nested, cut, grown]) {
      expect(atOne(model)).toBe(Number((0.7 / 6 + 0.5).toFixed(4)));
      await model.save(pathOf('model'));
      expect(atOne(await ours.loadLayersModel(pathOf('model')))).toBe(atOne(model));
    }
  });

  it('are refused if unknown', async () => {
    const json = ours.sequential({ layers: [hardSigmoid()] }).toJSON(null, false) as Package;
    json.config.layers[0].convforge = { formulas: 'theano' };
    await expectError(() => ours.models.modelFromJSON(json), 'CORRUPT_FILE', /convforge.formulas 'theano'/);
  });
});
