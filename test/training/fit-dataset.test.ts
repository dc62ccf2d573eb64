import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  callbacks,
  type CustomMetric,
  data,
  type FitDatasetOptions,
  input,
  type LabelledBatch,
  layers,
  type Logs,
  model as functional,
  setEngine,
  type Tensor,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinyClassifier, tinySet, values } from '../support/tiny.js';

const quiet = { verbose: 0, seed: 1 } as const;

/** The tiny set, sample by sample. */
function tinyElements(count: number) {
  const { x, y } = tinySet(count);
  const rows = x.arraySync() as number[][];
  return data.array(rows.map((xs, i) => ({ xs, ys: y.dataSync()[i] })));
}

const never = () => new Promise<never>(() => {});

describe.each(ENGINES)('fitDataset on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  it('does what fit does on the same samples in the same order', async () => {
    const { x, y } = tinySet(30);
    const byFit = compiledClassifier();
    const options = { ...quiet, epochs: 3, validationData: [x, y] as const };
    const fitted = await byFit.fit(x, y, { ...options, batchSize: 7, shuffle: false });
    const byDataset = compiledClassifier();
    const { history, epoch } = await byDataset.fitDataset(tinyElements(30).batch(7), {
      ...options,
      validationBatchSize: 7,
    });
    expect(values(byDataset.getWeights())).toEqual(values(byFit.getWeights()));
    expect(epoch).toEqual([0, 1, 2]);
    expect(Object.keys(history)).toEqual(['loss', 'acc', 'val_loss', 'val_acc']);
    expect(history).toEqual(fitted.history);
  });

  it('measures customMetrics on all validation samples together, of a dataset and of arrays', async () => {
    const { x, y } = tinySet(11);
    const seen: string[] = [];
    const spy: CustomMetric = (yTrue, yPred) => {
      seen.push(`${yTrue.dtype} [${yTrue.shape}] [${yPred.shape}] ${yTrue.dataSync().join('')}`);
      return yPred.max(-1).sum().dataSync()[0];
    };
    const run = async (validationData: FitDatasetOptions['validationData']) => {
      const stopping = callbacks.earlyStopping({ monitor: 'val_spy', mode: 'max', patience: 9 });
      const options = { ...quiet, epochs: 2, validationData, customMetrics: { spy }, callbacks: stopping };
      return (await compiledClassifier().fitDataset(tinyElements(20).batch(7), options)).history;
    };
    const byDataset = await run(tinyElements(11).batch(4));
    const byArrays = await run([x, y]);
    expect(Object.keys(byDataset)).toEqual(['loss', 'acc', 'val_loss', 'val_acc', 'val_spy']);
    expect(byDataset.val_spy).toHaveLength(2);
    for (const [epoch, value] of byDataset.val_spy.entries())
      expect(value).toBeCloseTo(byArrays.val_spy[epoch], 5);
    expect(new Set(seen)).toEqual(new Set([`int32 [11] [11,3] ${y.dataSync().join('')}`]));
  });

  it('copies a batch before it asks for the next', async () => {
    const xs = new Float32Array(12);
    const ys = new Int32Array(3);
    const reused = {
      async *[Symbol.asyncIterator]() {
        for (let batch = 0; batch < 3; batch++) {
          xs.fill(batch);
          ys.fill(batch);
          yield { xs: tensor(xs, [3, 4]), ys: tensor(ys, [3], 'int32') };
        }
      },
    };
    const classes: CustomMetric = (yTrue) => Number(yTrue.dataSync().join(''));
    const options = { ...quiet, validationData: reused, customMetrics: { classes } };
    const { history } = await compiledClassifier().fitDataset(tinyElements(8).batch(4), options);
    expect(history.val_classes).toEqual([111_222]);
  });

  it('refuses customMetrics without validation data, or under a name that is taken', async () => {
    const fitting = (options: FitDatasetOptions) => () =>
      compiledClassifier().fitDataset(tinyElements(8).batch(4), { ...quiet, ...options });
    await expectError(fitting({ customMetrics: { score: () => 1 } }), 'INVALID_ARGUMENT', /validationData/);
    const validationData = tinyElements(4).batch(4);
    await expectError(
      fitting({ validationData, customMetrics: { acc: () => 1 } }),
      'INVALID_ARGUMENT',
      /'val_acc' already/,
    );
  });

  it('trains on shuffled data, the same from run to run', async () => {
    const run = async (seed: number, epochs = [2]) => {
      const model = compiledClassifier();
      let initialEpoch = 0;
      for (const end of epochs) {
        const dataset = tinyElements(30).shuffle(30, seed).batch(4).prefetch(2);
        await model.fitDataset(dataset, { ...quiet, initialEpoch, epochs: end });
        initialEpoch = end;
      }
      return values(model.getWeights());
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
    expect(await run(5, [1, 2])).toEqual(first);
  });

  it('takes any async iterable, with sample weights', async () => {
    const { x, y } = tinySet(8);
    const sampleWeight = [1, 0, 2, 1, 0, 3, 1, 1];
    async function* batches(): AsyncGenerator<LabelledBatch> {
      yield { xs: x, ys: y, sampleWeight };
    }
    const streamed = compiledClassifier();
    await streamed.fitDataset(batches(), quiet);
    const fitted = compiledClassifier();
    await fitted.fit(x, y, { ...quiet, batchSize: 8, shuffle: false, sampleWeight });
    expect(values(streamed.getWeights())).toEqual(values(fitted.getWeights()));
  });

  it('weighs classes', async () => {
    const { x, y } = tinySet(12);
    const classWeight = { 0: 3, 2: 0.5 };
    const streamed = compiledClassifier();
    await streamed.fitDataset(tinyElements(12).batch(4), { ...quiet, classWeight });
    const fitted = compiledClassifier();
    await fitted.fit(x, y, { ...quiet, batchSize: 4, shuffle: false, classWeight });
    expect(values(streamed.getWeights())).toEqual(values(fitted.getWeights()));
  });

  it('feeds models of several inputs and outputs, by name or in their order', async () => {
    const a = input({ shape: [2], name: 'a' });
    const b = input({ shape: [2], name: 'b' });
    const joined = layers.add().apply([a, b]);
    const p = layers.dense({ units: 1, name: 'p' }).apply(joined);
    const q = layers.dense({ units: 2, name: 'q' }).apply(joined);
    const model = functional({ inputs: [a, b], outputs: [p, q] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const named = data.array([{ xs: { a: [1, 2], b: [3, 5] }, ys: { p: 1, q: [0, 1] } }]).batch(1);
    const { history } = await model.fitDataset(named, quiet);
    expect(Object.keys(history)).toEqual(['loss', 'p_loss', 'q_loss']);
    const listed = data.array([{ xs: [tensor([1, 2]), tensor([3, 5])], ys: [tensor([1]), tensor([0, 1])] }]);
    const evaluated = await model.evaluateDataset(listed.batch(1));
    const again = await model.evaluateDataset(named);
    expect(evaluated.map((score) => score.dataSync()[0])).toEqual(again.map((score) => score.dataSync()[0]));
    expect(evaluated).toHaveLength(3);
  });

  it('evaluates as evaluate does, however the samples are batched', async () => {
    const { x, y } = tinySet(30);
    const model = compiledClassifier();
    const scores = await model.evaluate(x, y, { batchSize: 7 });
    const byDataset = await model.evaluateDataset(tinyElements(30).batch(7));
    expect(values(byDataset)).toEqual(values(scores));
    const first = await model.evaluateDataset(tinyElements(30).batch(7), { batches: 2 });
    const expected = await model.evaluate(x.slice(0, 14), y.slice(0, 14), { batchSize: 7 });
    expect(values(first)).toEqual(values(expected));
  });

  it('gives the loss alone where there are no metrics', async () => {
    const model = tinyClassifier();
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const loss = await model.evaluateDataset<Tensor>(tinyElements(6).batch(3));
    expect(loss.shape).toEqual([]);
    expect(loss.dataSync()[0]).toBeGreaterThan(0);
  });

  it('validates on datasets, a part of them if asked to', async () => {
    const model = compiledClassifier();
    const validationData = tinyElements(12).batch(5);
    const { history } = await model.fitDataset(tinyElements(6).batch(3), { ...quiet, validationData });
    const whole = await model.evaluateDataset(validationData);
    expect([history.val_loss[0], history.val_acc[0]].map(Math.fround)).toEqual(values(whole).flat());
    const options = { ...quiet, validationData, validationBatches: 1 };
    const other = compiledClassifier();
    const part = await other.fitDataset(tinyElements(6).batch(3), options);
    const scores = await other.evaluateDataset(validationData, { batches: 1 });
    expect(Math.fround(part.history.val_loss[0])).toBe(scores[0].dataSync()[0]);
    expect(part.history.val_loss[0]).not.toBe(history.val_loss[0]);
  });

  it('aborts while a step, a hook or the dataset keeps it waiting', async () => {
    const waiting: ((stop: AbortController) => AsyncIterable<LabelledBatch>)[] = [
      (stop) =>
        data.generator<LabelledBatch>(() => ({
          next: () => {
            stop.abort();
            return never();
          },
        })),
      (stop) => {
        let batches = 0;
        const endless = tinyElements(4).batch(2).repeat();
        return endless.map((batch) => {
          if (++batches === 5) stop.abort();
          return batch;
        });
      },
    ];
    for (const make of waiting) {
      const stop = new AbortController();
      const model = compiledClassifier();
      const options = { ...quiet, batchesPerEpoch: 1e6, signal: stop.signal };
      await expectError(() => model.fitDataset(make(stop), options), 'ABORTED');
      await model.fitDataset(tinyElements(4).batch(2), quiet);
      const another = new AbortController();
      const evaluating = { batches: 1e6, signal: another.signal };
      await expectError(() => model.evaluateDataset(make(another), evaluating), 'ABORTED');
    }
    const before = { ...quiet, signal: AbortSignal.abort() };
    await expectError(() => compiledClassifier().fitDataset(tinyElements(4).batch(2), before), 'ABORTED');
  });
});

describe('fitDataset', () => {
  beforeEach(() => setEngine('native'));
  afterEach(() => vi.restoreAllMocks());

  /** Fits and gives the sizes of all batches by epoch. */
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

  it('passes over the dataset in each epoch', async () => {
    const { epochs } = await batchesSeen(tinyElements(5).batch(2), { epochs: 2 });
    expect(epochs).toEqual([
      [2, 2, 1],
      [2, 2, 1],
    ]);
  });

  it('goes on from epoch to epoch with batchesPerEpoch, and takes no more than it needs', async () => {
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

  it('reads the next batch while a step runs', async () => {
    const events: string[] = [];
    const dataset = tinyElements(6)
      .batch(2)
      .map((batch) => {
        events.push('read');
        return batch;
      });
    const model = compiledClassifier();
    const { state } = model;
    const program = state.programToTrain;
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

  it('tells callbacks what it knows', async () => {
    const seen: unknown[] = [];
    const callbacks = { setParams: (params: object) => seen.push(params) };
    const dataset = tinyElements(6).batch(4);
    await compiledClassifier().fitDataset(dataset, { ...quiet, callbacks, validationData: dataset });
    const unsized = dataset.filter(() => true);
    await compiledClassifier().fitDataset(unsized, { ...quiet, callbacks, epochs: 2, initialEpoch: 1 });
    const params = { samples: null, batchSize: null, verbose: 0 };
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

  it('stops when it is told to, without validating half an epoch', async () => {
    const model = compiledClassifier();
    const onBatchEnd = (batch: number) => {
      model.stopTraining = batch === 1;
    };
    const dataset = tinyElements(12).batch(2);
    const options = { ...quiet, epochs: 3, validationData: dataset, callbacks: { onBatchEnd } };
    const { history } = await model.fitDataset(dataset, options);
    expect(history).toEqual({ loss: [expect.any(Number)], acc: [expect.any(Number)] });
  });

  it('ends at a loss that is no number, with the weights from before', async () => {
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
      message: expect.stringMatching(/step 2 in epoch 1/),
    });
    const other = compiledClassifier();
    await other.fitDataset(data.array<LabelledBatch>([good]), quiet);
    expect(values(model.getWeights())).toEqual(values(other.getWeights()));
  });

  it('shows lines by epoch', async () => {
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

  it('passes on what a generator throws, and the model goes on being usable', async () => {
    const model = compiledClassifier();
    const broken = (fail: () => Promise<never>) =>
      data.generator(async function* (): AsyncGenerator<LabelledBatch> {
        yield* tinyElements(4).batch(2);
        await fail();
      });
    const throws = broken(() => {
      throw new RangeError('out of film');
    });
    await expect(model.fitDataset(throws, quiet)).rejects.toThrow(RangeError);
    const rejects = broken(() => Promise.reject(new Error('no signal')));
    await expect(model.evaluateDataset(rejects)).rejects.toThrow('no signal');
    await expect(
      model.fitDataset(tinyElements(4).batch(2), { ...quiet, validationData: rejects }),
    ).rejects.toThrow('no signal');
    await model.fitDataset(tinyElements(4).batch(2), quiet);
  });

  it('closes the dataset whatever happens', async () => {
    let open = 0;
    const dataset = data.generator(function* (): Generator<LabelledBatch> {
      open++;
      try {
        for (;;) yield { xs: [[1, 2, 3, 4]], ys: [1] };
      } finally {
        open--;
      }
    });
    const fits: FitDatasetOptions[] = [
      { batchesPerEpoch: 2, epochs: 2 },
      {
        batchesPerEpoch: 2,
        callbacks: {
          onBatchEnd() {
            throw new Error('enough');
          },
        },
      },
    ];
    const outcomes = await Promise.allSettled(
      fits.map((options) => compiledClassifier().fitDataset(dataset, { ...quiet, ...options })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(open).toBe(0);
  });

  it('a generator may predict with the model, and not train it', async () => {
    const model = compiledClassifier();
    const { x } = tinySet(3);
    const predicting = tinyElements(6)
      .batch(2)
      .map(async (batch) => {
        await model.predict(x);
        return batch;
      });
    await model.fitDataset(predicting, quiet);
    const training = predicting.map(async (batch) => {
      await model.fitDataset(predicting, quiet);
      return batch;
    });
    await expectError(() => model.fitDataset(training, quiet), 'MODEL_BUSY');
    await model.fitDataset(predicting, quiet);
  });

  it('a second training meanwhile is refused; dispose ends it', async () => {
    const model = compiledClassifier();
    const fit = model.fitDataset(tinyElements(4).batch(2).repeat(), { ...quiet, batchesPerEpoch: 1e6 });
    await expectError(() => model.fitDataset(tinyElements(4).batch(2), quiet), 'MODEL_BUSY');
    await new Promise((resolve) => setImmediate(resolve));
    model.dispose();
    await expectError(() => fit, 'DISPOSED');
  });

  it('names the batch that does not fit', async () => {
    const fitting = (elements: unknown[]) => () =>
      compiledClassifier().fitDataset(data.array(elements) as AsyncIterable<LabelledBatch>, quiet);
    const good = { xs: [[1, 2, 3, 4]], ys: [1] };
    await expectError(
      fitting([good, { xs: [[1, 2]], ys: [1] }]),
      'SHAPE_MISMATCH',
      /xs in batch 1 of the dataset has shape \[1, 2\], but the model takes samples of 4: \[n, 4\]/,
    );
    await expectError(
      fitting([{ xs: [1, 2, 3, 4], ys: 1 }]),
      'SHAPE_MISMATCH',
      /batch 0 of the dataset: xs is a single sample; batch the dataset/,
    );
    await expectError(
      fitting([{ ...good, ys: [1, 2] }]),
      'SHAPE_MISMATCH',
      /xs in batch 0 of the dataset has 1 samples, but ys in batch 0 of the dataset has 2/,
    );
    await expectError(
      fitting([{ ...good, ys: [3] }]),
      'INVALID_LABEL',
      /ys in batch 0 of the dataset\[0\] is 3/,
    );
    await expectError(
      fitting([good, 5]),
      'INVALID_ARGUMENT',
      /batch 1 of the dataset: it is 5; give elements/,
    );
    await expectError(fitting([[good.xs, good.ys]]), 'INVALID_ARGUMENT', /give elements \{xs, ys\}/);
    await expectError(fitting([{ ...good, weight: 1 }]), 'UNKNOWN_OPTION', /no option 'weight'/);
    await expectError(fitting([]), 'INVALID_ARGUMENT', /the dataset gave no batches/);
    await expectError(
      () => compiledClassifier().evaluateDataset(data.array<LabelledBatch>([])),
      'INVALID_ARGUMENT',
      /gave no batches/,
    );
  });

  it('refuses options and datasets that are none', async () => {
    const dataset = tinyElements(4).batch(2);
    const fitting =
      (options: object, from: unknown = dataset) =>
      () =>
        compiledClassifier().fitDataset(from as typeof dataset, { ...quiet, ...options });
    await expectError(
      fitting({ batchSize: 3 }),
      'UNKNOWN_OPTION',
      /fitDataset: there is no option 'batchSize'/,
    );
    await expectError(fitting({ batchesPerEpoch: 0 }), 'INVALID_ARGUMENT', /batchesPerEpoch is 0/);
    await expectError(fitting({ epochs: 1.5 }), 'INVALID_ARGUMENT', /epochs is 1\.5/);
    await expectError(fitting({ validationBatchSize: -1 }), 'INVALID_ARGUMENT', /validationBatchSize is -1/);
    await expectError(fitting({ validationData: [1] }), 'INVALID_ARGUMENT', /must be \[x, y\]/);
    await expectError(
      fitting({ validationData: 3 }),
      'INVALID_ARGUMENT',
      /validationData is 3; give a Dataset/,
    );
    await expectError(fitting({}, [1, 2]), 'INVALID_ARGUMENT', /the dataset is \[1, 2\]; give a Dataset/);
    await expectError(fitting({}, dataset.repeat()), 'INVALID_ARGUMENT', /never ends; set batchesPerEpoch/);
    const endless = { validationData: dataset.repeat() };
    await expectError(
      fitting(endless),
      'INVALID_ARGUMENT',
      /validationData never ends; set validationBatches/,
    );
    const evaluate = (options: object) => () => compiledClassifier().evaluateDataset(dataset, options);
    await expectError(evaluate({ batches: 0 }), 'INVALID_ARGUMENT', /batches is 0/);
    await expectError(evaluate({ batch: 1 }), 'UNKNOWN_OPTION', /did you mean 'batches'/);
    await expectError(() => tinyClassifier().fitDataset(dataset, quiet), 'NOT_COMPILED');
  });
});
