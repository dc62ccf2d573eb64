import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ApplyOptions,
  input,
  type LayersModel,
  layers,
  loadLayersModel,
  model,
  models,
  ones,
  type PendingTensor,
  setEngine,
  setSeed,
  type SymbolicTensor,
  type Tensor,
  tensor,
  train,
  zeros,
} from '../../lib/index.js';
import type { Layer } from '../../lib/layers/base-layer.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import type { Package } from '../support/random-graphs.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pathOf = temporaryFolder();

const ROWS = [
  [5, 8],
  [1, 2],
  [-3, 4],
];
const X = tensor(ROWS);

/** gamma, beta, moving mean and moving variance of two channels. */
const STATE = [
  [2, 3],
  [0.5, -0.5],
  [1, 2],
  [4, 9],
];

const normalize = (rows: number[][], mean: number[], variance: number[]) =>
  rows.flatMap((row) =>
    row.map((x, c) => ((x - mean[c]) / Math.sqrt(variance[c] + 1e-3)) * STATE[0][c] + STATE[1][c]),
  );

/** The mean and variance of the rows, by channel. */
function momentsOf(rows: number[][]): [number[], number[]] {
  const mean = [0, 1].map((c) => rows.reduce((sum, row) => sum + row[c], 0) / rows.length);
  return [mean, mean.map((m, c) => rows.reduce((sum, row) => sum + (row[c] - m) ** 2, 0) / rows.length)];
}

const AT_REST = normalize(ROWS, STATE[2], STATE[3]);
const OF_BATCH = normalize(ROWS, ...momentsOf(ROWS));

const meanSquare = (values: number[]) =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

const predicted = (net: LayersModel, x: Tensor = X) => Array.from(net.predict(x).dataSync());

/** A model of one layer on two numbers. */
function modelOf(layer: Layer, options?: ApplyOptions): LayersModel {
  const x = input({ shape: [2], name: 'x' });
  return model({ inputs: x, outputs: layer.apply(x, options) });
}

function normalization(options?: ApplyOptions): { net: LayersModel; layer: Layer } {
  const layer = layers.batchNormalization({ momentum: 0.5, name: 'bn' });
  const net = modelOf(layer, options);
  layer.setWeights(STATE.map((values) => tensor(values)));
  return { net, layer };
}

const compiled = (net: LayersModel) => {
  net.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
  return net;
};

/** The training loss against zeros. */
async function fittedLoss(net: LayersModel, x: Tensor = X, seed = 1): Promise<number> {
  const y = zeros([x.shape[0], ...net.outputs[0].sampleShape.map(Number)]);
  const options = { epochs: 1, batchSize: 8, verbose: 0, seed } as const;
  return (await compiled(net).fit(x, y, options)).history.loss[0];
}

const evaluated = (net: LayersModel) =>
  compiled(net)
    .evaluate<PendingTensor>(X, zeros([3, 2]))
    .dataSync()[0];

/** The model, and the model after saving and loading. */
async function withCopy(net: LayersModel): Promise<LayersModel[]> {
  await net.save(pathOf('model'));
  return [net, await loadLayersModel(pathOf('model'))];
}

describe.each(ENGINES)('apply with training, on the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));
  afterAll(() => setEngine('native'));

  it('false makes batch normalization use its moving statistics in fit', async () => {
    for (const net of await withCopy(normalization({ training: false }).net)) {
      expect(await fittedLoss(net)).toBeCloseTo(meanSquare(AT_REST), 4);
      expectClose(
        net.getWeights().flatMap((weight) => [...weight.dataSync()]),
        STATE.flat(),
      );
      expectClose(predicted(net), AT_REST, { absolute: 1e-5 });
    }
  });

  it('true makes batch normalization use batch statistics in predict and evaluate, and update its own only in fit', async () => {
    for (const net of await withCopy(normalization({ training: true }).net)) {
      expectClose(predicted(net), OF_BATCH, { absolute: 1e-5 });
      expectClose(predicted(net, tensor([[7, -3]])), STATE[1], { absolute: 1e-5 });
      expect(evaluated(net)).toBeCloseTo(meanSquare(OF_BATCH), 4);
      expectClose(net.getWeights()[2].dataSync(), STATE[2]);
      expect(await fittedLoss(net)).toBeCloseTo(meanSquare(OF_BATCH), 4);
      const [mean] = momentsOf(ROWS);
      expectClose(
        net.getWeights()[2].dataSync(),
        mean.map((m, c) => (m + STATE[2][c]) / 2),
        { absolute: 1e-5 },
      );
      expectClose(predicted(net), OF_BATCH, { absolute: 1e-5 });
    }
  });

  it("true doesn't change a frozen batch normalization", async () => {
    const { net, layer } = normalization({ training: true });
    layer.trainable = false;
    expect(await fittedLoss(net)).toBeCloseTo(meanSquare(AT_REST), 4);
    expectClose(predicted(net), AT_REST, { absolute: 1e-5 });
  });

  it('affects only that call of the layer', async () => {
    const layer = layers.batchNormalization({ name: 'bn' });
    const x = input({ shape: [2] });
    const outputs = [layer.apply(x), layer.apply(x, { training: true })];
    const net = model({ inputs: x, outputs: layers.concatenate().apply(outputs) });
    layer.setWeights(STATE.map((values) => tensor(values)));
    for (const each of await withCopy(net)) {
      const rows = (each.predict(X) as PendingTensor).arraySync() as number[][];
      expectClose(
        rows.flatMap((row) => row.slice(0, 2)),
        AT_REST,
        { absolute: 1e-5 },
      );
      expectClose(
        rows.flatMap((row) => row.slice(2)),
        OF_BATCH,
        { absolute: 1e-5 },
      );
    }
  });

  it.each([
    ['dropout', () => layers.dropout({ rate: 0.5 })],
    ['alphaDropout', () => layers.alphaDropout({ rate: 0.5 })],
    ['gaussianNoise', () => layers.gaussianNoise({ stddev: 1 })],
    ['gaussianDropout', () => layers.gaussianDropout({ rate: 0.5 })],
  ])('false switches %s off in fit', async (_, make) => {
    const nets = await withCopy(modelOf(make(), { training: false }));
    for (const net of nets) {
      expect(await fittedLoss(net)).toBeCloseTo(meanSquare(ROWS.flat()), 4);
      expect(predicted(net)).toEqual(ROWS.flat());
    }
    expect(await fittedLoss(modelOf(make()))).not.toBeCloseTo(meanSquare(ROWS.flat()), 1);
  });

  it('true makes dropout drop in predict, anew each time and reproducibly by seed', async () => {
    const many = ones([64, 2]);
    for (const net of await withCopy(modelOf(layers.dropout({ rate: 0.25 }), { training: true }))) {
      setSeed(5);
      const [first, second] = [predicted(net, many), predicted(net, many)];
      setSeed(5);
      expect([predicted(net, many), predicted(net, many)]).toEqual([first, second]);
      expect(second).not.toEqual(first);
      for (const value of first) expect([0, 4 / 3].map(Math.fround)).toContain(value);
      const dropped = first.filter((value) => value === 0).length / first.length;
      expect(dropped).toBeGreaterThan(0.1);
      expect(dropped).toBeLessThan(0.4);
      // The batches of one run differ.
      const small = Array.from(net.predict(many, { batchSize: 32 }).dataSync());
      expect(small.slice(0, 64)).not.toEqual(small.slice(64));
    }
  });

  it("true with the layer's own seed draws the same in each predict", () => {
    const net = modelOf(layers.dropout({ rate: 0.5, seed: 3 }), { training: true });
    const many = ones([64, 2]);
    expect(predicted(net, many)).toEqual(predicted(net, many));
  });

  it('true makes validation depend on the seed of fit', async () => {
    const run = async (seed: number) => {
      const x = input({ shape: [2] });
      const dropped = layers.dropout({ rate: 0.5 }).apply(x, { training: true });
      const net = model({
        inputs: x,
        outputs: layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(dropped),
      });
      const options = {
        epochs: 3,
        verbose: 0,
        seed,
        validationData: [ones([16, 2]), zeros([16, 1])],
      } as const;
      return (await compiled(net).fit(ones([4, 2]), zeros([4, 1]), options)).history.val_loss;
    };
    const losses = await run(1);
    expect(await run(1)).toEqual(losses);
    expect(new Set(losses).size).toBe(3);
    expect(await run(2)).not.toEqual(losses);
  });

  it("doesn't use the global seed if no layer draws in prediction", () => {
    const net = modelOf(layers.dropout({ rate: 0.5 }));
    const kernel = () => {
      const layer = layers.dense({ units: 3 });
      modelOf(layer);
      return Array.from(layer.getWeights()[0].dataSync());
    };
    setSeed(1);
    const expected = kernel();
    setSeed(1);
    predicted(net);
    expect(kernel()).toEqual(expected);
  });

  it('affects all layers of a model, except those called with training themselves', async () => {
    const outputs = (training?: boolean) => {
      const x = input({ shape: [2] });
      const bn = layers.batchNormalization({ name: 'bn' });
      const fixed = layers.batchNormalization({ name: 'fixed' });
      const inner = model({
        inputs: x,
        outputs: fixed.apply(bn.apply(x), { training: false }),
        name: 'inner',
      });
      bn.setWeights(STATE.map((values) => tensor(values)));
      fixed.setWeights([1, 0, 0, 1 - 1e-3].map((value) => tensor([value, value])));
      const y = input({ shape: [2] });
      const middle = model({ inputs: y, outputs: inner.apply(y), name: 'middle' });
      const z = input({ shape: [2] });
      return model({ inputs: z, outputs: middle.apply(z, { training }) });
    };
    for (const net of await withCopy(outputs(true)))
      expectClose(predicted(net), OF_BATCH, { absolute: 1e-5 });
    for (const net of await withCopy(outputs(false))) {
      expect(await fittedLoss(net)).toBeCloseTo(meanSquare(AT_REST), 4);
    }
    for (const net of await withCopy(outputs())) {
      expectClose(predicted(net), AT_REST, { absolute: 1e-5 });
      expect(await fittedLoss(net)).toBeCloseTo(meanSquare(OF_BATCH), 4);
    }
  });

  it.each([
    ['randomFlip', () => layers.randomFlip(), 4],
    ['randomRotation', () => layers.randomRotation({ factor: 0.5 }), 4],
    ['randomContrast', () => layers.randomContrast({ factor: 0.5 }), 4],
    ['randomCrop', () => layers.randomCrop({ height: 2, width: 2 }), 2],
  ])('makes %s behave as in prediction, or as in training', async (_, make, size) => {
    const images = tensor(
      Array.from({ length: 8 * 16 }, (_, i) => (i * 7) % 11),
      [8, 4, 4, 1],
    );
    const netOf = (options?: ApplyOptions) => {
      const x = input({ shape: [4, 4, 1] });
      return model({ inputs: x, outputs: make().apply(x, options) as SymbolicTensor });
    };
    const plain = predicted(netOf(), images);
    expect(plain).toHaveLength(8 * size * size);
    for (const net of await withCopy(netOf({ training: false }))) {
      expect(predicted(net, images)).toEqual(plain);
      expect(await fittedLoss(net, images)).toBeCloseTo(meanSquare(plain), 3);
    }
    for (const net of await withCopy(netOf({ training: true }))) {
      const drawn = predicted(net, images);
      expect(drawn).not.toEqual(plain);
      expect(predicted(net, images)).not.toEqual(drawn);
    }
  });
});

describe('options of apply', () => {
  const x = input({ shape: [2] });

  it('are refused if unknown', async () => {
    const odd = { trainin: false } as ApplyOptions;
    await expectError(
      () => layers.dense({ units: 1 }).apply(x, odd),
      'UNKNOWN_OPTION',
      /'trainin'.*'training'/,
    );
    const inner = model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) });
    await expectError(() => inner.apply(input({ shape: [2] }), odd), 'UNKNOWN_OPTION', /'trainin'/);
    const one = { training: 1 } as unknown as ApplyOptions;
    await expectError(() => layers.dense({ units: 1 }).apply(x, one), 'INVALID_ARGUMENT', /training is 1/);
  });

  it('may be left out', () => {
    for (const options of [undefined, {}, { training: undefined }]) {
      expect(predicted(modelOf(layers.dropout({ rate: 0.5 }), options as ApplyOptions))).toEqual(ROWS.flat());
    }
  });

  it('are written to files as TF.js and Keras do', () => {
    const { layers: entries } = (normalization({ training: true }).net.toJSON(null, false) as Package).config;
    expect(entries[1].inbound_nodes).toEqual([[['x', 0, 0, { training: true }]]]);
  });
});

describe('training in files', () => {
  const file = (training: unknown, root: object) => ({
    ...root,
    class_name: 'Functional',
    config: {
      name: 'm',
      layers: [
        {
          class_name: 'InputLayer',
          name: 'x',
          config: { name: 'x', batch_input_shape: [null, 2] },
          inbound_nodes: [],
        },
        {
          class_name: 'Dropout',
          name: 'd',
          config: { name: 'd', rate: 0.5 },
          inbound_nodes: [[['x', 0, 0, { training }]]],
        },
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['d', 0, 0]],
    },
  });

  it.each([
    [true, true],
    [1, true],
    [false, false],
    [0, false],
    [null, undefined],
  ])('%j is read', async (training, expected) => {
    const net = await models.modelFromJSON(file(training, { keras_version: '2.9.0' }));
    const isPlain = JSON.stringify(predicted(net)) === JSON.stringify(ROWS.flat());
    expect(isPlain).toBe(expected !== true);
    const loss = await fittedLoss(net);
    if (expected === false) expect(loss).toBeCloseTo(meanSquare(ROWS.flat()), 4);
    else expect(loss).not.toBeCloseTo(meanSquare(ROWS.flat()), 1);
  });

  it('is ignored in files of Keras 3, as Keras does', async () => {
    const net = await models.modelFromJSON(file(false, { keras_version: '3.3.3' }));
    expect(await fittedLoss(net)).not.toBeCloseTo(meanSquare(ROWS.flat()), 1);
  });

  it("is refused if it isn't a boolean", async () => {
    const json = file(['y', 0, 0], { keras_version: '2.9.0' });
    await expectError(
      () => models.modelFromJSON(json),
      'UNSUPPORTED',
      /'d' is called with training \['y', 0, 0\]/,
    );
  });
});
