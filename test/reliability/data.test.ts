import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  callbacks,
  data,
  type FitDatasetOptions,
  layers,
  optimizers,
  type Sequential,
  sequential,
  tensor,
} from '../../lib/index.js';
import type { ErrorCode } from '../../lib/errors.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Bad data, and callbacks and datasets that misbehave, in the middle of a training.

const pathOf = temporaryFolder();
const batch = (n = 2, width = 2) => ({
  xs: tensor(new Float32Array(n * width).fill(0.5), [n, width]),
  ys: tensor(new Int32Array(n), [n], 'int32'),
});

let model: Sequential;
beforeEach(() => {
  model = sequential({ layers: [layers.dense({ units: 2, activation: 'softmax', inputShape: [2] })] });
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
});

const X = tensor(new Float32Array(16).fill(0.5), [8, 2]);
const Y = tensor(new Int32Array(8), [8], 'int32');

/** After any failure, the weights are finite and the model trains. */
async function expectUsable(): Promise<void> {
  for (const weight of model.getWeights()) expect(weight.dataSync().every(Number.isFinite)).toBe(true);
  const { history } = await model.fit(X, Y, { epochs: 1, verbose: 0 });
  expect(history.loss).toHaveLength(1);
}

describe('datasets', () => {
  async function* some(then: () => unknown) {
    yield batch();
    yield batch();
    yield then() as ReturnType<typeof batch>;
    yield batch();
  }

  it.each<[string, () => unknown, ErrorCode, RegExp]>([
    ['other shapes', () => batch(2, 3), 'SHAPE_MISMATCH', /batch 2 of the dataset/],
    ['labels too few', () => ({ ...batch(), ys: tensor([0], [1], 'int32') }), 'SHAPE_MISMATCH', /batch 2/],
    ['labels out of range', () => ({ ...batch(), ys: tensor([0, 2], [2], 'int32') }), 'INVALID_LABEL', /2/],
    ['labels that are no numbers', () => ({ ...batch(), ys: ['a', 'b'] }), 'INVALID_ARGUMENT', /batch 2/],
    ['no samples', () => ({ xs: tensor([], [0, 2]), ys: tensor([], [0]) }), 'INVALID_ARGUMENT', /batch 2/],
    ['null', () => null, 'INVALID_ARGUMENT', /batch 2 of the dataset: it is null/],
    ['a list', () => [batch().xs, batch().ys], 'INVALID_ARGUMENT', /batch 2/],
    ['keys of its own', () => ({ ...batch(), weight: 1 }), 'UNKNOWN_OPTION', /'weight'/],
    ['weights of NaN', () => ({ ...batch(), sampleWeight: [1, Number.NaN] }), 'INVALID_ARGUMENT', /NaN/],
    ['weights too many', () => ({ ...batch(), sampleWeight: [1, 1, 1] }), 'SHAPE_MISMATCH', /sampleWeight/],
  ])('that give %s in the middle of an epoch', async (_, then, code, message) => {
    await expectError(() => model.fitDataset(some(then), { epochs: 1, verbose: 0 }), code, message);
    await expectUsable();
  });

  it('that throw values other than errors', async () => {
    const thrown = await model
      .fitDataset(
        some(() => {
          throw undefined;
        }),
        { epochs: 1, verbose: 0 },
      )
      .then(
        () => 'nothing',
        (error) => error,
      );
    expect(thrown).toBeUndefined();
    await expectUsable();
  });

  it.each([
    ['no iterator', {}],
    ['an iterator without next', { [Symbol.asyncIterator]: () => ({}) }],
    ['an iterator that is none', { [Symbol.asyncIterator]: () => 3 }],
    ['results that are none', { [Symbol.asyncIterator]: () => ({ next: async () => 3 }) }],
    ['results without a promise', { [Symbol.asyncIterator]: () => ({ next: () => null }) }],
  ])('with %s', async (_, dataset) => {
    await expectError(
      () => model.fitDataset(dataset as never, { epochs: 1, verbose: 0 }),
      'INVALID_ARGUMENT',
      /dataset/,
    );
    await expectUsable();
  });

  it('that end early, or never end', async () => {
    const short = data.array([batch(), batch()]);
    const warnings: string[] = [];
    const listen = (warning: Error) => void warnings.push(warning.message);
    process.on('warning', listen);
    const options: FitDatasetOptions = { epochs: 3, batchesPerEpoch: 5, verbose: 0 };
    const { history } = await model.fitDataset(short, options);
    expect(history.loss).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings.join()).toMatch(/ran out/);
    await expectError(
      () => model.fitDataset(short.repeat(), { epochs: 1, verbose: 0 }),
      'INVALID_ARGUMENT',
      /batchesPerEpoch/,
    );
    // A dataset that never answers runs until it is aborted.
    const endless = data.generator(function* () {
      for (;;) yield batch();
    });
    const abort = new AbortController();
    const training = model.fitDataset(endless, { epochs: 1, verbose: 0, signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await expectError(() => training, 'ABORTED');
    await expectUsable();
  });

  it('that never answer are abandoned when the signal aborts, in training, validation and evaluation', async () => {
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const inTime = () => AbortSignal.timeout(20);
    const runs = [
      () => model.fitDataset(silent, { epochs: 1, verbose: 0, signal: inTime() }),
      () =>
        model.fitDataset(data.array([batch()]), {
          epochs: 1,
          verbose: 0,
          validationData: silent as never,
          signal: inTime(),
        }),
      () => model.evaluateDataset(silent, { signal: inTime() } as never),
    ];
    for (const run of runs) await expectError(run, 'ABORTED');
    await expectUsable();
  });

  it('keep the event loop free, though each element is available synchronously', async () => {
    const busy = data.generator(function* () {
      for (let i = 0; i < 3000; i++) yield batch();
    });
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await model.fitDataset(busy, { epochs: 1, verbose: 0 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});

describe('callbacks', () => {
  const HOOKS = [
    'onTrainBegin',
    'onTrainEnd',
    'onEpochBegin',
    'onEpochEnd',
    'onBatchBegin',
    'onBatchEnd',
  ] as const;
  const WAYS: [string, (callbacks: object) => Promise<unknown>][] = [
    ['fit', (callbacks) => model.fit(X, Y, { epochs: 2, verbose: 0, callbacks })],
    [
      'fitDataset',
      (callbacks) => model.fitDataset(data.array([batch(), batch()]), { epochs: 2, verbose: 0, callbacks }),
    ],
  ];
  const CASES = WAYS.flatMap(([name, way]) => HOOKS.map((hook) => [name, hook, way] as const));

  it.each(CASES)('of %s that throw or reject in %s', async (_, hook, way) => {
    const error = new Error(hook);
    await expect(
      way({
        [hook]: () => {
          throw error;
        },
      }),
    ).rejects.toBe(error);
    await expect(way({ [hook]: () => Promise.reject(error) })).rejects.toBe(error);
    await expectUsable();
  });

  it.each(CASES)('of %s that train, dispose or stop in %s', async (_, hook, way) => {
    await expectError(() => way({ [hook]: () => model.fit(X, Y, { verbose: 0 }) }), 'MODEL_BUSY');
    await way({
      [hook]: () => {
        model.stopTraining = true;
      },
    });
    await expectUsable();
    await expectError(() => way({ [hook]: () => model.dispose() }).then(() => model.predict(X)), 'DISPOSED');
  });
});

describe('sample and class weights', () => {
  const odd: [string, object, ErrorCode, RegExp][] = [
    ['NaN', { sampleWeight: [1, 1, 1, 1, 1, 1, 1, Number.NaN] }, 'INVALID_ARGUMENT', /\[7\] is NaN/],
    ['endless', { sampleWeight: Array(8).fill(Number.POSITIVE_INFINITY) }, 'INVALID_ARGUMENT', /Infinity/],
    ['too few', { sampleWeight: [1] }, 'SHAPE_MISMATCH', /\[8\]/],
    ['a matrix', { sampleWeight: [Array(8).fill(1)] }, 'SHAPE_MISMATCH', /\[8\]/],
    ['text', { sampleWeight: 'all' }, 'INVALID_ARGUMENT', /sampleWeight/],
    ['no number for a class', { classWeight: { 0: '2' } }, 'INVALID_ARGUMENT', /'2'/],
    ['NaN for a class', { classWeight: { 0: Number.NaN } }, 'INVALID_ARGUMENT', /NaN/],
    ['a class of -1', { classWeight: { '-1': 1 } }, 'INVALID_ARGUMENT', /'-1'/],
    ['a class by name', { classWeight: { cat: 1 } }, 'INVALID_ARGUMENT', /'cat'/],
    ['a class that is not there', { classWeight: { 7: 1 } }, 'INVALID_ARGUMENT', /7/],
    ['null', { classWeight: null }, 'INVALID_ARGUMENT', /null/],
    ['a number', { classWeight: 3 }, 'INVALID_ARGUMENT', /3/],
    ['larger than float32', { sampleWeight: Array(8).fill(1e39) }, 'INVALID_ARGUMENT', /Infinity/],
    [
      'too large together',
      { sampleWeight: Array(8).fill(1e30), classWeight: { 0: 1e30 } },
      'INVALID_ARGUMENT',
      /float32/,
    ],
  ];
  it.each(odd)('that are %s', async (_, options, code, message) => {
    await expectError(() => model.fit(X, Y, { epochs: 1, verbose: 0, ...options }), code, message);
    await expectUsable();
  });
});

describe('learning rates', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('of %d by a scheduler or a setter', async (rate) => {
    const scheduler = callbacks.learningRateScheduler(() => rate);
    await expectError(
      () => model.fit(X, Y, { epochs: 1, verbose: 0, callbacks: scheduler }),
      'INVALID_ARGUMENT',
      new RegExp(String(rate)),
    );
    await expectError(() => {
      model.optimizer.learningRate = rate;
    }, 'INVALID_ARGUMENT');
    await expectUsable();
  });

  it('of a schedule that overflows: training ends with a non-finite loss', async () => {
    const schedule = optimizers.schedules.exponentialDecay({
      initialLearningRate: 1e30,
      decaySteps: 1,
      decayRate: 1e30,
    });
    model.compile({
      optimizer: optimizers.sgd({ learningRate: schedule }),
      loss: 'sparseCategoricalCrossentropy',
    });
    const { history } = await model.fit(X, Y, {
      epochs: 40,
      batchSize: 2,
      verbose: 0,
      callbacks: callbacks.terminateOnNaN(),
    });
    expect(history.loss.length).toBeLessThan(40);
  });

  it('of a schedule of NaN', async () => {
    class Odd extends optimizers.schedules.LearningRateSchedule {
      readonly className = 'Odd';
      override describe() {
        return {
          kind: 'exponentialDecay',
          initialLearningRate: Number.NaN,
          decaySteps: 1,
          decayRate: 1,
          staircase: false,
        } as const;
      }
    }
    model.compile({
      optimizer: optimizers.sgd({ learningRate: new Odd() }),
      loss: 'sparseCategoricalCrossentropy',
    });
    await expectError(
      () => model.fit(X, Y, { epochs: 1, verbose: 0 }),
      'INVALID_ARGUMENT',
      /initialLearningRate/,
    );
  });

  it('of an object other than a schedule', async () => {
    const none = [{}, { at: () => Number.NaN }, { className: '__proto__', config: {} }, []];
    for (const learningRate of none)
      expect(() => optimizers.sgd({ learningRate: learningRate as never })).toThrow(/learningRate|schedule/);
  });
});

describe('CSV files', () => {
  const read = async (text: string | Buffer, options = {}) => {
    const path = pathOf('data.csv');
    writeFileSync(path, text);
    return data.csv(path, options).toArray();
  };

  it.each<[string, string | Buffer, ErrorCode, RegExp]>([
    ['an open quote', 'a,b\n1,"2\n3,4\n', 'CORRUPT_FILE', /line 2.*never closed/],
    ['too many fields', `a,b\n1,2\n${'9,'.repeat(100_000)}\n`, 'CORRUPT_FILE', /line 3.*100001 fields/],
    ['two columns of one name', 'a,a\n1,2\n', 'CORRUPT_FILE', /'a'/],
    ['a record of 17 million characters', `a\n"${'x'.repeat(17_000_000)}"\n`, 'TOO_LARGE', /line 2/],
    ['text behind a quote', 'a\n"1"2\n', 'CORRUPT_FILE', /line 2/],
  ])('with %s', async (_, text, code, message) => {
    await expectError(() => read(text), code, message);
  });

  it("with bytes that aren't text, and of zero bytes", async () => {
    const odd = (await read(Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0x00, 0x0a]))) as { a: string }[];
    expect(odd).toHaveLength(1);
    expect(odd[0].a).toContain('\ufffd');
    expect(await read('')).toEqual([]);
    expect(await read('\n\n\n')).toEqual([]);
    await expectError(() => data.csv(pathOf('none.csv')).toArray(), 'IO_ERROR', /none\.csv/);
    await expectError(() => data.csv(pathOf('.')).toArray(), 'IO_ERROR');
  });

  it('with 100,000 columns', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    const [row] = (await read(`${names.join()}\n${names.map((_, i) => i).join()}\n`)) as object[];
    expect(Object.keys(row)).toHaveLength(100_000);
  });

  it('with empty cells name them if they should be numbers', async () => {
    const path = pathOf('holes.csv');
    writeFileSync(path, 'a,b,y\n1,,0\n');
    const rows = data
      .csv<{ xs: Record<string, number>; ys: Record<string, number> }>(path, {
        columnConfigs: { y: { isLabel: true } },
      })
      .map(({ xs, ys }) => ({ xs: Object.values(xs), ys: Object.values(ys)[0] }))
      .batch(1);
    await expectError(() => model.fitDataset(rows as never, { epochs: 1, verbose: 0 }), 'INVALID_ARGUMENT');
    await expectUsable();
  });
});
