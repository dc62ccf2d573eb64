import { beforeEach, describe, expect, it } from 'vitest';
import { data, layers, sequential, setEngine } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

const HOOKS = ['onTrainBegin', 'onEpochBegin', 'onBatchBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd'];

describe.each(ENGINES)('a model that trains, on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(30);
  const quiet = { verbose: 0, seed: 1 } as const;

  it('refuses changes until fit ends', async () => {
    const model = compiledClassifier();
    const weights = model.getWeights();
    const training = model.fit(x, y, quiet);
    const changes = [
      () => model.fit(x, y, quiet),
      () => model.trainOnBatch(x, y),
      () => model.setWeights(weights),
      () => model.layers[0].setWeights(weights.slice(0, 2)),
      () => model.getWeights(),
      () => model.compile({ optimizer: 'sgd', loss: 'mse' }),
      () => model.add(layers.dense({ units: 2 })),
    ];
    for (const change of changes) await expectError(change, 'MODEL_BUSY', /tiny is training/);
    await training;
    model.setWeights(weights);
    await model.fit(x, y, quiet);
  });

  it('predicts and evaluates', async () => {
    const model = compiledClassifier();
    const training = model.fit(x, y, { ...quiet, epochs: 3 });
    const outputs = await model.predict(x);
    expect(outputs.shape).toEqual([30, 3]);
    expect(await model.evaluate(x, y)).toHaveLength(2);
    await training;
  });

  it('allows weight access in callbacks, but no other training', async () => {
    const model = compiledClassifier();
    const seen: string[] = [];
    const onEpochEnd = async () => {
      const weights = model.getWeights();
      const before = (await model.predict(x)).dataSync();
      model.setWeights(weights.map((weight) => weight.mul(0)));
      expect((await model.predict(x)).dataSync()).not.toEqual(before);
      await expectError(() => model.fit(x, y, quiet), 'MODEL_BUSY');
      await expectError(() => model.compile({ optimizer: 'sgd', loss: 'mse' }), 'MODEL_BUSY');
      seen.push('end');
    };
    await model.fit(x, y, { ...quiet, callbacks: { onEpochEnd } });
    expect(seen).toEqual(['end']);
    expect(
      values(model.getWeights())
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
  });

  it('may be disposed, and fit then rejects', async () => {
    const running = compiledClassifier();
    const training = running.fit(x, y, { ...quiet, epochs: 1000 });
    running.dispose();
    running.dispose();
    await expectError(() => training, 'DISPOSED');

    const paused = compiledClassifier();
    const callbacks = { onEpochEnd: () => paused.dispose() };
    await expectError(
      () => paused.fit(x, y, { ...quiet, epochs: 2, callbacks }),
      'DISPOSED',
      /tiny was disposed/,
    );
  });

  it.each(HOOKS)(
    'can be disposed while %s never settles, or a dataset never answers: fit rejects',
    async (hook) => {
      const never = () => new Promise<never>(() => {});
      const dataset = async function* () {
        yield { xs: x, ys: y };
        await never();
      };
      const shared = layers.dense({ units: 3, activation: 'softmax', name: 'shared', inputShape: [4] });
      const other = sequential({ layers: [shared] });
      for (const way of ['fit', 'fitDataset', 'fitStream', 'a dataset'] as const) {
        const model = sequential({ name: 'tiny', layers: [shared] });
        model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
        let reached = () => {};
        const waiting = new Promise<void>((resolve) => {
          reached = resolve;
        });
        const hang = () => {
          reached();
          return never();
        };
        const options = { ...quiet, callbacks: { [hook]: hang } };
        const run = {
          fit: () => model.fit(x, y, options),
          fitDataset: () => model.fitDataset(data.array([{ xs: x, ys: y }]), options),
          fitStream: async () => {
            for await (const _ of model.fitStream(x, y, options));
          },
          'a dataset': () => {
            const onBatchEnd = () => reached();
            const endless = { [Symbol.asyncIterator]: dataset };
            return model.fitDataset(endless, { ...quiet, callbacks: { onBatchEnd } });
          },
        }[way];
        const fit = expectError(run, 'DISPOSED', /tiny was disposed/);
        await waiting;
        model.dispose();
        await fit;
        // Other models keep using its layers.
        expect(shared.getWeights()[0].shape).toEqual([4, 3]);
        expect((await other.predict(x)).shape).toEqual([30, 3]);
      }
    },
  );
});

describe.each(ENGINES)('an abort on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(30);
  const quiet = { verbose: 0, seed: 1 } as const;

  it('before fit changes nothing', async () => {
    const model = compiledClassifier();
    const before = values(model.getWeights());
    const error = await expectError(
      () => model.fit(x, y, { ...quiet, signal: AbortSignal.abort('no time') }),
      'ABORTED',
    );
    expect(error.cause).toBe('no time');
    expect(values(model.getWeights())).toEqual(before);
  });

  it('ends fit and leaves the model usable, with the weights of the last complete step', async () => {
    const model = compiledClassifier();
    const control = new AbortController();
    let atAbort: number[][] = [];
    const onBatchEnd = (batch: number) => {
      if (batch !== 2) return;
      atAbort = values(model.getWeights());
      control.abort();
    };
    const options = { ...quiet, batchSize: 4, callbacks: { onBatchEnd }, signal: control.signal };
    await expectError(() => model.fit(x, y, options), 'ABORTED');
    expect(values(model.getWeights())).toEqual(atAbort);
    await model.fit(x, y, quiet);
  });

  it('ends a long epoch', async () => {
    const model = compiledClassifier();
    const control = new AbortController();
    const training = model.fit(x, y, { ...quiet, epochs: 1e6, signal: control.signal });
    setTimeout(() => control.abort(), 5);
    await expectError(() => training, 'ABORTED');
  });

  it('ends the wait for a callback that never settles', async () => {
    const model = compiledClassifier();
    const control = new AbortController();
    const onEpochBegin = () => {
      setImmediate(() => control.abort());
      return new Promise(() => {});
    };
    const options = { ...quiet, callbacks: { onEpochBegin }, signal: control.signal };
    await expectError(() => model.fit(x, y, options), 'ABORTED');

    const early = new AbortController();
    const onEpochEnd = () => {
      early.abort();
      return new Promise(() => {});
    };
    const others = { ...quiet, callbacks: { onEpochEnd }, signal: early.signal };
    await expectError(() => model.fit(x, y, others), 'ABORTED');
    await model.fit(x, y, quiet);
  });
});
