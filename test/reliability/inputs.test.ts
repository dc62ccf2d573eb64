import { beforeEach, describe, expect, it } from 'vitest';
import { data, layers, type Sequential, sequential, setSeed, type Tensor, tensor } from '../../lib/index.js';
import type { ErrorCode } from '../../lib/errors.js';
import { expectError } from '../support/convforge-error.js';

// Each way to pass samples to a model gets the same bad samples, and is aborted at any moment.

let model: Sequential;
beforeEach(() => {
  setSeed(6);
  model = sequential({ layers: [layers.dense({ units: 2, activation: 'softmax', inputShape: [2] })] });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
});

// biome-ignore lint/suspicious/noExplicitAny: what is not a sample at all is given too.
type Way = (x: any, y: any) => Promise<unknown>;
const X = tensor([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4], [4, 2]);
const Y = tensor([0, 1, 1, 0], [4], 'int32');
const quiet = { verbose: 0, epochs: 1 } as const;
const dataset = (xs: unknown, ys: unknown) =>
  data.array([
    { xs: X, ys: Y },
    { xs, ys },
  ]) as data.Dataset<never>;

const WAYS: Record<string, Way> = {
  fit: (x, y) => model.fit(x, y, quiet),
  fitStream: async (x, y) => {
    for await (const _ of model.fitStream(x, y));
  },
  fitDataset: (x, y) => model.fitDataset(dataset(x, y), quiet),
  fitDatasetStream: async (x, y) => {
    for await (const _ of model.fitDatasetStream(dataset(x, y)));
  },
  'validationData of fit': (x, y) => model.fit(X, Y, { ...quiet, validationData: [x, y] }),
  'validationData of fitDataset': (x, y) =>
    model.fitDataset(dataset(X, Y), { ...quiet, validationData: [x, y] }),
  'a validation dataset': (x, y) =>
    model.fitDataset(dataset(X, Y), { ...quiet, validationData: dataset(x, y) }),
  evaluate: async (x, y) => Promise.all(await model.evaluate(x, y)),
  evaluateDataset: (x, y) => model.evaluateDataset(dataset(x, y)),
  trainOnBatch: (x, y) => model.trainOnBatch(x, y),
  gradients: (x, y) => model.gradients(x, y),
};

function gone(): Tensor {
  const buffer = new ArrayBuffer(16);
  const lost = tensor(new Float32Array(buffer), [2, 2]);
  structuredClone(buffer, { transfer: [buffer] });
  return lost;
}

const TWO = tensor([1, 2, 3, 4], [2, 2]);
const BAD: [what: string, x: () => unknown, y: () => unknown, code: ErrorCode | RegExp][] = [
  ['a label too large', () => TWO, () => tensor([0, 2], [2], 'int32'), 'INVALID_LABEL'],
  ['a label below 0', () => TWO, () => tensor([-1, 0], [2], 'int32'), 'INVALID_LABEL'],
  ['half a label', () => TWO, () => tensor([0.5, 0], [2]), 'INVALID_LABEL'],
  ['a label of NaN', () => TWO, () => [Number.NaN, 0], 'INVALID_LABEL'],
  ['labels of another number', () => TWO, () => [0, 1, 0], 'SHAPE_MISMATCH'],
  ['one label for all', () => TWO, () => tensor([0], [1], 'int32'), 'SHAPE_MISMATCH'],
  ['samples of another width', () => tensor([1, 2, 3], [1, 3]), () => [0], 'SHAPE_MISMATCH'],
  ['samples of another rank', () => tensor([1, 2, 3, 4], [1, 2, 2]), () => [0], 'SHAPE_MISMATCH'],
  ['no samples', () => tensor([], [0, 2]), () => tensor([], [0]), 'INVALID_ARGUMENT'],
  ['samples that are taken away', gone, () => [0, 1], 'BUFFER_DETACHED'],
  ['null', () => null, () => null, /INVALID_ARGUMENT|SHAPE_MISMATCH/],
  ['text', () => 'images', () => 'labels', /INVALID_ARGUMENT|SHAPE_MISMATCH/],
  ['an object', () => ({ a: TWO }), () => ({ a: [0, 1] }), /INVALID_ARGUMENT|SHAPE_MISMATCH|UNKNOWN_OPTION/],
  ['ragged lists', () => [[1, 2], [3]], () => [0, 1], /INVALID_ARGUMENT|SHAPE_MISMATCH/],
  ['lists of text', () => [['a', 'b']], () => [0], 'INVALID_ARGUMENT'],
  ['a disposed tensor', disposed, () => [0, 1], 'DISPOSED'],
];

function disposed(): Tensor {
  const x = tensor([1, 2, 3, 4], [2, 2]);
  x.dispose();
  return x;
}

describe.each(Object.keys(WAYS))('%s', (name) => {
  it.each(BAD)('%s', async (_, x, y, code) => {
    const outcome = await WAYS[name](x(), y()).then(
      () => ({ code: 'none' }),
      (error) => error,
    );
    expect(outcome.code, String(outcome)).toMatch(code instanceof RegExp ? code : new RegExp(`^${code}$`));
    // The failure did no harm.
    for (const weight of model.getWeights()) expect(weight.dataSync().every(Number.isFinite)).toBe(true);
    await model.fit(X, Y, quiet);
  });

  it('any kind of buffer gives the same as a plain array', async () => {
    const values = [0.5, 1, 1.5, 2];
    const kinds: ((list: number[]) => Tensor)[] = [
      (list) => {
        const shared = new Float32Array(new SharedArrayBuffer(4 * list.length));
        shared.set(list);
        return tensor(shared, [2, 2]);
      },
      (list) => {
        const resizable = new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(
          4 * list.length,
          { maxByteLength: 1024 },
        );
        const view = new Float32Array(resizable);
        view.set(list);
        return tensor(view, [2, 2]);
      },
      (list) => {
        const view = new Float32Array(new ArrayBuffer(4 * list.length + 4), 4, list.length);
        view.set(list);
        return tensor(view, [2, 2]);
      },
    ];
    const weightsAfter = async (x: unknown) => {
      setSeed(6);
      for (const layer of model.layers) layer.setWeights([tensor([1, 2, 3, 4], [2, 2]), tensor([0, 0])]);
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      await WAYS[name](x, [0, 1]);
      return model.getWeights().map((weight) => [...weight.dataSync()]);
    };
    const expected = await weightsAfter(tensor(values, [2, 2]));
    for (const kind of kinds) expect(await weightsAfter(kind(values))).toEqual(expected);
  });
});

describe('an abort', () => {
  const BATCHES = 5;
  const batches = () => data.array(Array.from({ length: BATCHES }, () => ({ xs: X, ys: Y })));
  const values = () => model.getWeights().map((weight) => [...weight.dataSync()]);

  // After the last one there is nothing left to abort.
  it.each(Array.from({ length: BATCHES - 1 }, (_, i) => i))('at step %i of fitDataset', async (step) => {
    const control = new AbortController();
    let atAbort: number[][] = [];
    const onBatchEnd = (batch: number) => {
      if (batch !== step) return;
      atAbort = values();
      control.abort();
    };
    const options = { ...quiet, callbacks: { onBatchEnd }, signal: control.signal };
    await expectError(() => model.fitDataset(batches(), options), 'ABORTED');
    expect(values()).toEqual(atAbort);
    // As many steps as before, and no more.
    setSeed(6);
    const again = sequential({
      layers: [layers.dense({ units: 2, activation: 'softmax', inputShape: [2] })],
    });
    again.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    for (let i = 0; i <= step; i++) await again.trainOnBatch(X, Y);
    expect(again.getWeights().map((weight) => [...weight.dataSync()])).toEqual(atAbort);
  });

  it.each(['onTrainBegin', 'onEpochBegin', 'onBatchBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd'])(
    'ends the wait for %s that never settles',
    async (hook) => {
      for (const train of [
        (options: object) => model.fit(X, Y, { ...quiet, ...options }),
        (options: object) => model.fitDataset(batches(), { ...quiet, ...options }),
      ]) {
        const control = new AbortController();
        const never = () => {
          setImmediate(() => control.abort());
          return new Promise(() => {});
        };
        const options = { callbacks: { [hook]: never }, signal: control.signal };
        await expectError(() => train(options), 'ABORTED');
        await model.fit(X, Y, quiet);
      }
    },
  );
});
