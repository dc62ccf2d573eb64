import { beforeEach, describe, expect, it } from 'vitest';
import {
  type BatchLogs,
  Callback,
  type CallbackLike,
  type CallbackParams,
} from '../../lib/callbacks/index.js';
import {
  CustomCallback,
  type FitOptions,
  History,
  type Logs,
  type Sequential,
  setEngine,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

describe.each(ENGINES)('callbacks on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(10);

  async function train(options: FitOptions, model: Sequential = compiledClassifier()): Promise<History> {
    return model.fit(x, y, { verbose: 0, seed: 1, batchSize: 4, ...options });
  }

  /** Records each hook with its number and log keys. */
  function recorder(notes: unknown[], withBatches: boolean): CallbackLike {
    const note = (name: string) => (number: unknown, logs?: Logs) => {
      notes.push(typeof number === 'number' ? [name, number, Object.keys(logs ?? {})] : [name]);
    };
    const hooks: Record<string, unknown> = {};
    for (const name of ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd']) hooks[name] = note(name);
    if (withBatches) for (const name of ['onBatchBegin', 'onBatchEnd']) hooks[name] = note(name);
    return hooks as CallbackLike;
  }

  it('are called in order, with logs', async () => {
    const notes: unknown[] = [];
    await train({ epochs: 2, validationData: [x, y], callbacks: recorder(notes, false) });
    const keys = ['loss', 'acc', 'val_loss', 'val_acc'];
    expect(notes).toEqual([
      ['onTrainBegin'],
      ['onEpochBegin', 0, []],
      ['onEpochEnd', 0, keys],
      ['onEpochBegin', 1, []],
      ['onEpochEnd', 1, keys],
      ['onTrainEnd'],
    ]);
  });

  it('are called per batch if one of them has a batch hook', async () => {
    const notes: unknown[] = [];
    await train({ callbacks: [recorder(notes, true)] });
    const batch = (number: number) => [
      ['onBatchBegin', number, ['batch', 'size']],
      ['onBatchEnd', number, ['batch', 'size', 'loss', 'acc']],
    ];
    expect(notes).toEqual([
      ['onTrainBegin'],
      ['onEpochBegin', 0, []],
      ...[0, 1, 2].flatMap(batch),
      ['onEpochEnd', 0, ['loss', 'acc']],
      ['onTrainEnd'],
    ]);
  });

  it("get each batch's means; their weighted mean is the epoch's", async () => {
    const batches: BatchLogs[] = [];
    const onBatchEnd = (_batch: number, logs?: BatchLogs) => batches.push(logs as BatchLogs);
    const { history } = await train({ callbacks: { onBatchEnd } });
    expect(batches.map(({ batch, size }) => [batch, size])).toEqual([
      [0, 4],
      [1, 4],
      [2, 2],
    ]);
    for (const key of ['loss', 'acc']) {
      const mean = batches.reduce((sum, logs) => sum + logs[key] * logs.size, 0) / 10;
      expect(history[key][0]).toBeCloseTo(mean, 6);
    }
    expect(new Set(batches.map((logs) => logs.loss)).size).toBe(3);
  });

  it('may extend Callback, and have model and params set', async () => {
    class AccuracyHistory extends Callback {
      acc: number[] = [];
      seen?: [Sequential, CallbackParams];
      override onTrainBegin(): void {
        this.seen = [this.model as Sequential, this.params];
      }
      override onEpochEnd(_epoch: number, logs: Logs = {}): void {
        this.acc.push(logs.acc);
      }
    }
    const model = compiledClassifier();
    const accuracy = new AccuracyHistory();
    const { history } = await train({ epochs: 3, validationSplit: 0.2, callbacks: [accuracy] }, model);
    expect(accuracy.acc).toEqual(history.acc);
    expect(accuracy.acc).toHaveLength(3);
    expect(accuracy.seen?.[0]).toBe(model);
    expect(accuracy.seen?.[1]).toEqual({
      epochs: 3,
      initialEpoch: 0,
      samples: 8,
      steps: 2,
      mayHaveOthers: false,
      batchSize: 4,
      verbose: 0,
      doValidation: true,
      metrics: ['loss', 'acc', 'val_loss', 'val_acc'],
    });
  });

  it('may be plain objects of functions, called with the object as this', async () => {
    const seen: number[] = [];
    const counter = {
      count: undefined,
      onEpochEnd() {
        seen.push(this === counter ? 1 : 0);
      },
    };
    await expectError(
      () => train({ callbacks: counter as CallbackLike }),
      'UNKNOWN_OPTION',
      /no option 'count'/,
    );
    const { count: _, ...callback } = counter;
    const bare = { ...callback, onEpochEnd: () => seen.push(2) };
    const custom = new CustomCallback({ onEpochEnd: (epoch) => seen.push(epoch + 10) });
    await train({ callbacks: [bare, custom, new Callback(), Object.assign(Object.create(null), bare)] });
    expect(seen).toEqual([2, 10, 2]);
  });

  it('are awaited', async () => {
    const order: string[] = [];
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push('slow');
    };
    await train({ callbacks: [{ onEpochEnd: slow }, { onEpochEnd: () => order.push('quick') }] });
    expect(order).toEqual(['slow', 'quick']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new RangeError('from the hook');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('from the hook'))],
  ])('that %s make fit reject with that error, and the model stays usable', async (_how, hook) => {
    const model = compiledClassifier();
    const names = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd'];
    for (const name of names) {
      await expect(train({ callbacks: { [name]: hook } }, model)).rejects.toThrow(
        new RangeError('from the hook'),
      );
    }
    expect((await train({}, model)).epoch).toEqual([0]);
  });

  it('stop training after the epoch, or after the batch', async () => {
    const model = compiledClassifier();
    const afterEpoch = {
      onEpochEnd(epoch: number) {
        if (epoch === 1) model.stopTraining = true;
      },
    };
    expect((await train({ epochs: 9, callbacks: afterEpoch }, model)).epoch).toEqual([0, 1]);

    const batches: number[] = [];
    const ends: string[] = [];
    const afterBatch = {
      onBatchEnd(batch: number) {
        batches.push(batch);
        model.stopTraining = batch === 1;
      },
      onTrainEnd: () => ends.push('train'),
    };
    const { history } = await train({ epochs: 9, validationData: [x, y], callbacks: afterBatch }, model);
    expect(batches).toEqual([0, 1]);
    expect(ends).toEqual(['train']);
    expect(Object.keys(history)).toEqual(['loss', 'acc']);
    expect((await train({ epochs: 2 }, model)).epoch).toEqual([0, 1]);
  });

  it("refuses unknown hooks, hooks that aren't functions, and other values", async () => {
    const unknown = { onEpochEnds() {} } as CallbackLike;
    await expectError(
      () => train({ callbacks: unknown }),
      'UNKNOWN_OPTION',
      /no option 'onEpochEnds'; did you mean 'onEpochEnd'/,
    );
    class Misspelt extends Callback {
      onEpochBeginn(): void {}
    }
    await expectError(
      () => train({ callbacks: new Misspelt() }),
      'UNKNOWN_OPTION',
      /hook 'onEpochBeginn'; did you mean 'onEpochBegin'/,
    );
    await expectError(
      () => train({ callbacks: { onEpochEnd: 3 as never } }),
      'INVALID_ARGUMENT',
      /onEpochEnd is 3/,
    );
    await expectError(
      () => new CustomCallback({ onEpochEnded() {} } as never),
      'UNKNOWN_OPTION',
      /'onEpochEnd'/,
    );
    await expectError(
      () => train({ callbacks: [Callback as never] }),
      'INVALID_ARGUMENT',
      /Callback is not a callback; pass an instance/,
    );
    await expectError(
      () => train({ callbacks: [null as never] }),
      'INVALID_ARGUMENT',
      /null is not a callback/,
    );
  });
});

describe('History', () => {
  it('keeps a list of values for each key', () => {
    const history = new History();
    history.onEpochEnd(4, { loss: 2 });
    history.onEpochEnd(5, { loss: 1, val_loss: 3 });
    expect(history.epoch).toEqual([4, 5]);
    expect(history.history).toEqual({ loss: [2, 1], val_loss: [3] });
  });
});
