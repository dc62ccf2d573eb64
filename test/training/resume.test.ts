import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  Callback,
  callbacks,
  type FitDatasetOptions,
  type FitOptions,
  type History,
  type LayersModel,
  layers,
  model as functional,
  input,
  oneHot,
  ones,
  sequential,
  setSeed,
} from '../../lib/index.js';
import type { BatchLogs, CallbackLike } from '../../lib/callbacks/index.js';
import type { Optimizer } from '../../lib/optimizers/index.js';
import { setEngine } from '../../lib/program/current-engine.js';
import { nextSeed, RandomGenerator } from '../../lib/random/index.js';
import {
  bitsOf,
  Killer,
  noisyData,
  noisyDataset,
  noisyModel,
  OPTIMIZERS,
  stopAfter,
} from '../support/resumed-fits.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A fit that is killed and resumed in a new model ends as one that was never killed, bit for bit.

const pathOf = temporaryFolder();
const SEED = Number(process.env.RESUME_SEED ?? Date.now() % 1e6);
console.log(`resume.test.ts: RESUME_SEED=${SEED}`);
const random = new RandomGenerator(SEED);

type Options = Omit<FitOptions, 'callbacks'> & Omit<FitDatasetOptions, 'callbacks'>;

/** A training: its model, its options but for checkpoints, and how to start it. */
interface Training {
  make(): LayersModel;
  start(model: LayersModel, options: object): Promise<History>;
  options: Options;
  /** New callbacks for each run. */
  callbacks?(): CallbackLike[];
}

async function whole({ make, start, options, callbacks: own }: Training) {
  const model = make();
  const history = await start(model, { verbose: 0, ...options, callbacks: own?.() ?? [] });
  return { bits: await bitsOf(model), history, drawn: nextSeed() };
}

/** Runs the training, killed at random moments and resumed until it ends. */
async function killed({ make, start, options, callbacks: own }: Training, everySteps?: number) {
  const dir = pathOf(`checkpoints-${random.integer(1e9)}`);
  let kills = 0;
  for (;;) {
    const model = make();
    // The first one can't miss: training has steps to go when it comes.
    const killer = kills === 0 ? new Killer(1, 0) : new Killer(1 + random.integer(4), random.integer(8));
    const checkpoint = { dir, ...(everySteps && { everySteps }) };
    const all = [...(own?.() ?? []), ...(kills < 6 ? [killer.callback] : [])];
    const run = { verbose: 0, ...options, checkpoint, resume: true, signal: killer.signal, callbacks: all };
    try {
      const history = await start(model, run);
      return { bits: await bitsOf(model), history, drawn: nextSeed(), kills };
    } catch (error) {
      expect(error).toMatchObject({ code: 'ABORTED' });
      kills++;
    }
  }
}

async function expectSame(training: Training, everySteps = 1 + random.integer(9)): Promise<void> {
  const expected = await whole(training);
  const resumed = await killed(training, everySteps);
  expect(resumed.bits).toBe(expected.bits);
  expect(resumed.history.history).toEqual(expected.history.history);
  expect(resumed.history.epoch).toEqual(expected.history.epoch);
  expect(resumed.drawn).toBe(expected.drawn);
  expect(resumed.kills).toBeGreaterThan(0);
}

const { x, y } = noisyData();

function arrays(optimizer?: () => Optimizer, options: Options = {}): Training {
  return {
    make: () => noisyModel(optimizer?.()),
    start: (model, run) => model.fit(x, y, run),
    options: { epochs: 3, batchSize: 8, ...options },
  };
}

function batches(optimizer?: () => Optimizer, options: Options = {}, dataset = noisyDataset): Training {
  return {
    make: () => noisyModel(optimizer?.()),
    start: (model, run) => model.fitDataset(dataset(), run),
    options: { epochs: 3, ...options },
  };
}

describe('with every optimizer, dropout and augmentation', () => {
  it.each(Object.keys(OPTIMIZERS))('%s, fit', async (name) => {
    await expectSame(arrays(OPTIMIZERS[name], { validationSplit: 0.2 }));
  });

  it.each(Object.keys(OPTIMIZERS))('%s, fitDataset', async (name) => {
    await expectSame(batches(OPTIMIZERS[name]));
  });
});

describe('fit', () => {
  it('with stepsPerEpoch', () => expectSame(arrays(undefined, { stepsPerEpoch: 5, epochs: 4 })));
  it('without shuffling', () => expectSame(arrays(undefined, { shuffle: false })));
  it('from an initialEpoch', () => expectSame(arrays(undefined, { initialEpoch: 2, epochs: 5 })));
  it('with a batch larger than the data', () =>
    expectSame(arrays(undefined, { batchSize: 100, epochs: 9 }), 1));
  it('with rematerialize', () => expectSame(arrays(undefined, { rematerialize: true })));
  it('with class weights and sample weights', () => {
    const sampleWeight = Array.from({ length: 52 }, (_, i) => 1 + (i % 3));
    return expectSame(arrays(undefined, { sampleWeight, classWeight: { 0: 2 } as never }));
  });

  it('on the reference engine', async () => {
    setEngine('reference');
    try {
      await expectSame(arrays(undefined, { epochs: 2 }), 3);
    } finally {
      setEngine('native');
    }
  });

  it('with several outputs, whose losses add up', async () => {
    const make = () => {
      setSeed(1);
      const image = input({ shape: [6, 6, 1] });
      const flat = layers.flatten().apply(image);
      const hidden = layers.dense({ units: 7, activation: 'tanh', kernelRegularizer: 'l1l2' }).apply(flat);
      const a = layers.dense({ units: 3, activation: 'softmax', name: 'a' }).apply(hidden);
      const b = layers.dense({ units: 3, name: 'b', kernelRegularizer: 'l2' }).apply(hidden);
      const made = functional({ inputs: image, outputs: [a, b] } as never) as unknown as LayersModel;
      made.compile({
        optimizer: 'adam',
        loss: ['sparseCategoricalCrossentropy', 'huber'],
        lossWeights: [0.7, 0.1],
        metrics: [['accuracy'], ['meanAbsoluteError']] as never,
      });
      return made;
    };
    const targets = [y, oneHot(y, 3)];
    const start: Training['start'] = (made, run) => made.fit(x, targets as never, run);
    await expectSame({ make, start, options: { epochs: 3, batchSize: 8 } });
  });

  it('with a seed that the global generator gave', async () => {
    // noisyModel sets the generator's seed, so that both runs draw the same.
    const training = arrays();
    const expected = await whole(training);
    const dir = pathOf('c');
    const killer = new Killer(2, 0);
    const options = { ...training.options, verbose: 0 as const, checkpoint: { dir, everySteps: 2 } };
    const first = noisyModel().fit(x, y, { ...options, signal: killer.signal, callbacks: killer.callback });
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    const model = noisyModel();
    setSeed(99);
    await model.fit(x, y, { ...options, resume: true });
    expect(await bitsOf(model)).toBe(expected.bits);
    expect(nextSeed()).toBe(expected.drawn);
  });
});

it('keeps no copy of the checkpoint once it is restored', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const units = 1500;
  // 27 MB with Adam's slots.
  const make = () => {
    const model = sequential({ layers: [layers.dense({ units, inputShape: [units] })] });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    return model;
  };
  const sample = ones([1, units]);
  const used: number[] = [];
  const onEpochEnd = () => {
    collect();
    used.push(process.memoryUsage().arrayBuffers);
  };
  const options = { verbose: 0, checkpoint: { dir: pathOf('c'), everySteps: 100 } } as const;
  await make().fit(sample, sample, { ...options, epochs: 1, callbacks: { onEpochEnd } });
  await make().fit(sample, sample, { ...options, epochs: 3, resume: true, callbacks: { onEpochEnd } });
  expect(used[2] - used[0]).toBeLessThan(5e6);
});

describe('fitDataset', () => {
  it('with batchesPerEpoch, across the ends of passes', () =>
    expectSame(batches(undefined, { batchesPerEpoch: 5, epochs: 5 }, () => noisyDataset().repeat())));

  it('that runs out within an epoch', () =>
    expectSame(batches(undefined, { batchesPerEpoch: 5, epochs: 5 }, () => noisyDataset().repeat(2))));

  it('with validationSplit', () => expectSame(batches(undefined, { validationSplit: 0.4 })));

  it('with validation data', () =>
    expectSame(batches(undefined, { validationData: noisyDataset() as never, validationBatches: 2 })));

  it('of an unknown size', () =>
    expectSame(batches(undefined, {}, () => noisyDataset().filter(() => true) as never)));

  it('from an async iterable', () => {
    const iterable = () => ({
      async *[Symbol.asyncIterator]() {
        for (let i = 0; i < 5; i++) yield { xs: x.slice([i * 8], [8]), ys: y.slice([i * 8], [8]) };
      },
    });
    return expectSame(batches(undefined, {}, iterable as never));
  });
});

describe('callbacks', () => {
  it('that change the learning rate and stop', async () => {
    const training: Training = {
      ...arrays(undefined, { epochs: 12, validationSplit: 0.3 }),
      callbacks: () => [
        callbacks.learningRateScheduler((epoch, rate) => (epoch < 2 ? rate : rate * 0.9)),
        callbacks.reduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 0.3 }),
        callbacks.earlyStopping({ patience: 3, restoreBestWeights: true, minDelta: 0.02 }),
      ],
    };
    await expectSame(training);
    const { history } = await whole(training);
    expect(history.epoch.length).toBeLessThan(12);
    expect(new Set(history.history.learningRate).size).toBeGreaterThan(2);
  });

  it('that replace a schedule by a number', async () => {
    const { scheduled } = OPTIMIZERS;
    const fixed = {
      onEpochEnd: (epoch: number) => {
        if (epoch === 1) current.optimizer.learningRate = 0.003;
      },
    };
    let current: LayersModel;
    const training = arrays(scheduled, { epochs: 4 });
    const make = () => {
      current = training.make();
      return current;
    };
    await expectSame({ ...training, make, callbacks: () => [fixed] });
  });

  it('that write files, which have each line once', async () => {
    const written = (name: string): Training => ({
      ...arrays(undefined, { validationSplit: 0.3 }),
      callbacks: () => [
        callbacks.csvLogger({ filename: pathOf(`${name}.csv`) }),
        callbacks.modelCheckpoint({ filepath: pathOf(name), saveBestOnly: true, monitor: 'loss' }),
      ],
    });
    const expected = await whole(written('whole'));
    for (const everySteps of [3, 5]) {
      const resumed = await killed(written('killed'), everySteps);
      expect(resumed.bits).toBe(expected.bits);
      expect(readFileSync(pathOf('killed.csv'), 'utf8')).toBe(readFileSync(pathOf('whole.csv'), 'utf8'));
    }
  });

  it('that have a state of their own, in a class, in hooks and in an object', async () => {
    const seen: number[][] = [];
    class Counter extends Callback {
      logs: Float64Array = new Float64Array(0);
      override onBatchEnd(_batch: number, logs?: BatchLogs): void {
        this.logs = Float64Array.of(...this.logs, logs?.loss as number);
      }
      override getState(): unknown {
        return { logs: this.logs, $strange: [Number.NaN, -0, Number.NEGATIVE_INFINITY, null, 'text'] };
      }
      override setState(state: { logs: Float64Array; $strange: unknown }): void {
        expect(state.$strange).toEqual([Number.NaN, -0, Number.NEGATIVE_INFINITY, null, 'text']);
        this.logs = state.logs;
      }
      override onTrainEnd(): void {
        seen.push([...this.logs]);
      }
    }
    const counting = () => {
      let epochs = 0;
      return {
        onEpochEnd: () => {
          epochs++;
        },
        onTrainEnd: () => seen.push([epochs]),
        getState: async () => epochs,
        setState: (state: unknown) => {
          epochs = state as number;
        },
      };
    };
    const own = () => [new Counter(), counting(), callbacks.customCallback(counting()), new Counter()];
    await expectSame({ ...arrays(undefined), callbacks: own });
    const expected = seen.slice(0, 4);
    expect(expected.map(({ length }) => length)).toEqual([21, 1, 1, 21]);
    expect(seen.slice(-4)).toEqual(expected);
  });

  it('are called for each batch once that counts, and for the epoch that goes on', async () => {
    const calls: string[] = [];
    const log = (...parts: unknown[]) => calls.push(parts.join(' '));
    const logging: CallbackLike = {
      onTrainBegin: () => log('train'),
      onEpochBegin: (epoch) => log('epoch', epoch),
      onBatchBegin: (batch) => log('batch', batch),
      onEpochEnd: (epoch) => log('end', epoch),
      setState: () => log('state'),
      getState: () => 1,
    };
    const options = {
      epochs: 2,
      batchSize: 8,
      verbose: 0 as const,
      seed: 1,
      checkpoint: { dir: pathOf('c'), everySteps: 4 },
    };
    const first = noisyModel();
    await first.fit(x, y, { ...options, callbacks: [logging, stopAfter(first, 4)] });
    calls.length = 0;
    await noisyModel().fit(x, y, { ...options, epochs: 1, resume: true, callbacks: [logging] });
    expect(calls).toEqual(['train', 'epoch 0', 'state', 'batch 5', 'batch 6', 'end 0']);
  });
});
