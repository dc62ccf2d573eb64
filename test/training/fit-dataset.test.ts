import { beforeEach, describe, expect, it } from 'vitest';
import {
  callbacks,
  type CustomMetric,
  data,
  type FitDatasetOptions,
  input,
  type LabelledBatch,
  layers,
  model as functional,
  setEngine,
  type Tensor,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinyClassifier, tinyElements, tinySet, values } from '../support/tiny.js';

const quiet = { verbose: 0, seed: 1 } as const;

const never = () => new Promise<never>(() => {});

describe.each(ENGINES)('fitDataset on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  it('equals fit on the same samples in the same order', async () => {
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

  it('computes customMetrics over all validation samples together, of a dataset or arrays', async () => {
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

  it('copies a batch before it requests the next', async () => {
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

  it('refuses customMetrics without validation data, or under a name in use', async () => {
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

  it('trains on shuffled data, reproducibly', async () => {
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

  it('accepts any async iterable, with sample weights', async () => {
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

  it('applies class weights', async () => {
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

  it('evaluateDataset equals evaluate, however the samples are batched', async () => {
    const { x, y } = tinySet(30);
    const model = compiledClassifier();
    const scores = await model.evaluate(x, y, { batchSize: 7 });
    const byDataset = await model.evaluateDataset(tinyElements(30).batch(7));
    expect(values(byDataset)).toEqual(values(scores));
    const first = await model.evaluateDataset(tinyElements(30).batch(7), { batches: 2 });
    const expected = await model.evaluate(x.slice(0, 14), y.slice(0, 14), { batchSize: 7 });
    expect(values(first)).toEqual(values(expected));
  });

  it('gives only the loss without metrics', async () => {
    const model = tinyClassifier();
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const loss = await model.evaluateDataset<Tensor>(tinyElements(6).batch(3));
    expect(loss.shape).toEqual([]);
    expect(loss.dataSync()[0]).toBeGreaterThan(0);
  });

  it('validates on datasets, or on validationBatches of them', async () => {
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

  it('can be aborted during a step, a hook or a read', async () => {
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
