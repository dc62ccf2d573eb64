import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import {
  data,
  engineInfo,
  type FitOptions,
  input,
  type LayersModel,
  layers,
  losses,
  model,
  setEngine,
  setSeed,
  setThreads,
  type SymbolicTensor,
  type Tensor,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { expectClose, randomNumbers } from '../support/numeric.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pathOf = temporaryFolder();
const SIZES = [10, 9, 3] as const;
const CLASSES = 3;

const conv = (x: SymbolicTensor, filters: number) =>
  layers.conv2d({ filters, kernelSize: 3, padding: 'same' }).apply(x);
const classes = (x: SymbolicTensor, name: string) =>
  layers.dense({ units: CLASSES, activation: 'softmax', name }).apply(layers.flatten().apply(x));

/** Makes networks that draw the same weights whenever they are made. */
const NETWORKS: Record<string, () => LayersModel> = {
  'like LeNet': () => {
    const x = input({ shape: SIZES });
    const pooled = layers.maxPooling2d({ poolSize: 2 }).apply(conv(x, 6));
    const wide = layers.dense({ units: 20, activation: 'relu' }).apply(layers.flatten().apply(pooled));
    return model({ inputs: x, outputs: layers.dense({ units: CLASSES, activation: 'softmax' }).apply(wide) });
  },
  'batch normalization, also of steps': () => {
    const x = input({ shape: SIZES });
    const y = layers.reLU().apply(layers.batchNormalization().apply(conv(x, 6)));
    const rows = layers.reshape({ targetShape: [10, 9 * 6] }).apply(y);
    const layer = layers.dense({ units: 5 });
    const steps = layers.timeDistributed({ layer }).apply(rows);
    return model({ inputs: x, outputs: classes(layers.batchNormalization().apply(steps), 'classes') });
  },
  'dropout, noise and augmentation': () => {
    const x = input({ shape: SIZES });
    let y = layers.randomFlip({ mode: 'horizontal' }).apply(x);
    y = layers.randomRotation({ factor: 0.1 }).apply(y);
    y = layers.gaussianNoise({ stddev: 0.1 }).apply(y);
    y = layers.spatialDropout2d({ rate: 0.3 }).apply(conv(y, 6));
    return model({ inputs: x, outputs: classes(layers.dropout({ rate: 0.4 }).apply(y), 'classes') });
  },
  'regularizers, shared weights and groups': () => {
    const x = input({ shape: SIZES });
    const kernelRegularizer = { className: 'L2', config: { l2: 0.01 } } as const;
    const shared = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', kernelRegularizer });
    const y = shared.apply(layers.groupNormalization({ groups: 2 }).apply(shared.apply(conv(x, 4))));
    return model({ inputs: x, outputs: classes(y, 'classes') });
  },
};

interface Result {
  weights: Float32Array[];
  history: Record<string, unknown[]>;
}

const onehot = (count: number) =>
  tensor(
    Array.from({ length: count }, (_, i) =>
      Array.from({ length: CLASSES }, (_, k) => Number(k === i % CLASSES)),
    ),
  );

function images(count: number): Tensor {
  const size = count * SIZES.reduce((product, each) => product * each, 1);
  return tensor(new Float32Array(randomNumbers(size, 3)), [count, ...SIZES]);
}

/** Trains on 23 samples in batches of 9: the last one is 5, fewer than 8 shards. */
async function train(
  make: () => LayersModel,
  shards: number | undefined,
  options: FitOptions = {},
): Promise<Result> {
  setSeed(5);
  const network = make();
  network.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const weights = tensor(new Float32Array(randomNumbers(23, 7, 0.5, 2)));
  const settings = {
    epochs: 2,
    batchSize: 9,
    verbose: 0,
    seed: 9,
    sampleWeight: weights,
    ...options,
  } as const;
  const { history } = await network.fit(images(23), onehot(23), { ...settings, ...(shards && { shards }) });
  return resultOf(network, history);
}

function resultOf(network: LayersModel, history: Record<string, unknown[]>): Result {
  const weights = network.getWeights().map((weight) => weight.dataSync() as Float32Array);
  network.dispose();
  return { weights, history };
}

function hashOf({ weights }: Result): string {
  const hash = createHash('sha256');
  for (const values of weights)
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return hash.digest('hex').slice(0, 16);
}

function expectNear(actual: Result, expected: Result): void {
  actual.weights.forEach((values, i) => {
    expectClose(values, expected.weights[i], { absolute: 1e-5, relative: 1e-4 });
  });
  for (const [key, values] of Object.entries(expected.history))
    expectClose(actual.history[key] as number[], values as number[], { absolute: 1e-5, relative: 1e-5 });
}

describe('shards', () => {
  const { threads } = engineInfo();
  afterEach(() => {
    setEngine('native');
    setThreads(threads);
  });

  for (const [name, make] of Object.entries(NETWORKS)) {
    it(`change results in rounding alone: ${name}`, async () => {
      const whole = await train(make, undefined);
      expect(await train(make, 1)).toEqual(whole);
      for (const shards of [2, 3, 8]) expectNear(await train(make, shards), whole);
    });

    it(`give the same bits for any number of threads: ${name}`, async () => {
      setThreads(1);
      const expected = await train(make, 4);
      for (const count of [2, 3]) {
        setThreads(count);
        expect(await train(make, 4, { rematerialize: count === 3 })).toEqual(expected);
      }
    });
  }

  it('give these bits on every machine', async () => {
    const hashes = [];
    for (const make of Object.values(NETWORKS))
      hashes.push(hashOf(await train(make, 4, { classWeight: { 1: 2 } })));
    expect(hashes).toMatchInlineSnapshot(`
      [
        "0f963f9da98d9fad",
        "6df2f73e3efaaa23",
        "fd21447b1f371642",
        "3d694792c47d28ed",
      ]
    `);
  });

  it('take statistics over the whole batch, as the reference engine', async () => {
    const make = NETWORKS['batch normalization, also of steps'];
    const sharded = await train(make, 4, { epochs: 1 });
    setEngine('reference');
    expectNear(sharded, await train(make, 4, { epochs: 1 }));
  });

  it('train several outputs, and leave out a class that the loss ignores', async () => {
    const results: Result[] = [];
    for (const shards of [1, 2, 5]) {
      setSeed(5);
      const x = input({ shape: SIZES });
      const trunk = layers.batchNormalization().apply(conv(x, 4));
      const rows = layers.dense({ units: CLASSES, activation: 'softmax', name: 'rows' }).apply(trunk);
      const network = model({ inputs: x, outputs: [classes(trunk, 'whole'), rows] });
      const ignoring = losses.sparseCategoricalCrossentropy({ ignoreClass: 2 });
      network.compile({
        optimizer: 'sgd',
        loss: { whole: 'categoricalCrossentropy', rows: ignoring },
        lossWeights: { whole: 0.5, rows: 2 },
        metrics: { whole: ['accuracy'] },
      });
      const labels = tensor(
        Int32Array.from({ length: 12 * 90 }, (_, i) => (i * i) % CLASSES),
        [12, 10, 9],
      );
      const y = { whole: onehot(12), rows: labels };
      const { history } = await network.fit(images(12), y, {
        epochs: 2,
        batchSize: 7,
        verbose: 0,
        seed: 1,
        shards,
      });
      results.push(resultOf(network, history));
    }
    for (const result of results.slice(1)) expectNear(result, results[0]);
  });

  it('are an option of fitDataset, too', async () => {
    const make = NETWORKS['dropout, noise and augmentation'];
    const options = { epochs: 1, batchSize: 9, verbose: 0, seed: 9, shards: 4 } as const;
    const results: Result[] = [];
    for (const byDataset of [false, true]) {
      setSeed(5);
      const network = make();
      network.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
      const [x, y] = [images(23), onehot(23)];
      const { batchSize, ...others } = options;
      const xs = data.array(x.arraySync() as number[][]);
      const set = data.zip({ xs, ys: data.array(y.arraySync() as number[][]) }).batch(batchSize);
      const history = byDataset
        ? await network.fitDataset(set, others)
        : await network.fit(x, y, { ...options, shuffle: false });
      results.push(resultOf(network, history.history));
    }
    expect(results[0].weights).toEqual(results[1].weights);
  });

  it('belong to what a checkpoint resumes', async () => {
    const checkpoint = { dir: pathOf('sharded') };
    const make = NETWORKS['like LeNet'];
    await train(make, 2, { checkpoint });
    const resumed = await train(make, 2, { checkpoint, resume: true, epochs: 3 });
    expect(resumed.weights).toEqual((await train(make, 2, { epochs: 3 })).weights);
    const other = () => train(make, 4, { checkpoint, resume: true, epochs: 4 });
    await expectError(other, 'INVALID_ARGUMENT', /shards is 2 there and 4 here/);
  });

  it('are refused where they mean nothing', async () => {
    for (const shards of [0, 1.5, 65537, '2', Number.NaN]) {
      const wrong = () => train(NETWORKS['like LeNet'], undefined, { shards: shards as number });
      await expectError(wrong, 'INVALID_ARGUMENT', /shards is .*; it must be a whole number from 1 to 65536/);
    }
  });
});
