import { beforeEach, describe, expect, it } from 'vitest';
import { data, type FitEvent, type FitOptions, setEngine, type Sequential } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

describe.each(ENGINES)('fitStream on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(12);

  async function eventsOf(
    options: FitOptions,
    model: Sequential = compiledClassifier(),
  ): Promise<FitEvent[]> {
    const events: FitEvent[] = [];
    for await (const event of model.fitStream(x, y, { batchSize: 4, seed: 1, ...options }))
      events.push(event);
    return events;
  }

  it('yields the events of a training that equals fit', async () => {
    const streamed = compiledClassifier();
    const fitted = compiledClassifier();
    const events = await eventsOf({ epochs: 2, validationData: [x, y] }, streamed);
    const { history } = await fitted.fit(x, y, {
      batchSize: 4,
      seed: 1,
      epochs: 2,
      verbose: 0,
      validationData: [x, y],
    });
    const main = events.filter(({ type }) => type !== 'progress');
    const keys = ['loss', 'acc', 'val_loss', 'val_acc'];
    const logs = (epoch: number) => Object.fromEntries(keys.map((key) => [key, history[key][epoch]]));
    expect(main.slice(0, -1)).toEqual([
      { type: 'trainBegin' },
      { type: 'epochBegin', epoch: 0 },
      { type: 'epochEnd', epoch: 0, logs: logs(0) },
      { type: 'epochBegin', epoch: 1 },
      { type: 'epochEnd', epoch: 1, logs: logs(1) },
    ]);
    const last = main[main.length - 1];
    expect(last.type === 'trainEnd' && last.history.history).toEqual(history);
    expect(values(streamed.getWeights())).toEqual(values(fitted.getWeights()));
  });

  it('yields progress during an epoch', async () => {
    const events = await eventsOf({ epochs: 2 });
    const progress = events.filter((event) => event.type === 'progress');
    expect([...new Set(progress.map(({ epoch }) => epoch))]).toEqual([0, 1]);
    for (const { batches, samples, logs } of progress) {
      expect(batches).toBeGreaterThanOrEqual(1);
      expect(samples).toBe(batches * 4);
      expect(Object.keys(logs)).toEqual(['loss', 'acc']);
    }
    const place = events.findIndex(({ type }) => type === 'progress');
    expect([events[place - 1].type, events[place + 1].type]).toEqual(['epochBegin', 'epochEnd']);
  });

  it('pauses at epoch events: weights can be read, the rate set, training stopped', async () => {
    const model = compiledClassifier();
    const weights: number[][][] = [];
    let epochs = 0;
    for await (const event of model.fitStream(x, y, { epochs: 9 })) {
      if (event.type !== 'epochEnd') continue;
      epochs++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      weights.push(values(model.getWeights()));
      model.optimizer.learningRate = 0;
      model.stopTraining = epochs === 3;
    }
    expect(epochs).toBe(3);
    expect(weights[1]).toEqual(weights[0]);
  });

  it.each(['trainBegin', 'epochBegin', 'progress', 'epochEnd', 'trainEnd'])(
    'ends when the reader leaves at %s, and the model stays usable',
    async (type) => {
      const model = compiledClassifier();
      const seen: string[] = [];
      for await (const event of model.fitStream(x, y, { epochs: 2, batchSize: 1 })) {
        seen.push(event.type);
        if (event.type === type) break;
      }
      expect(seen[seen.length - 1]).toBe(type);
      expect((await model.fit(x, y, { verbose: 0 })).epoch).toEqual([0]);
    },
  );

  it("throws fit's errors", async () => {
    const model = compiledClassifier();
    await expectError(() => eventsOf({ epoch: 3 } as never, model), 'UNKNOWN_OPTION', /'epochs'/);
    await expectError(() => eventsOf({ signal: AbortSignal.abort() }, model), 'ABORTED');
    const failing = {
      onEpochEnd: () => {
        throw new RangeError('from the hook');
      },
    };
    await expect(eventsOf({ callbacks: failing }, model)).rejects.toThrow(new RangeError('from the hook'));
    const abort = new AbortController();
    const aborting = { onEpochEnd: () => abort.abort('enough') };
    const error = await expectError(
      () => eventsOf({ epochs: 5, callbacks: aborting, signal: abort.signal }, model),
      'ABORTED',
    );
    expect(error.cause).toBe('enough');
    expect((await eventsOf({}, model)).length).toBeGreaterThan(3);
  });

  it('yields the events of a training on a dataset', async () => {
    const elements = Array.from({ length: 12 }, (_, i) => ({
      xs: x.slice(i, 1).flatten(),
      ys: y.slice(i, 1).asScalar(),
    }));
    const dataset = data.array(elements).batch(5);
    const streamed = compiledClassifier();
    const fitted = compiledClassifier();
    const events: FitEvent[] = [];
    for await (const event of streamed.fitDatasetStream(dataset, { epochs: 2, seed: 1 })) events.push(event);
    const { history } = await fitted.fitDataset(dataset, { epochs: 2, seed: 1, verbose: 0 });
    expect(values(streamed.getWeights())).toEqual(values(fitted.getWeights()));
    const ends = events.flatMap((event) => (event.type === 'epochEnd' ? [event.logs.loss] : []));
    expect(ends).toEqual(history.loss);
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.length).toBeGreaterThan(0);
    expect(progress[0]).toMatchObject({ epoch: 0, samples: progress[0].batches * 5 });

    const begun: string[] = [];
    for await (const event of streamed.fitDatasetStream(dataset, { epochs: 3 })) {
      begun.push(event.type);
      if (event.type === 'epochEnd') break;
    }
    expect(begun.filter((type) => type === 'epochBegin')).toHaveLength(1);
    await expectError(async () => {
      for await (const _event of streamed.fitDatasetStream(dataset, { batches: 1 } as never)) {
        // The first event never comes.
      }
    }, 'UNKNOWN_OPTION');
  });
});
