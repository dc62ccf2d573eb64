import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  callbacks,
  data,
  type FitDatasetOptions,
  type LabelledBatch,
  type Logs,
  setEngine,
} from '../../lib/index.js';
import { compiledClassifier, tinyElements, values } from '../support/tiny.js';

const quiet = { verbose: 0, seed: 1 } as const;

describe('epochs of fitDataset', () => {
  beforeEach(() => setEngine('native'));
  afterEach(() => vi.restoreAllMocks());

  /** Fits, and returns the sizes of all batches by epoch. */
  async function batchesSeen(dataset: AsyncIterable<LabelledBatch>, options: FitDatasetOptions) {
    const epochs: number[][] = [];
    const model = compiledClassifier();
    const callbacks = {
      onEpochBegin: () => epochs.push([]),
      onBatchEnd: (_: number, logs?: Logs) => epochs.at(-1)?.push(logs?.size ?? -1),
    };
    const { history } = await model.fitDataset(dataset, { ...quiet, ...options, callbacks });
    return { epochs, history };
  }

  it('iterates over the dataset in each epoch', async () => {
    const { epochs } = await batchesSeen(tinyElements(5).batch(2), { epochs: 2 });
    expect(epochs).toEqual([
      [2, 2, 1],
      [2, 2, 1],
    ]);
  });

  it('continues across epochs with batchesPerEpoch, and reads no more than needed', async () => {
    let read = 0;
    const dataset = tinyElements(5)
      .batch(2)
      .repeat()
      .map((batch) => {
        read++;
        return batch;
      });
    const { epochs } = await batchesSeen(dataset, { batchesPerEpoch: 2, epochs: 3 });
    expect(epochs).toEqual([
      [2, 2],
      [1, 2],
      [2, 1],
    ]);
    expect(read).toBe(6);
  });

  it('ends with a warning when the data runs out', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { epochs, history } = await batchesSeen(tinyElements(5).batch(2), {
      batchesPerEpoch: 2,
      epochs: 3,
    });
    expect(epochs).toEqual([[2, 2], [1]]);
    expect(history.loss).toHaveLength(2);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/ended after 1 of 2 batches of epoch 2/)]]);
    const exact = await batchesSeen(tinyElements(4).batch(2), { batchesPerEpoch: 2, epochs: 3 });
    expect(exact.epochs).toEqual([[2, 2]]);
    expect(warn).toHaveBeenLastCalledWith(expect.stringMatching(/it has no batches for epoch 2/));
  });

  it('reads the next batch during a step', async () => {
    const events: string[] = [];
    const dataset = tinyElements(6)
      .batch(2)
      .map((batch) => {
        events.push('read');
        return batch;
      });
    const model = compiledClassifier();
    const { state } = model;
    const { program } = state;
    const train = program.train.bind(program);
    vi.spyOn(program, 'train').mockImplementation(async (run) => {
      events.push('begin');
      const totals = await train(run);
      // The step lasts until the next batch has been read.
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      events.push('end');
      return totals;
    });
    await model.fitDataset(dataset, quiet);
    expect(events).toEqual(['read', 'begin', 'read', 'end', 'begin', 'read', 'end', 'begin', 'end']);
  });

  it('passes callbacks the known parameters', async () => {
    const seen: unknown[] = [];
    const callbacks = { setParams: (params: object) => seen.push(params) };
    const dataset = tinyElements(6).batch(4);
    await compiledClassifier().fitDataset(dataset, { ...quiet, callbacks, validationData: dataset });
    const unsized = dataset.filter(() => true);
    await compiledClassifier().fitDataset(unsized, { ...quiet, callbacks, epochs: 2, initialEpoch: 1 });
    const params = { samples: null, batchSize: null, verbose: 0, mayHaveOthers: false };
    expect(seen).toEqual([
      {
        ...params,
        epochs: 1,
        initialEpoch: 0,
        steps: 2,
        doValidation: true,
        metrics: ['loss', 'acc', 'val_loss', 'val_acc'],
      },
      { ...params, epochs: 2, initialEpoch: 1, steps: null, doValidation: false, metrics: ['loss', 'acc'] },
    ]);
  });

  it('stops at stopTraining, without validating a partial epoch', async () => {
    const model = compiledClassifier();
    const onBatchEnd = (batch: number) => {
      model.stopTraining = batch === 1;
    };
    const dataset = tinyElements(12).batch(2);
    const options = { ...quiet, epochs: 3, validationData: dataset, callbacks: { onBatchEnd } };
    const { history } = await model.fitDataset(dataset, options);
    expect(history).toEqual({ loss: [expect.any(Number)], acc: [expect.any(Number)] });
  });

  it('ends at a NaN loss, with the weights before that step', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = compiledClassifier();
    const [good] = await tinyElements(4).batch(4).toArray();
    const bad = { xs: [[1, Number.NaN, 0, 0]], ys: [1] };
    const watch = callbacks.terminateOnNaN();
    const options = { ...quiet, epochs: 3, callbacks: watch };
    await model.fitDataset(data.array<LabelledBatch>([good, bad, good]), options);
    expect(watch.report).toMatchObject({
      epoch: 0,
      step: 1,
      message: expect.stringMatching(/step 2 of 3 in epoch 1/),
    });
    const other = compiledClassifier();
    await other.fitDataset(data.array<LabelledBatch>([good]), quiet);
    expect(values(model.getWeights())).toEqual(values(other.getWeights()));
  });

  it('prints a line per epoch', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const dataset = tinyElements(6).batch(3);
    await compiledClassifier().fitDataset(dataset, { verbose: 2, epochs: 2 });
    await compiledClassifier().evaluateDataset(dataset, { verbose: 1 });
    const lines = write.mock.calls.map(([line]) => String(line));
    expect(lines).toEqual([
      expect.stringMatching(/^Epoch 1\/2 {2}loss .* acc .* samples\/s\n$/),
      expect.stringMatching(/^Epoch 2\/2 /),
      expect.stringMatching(/^Evaluated {2}loss .* acc /),
    ]);
  });
});
