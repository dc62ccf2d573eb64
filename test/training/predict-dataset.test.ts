import { beforeEach, describe, expect, it, vi } from 'vitest';
import { data, input, layers, model, setEngine, type Tensor, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinyClassifier, tinyElements, tinySet } from '../support/tiny.js';

describe.each(ENGINES)('predictDataset on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(10);
  const rows = x.arraySync() as number[][];

  it('equals predict on all samples, for any form of elements', async () => {
    const net = tinyClassifier();
    const expected = (await net.predict(x)).arraySync();
    const samples = data.array(rows).batch(4);
    for (const dataset of [
      samples,
      tinyElements(10).batch(3),
      samples.map((xs) => ({ xs })),
      (async function* () {
        yield x.slice([0, 0], [1, 4]);
        yield rows.slice(1);
      })(),
    ]) {
      const outputs = await net.predictDataset(dataset);
      expect(outputs.arraySync()).toEqual(expected);
    }
    const first = await net.predictDataset(samples, { batches: 2 });
    expect(first.shape).toEqual([8, 3]);
  });

  it('takes several inputs and gives several outputs', async () => {
    const [a, b] = ['xs', 'other'].map((name) => input({ shape: [1], name }));
    const sum = layers.add().apply([a, b]);
    const product = layers.multiply().apply([a, b]);
    const net = model({ inputs: [a, b], outputs: [sum, product] });
    const dataset = data.array([
      { xs: [2], other: [3] },
      { xs: [4], other: [5] },
      { xs: [6], other: [7] },
    ]);
    const outputs = await net.predictDataset<Tensor[]>(dataset.batch(2));
    expect(outputs.map((each) => each.arraySync())).toEqual([
      [[5], [9], [13]],
      [[6], [20], [42]],
    ]);
    const batch = { xs: [tensor([[1]]), tensor([[2]])], ys: 0 };
    expect((await net.predictDataset<Tensor[]>(data.array([batch])))[0].arraySync()).toEqual([[3]]);
  });

  it('prints a line with verbose: 1', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await tinyClassifier().predictDataset(data.array(rows).batch(4), { verbose: 1 });
    expect(write.mock.calls).toEqual([['Predicted  10 samples\n']]);
    write.mockRestore();
  });

  it("ends with an abort, dispose, or the dataset's error", async () => {
    const net = tinyClassifier();
    const hanging = () =>
      (async function* () {
        yield x;
        await new Promise(() => {});
      })();
    const aborted = net.predictDataset(hanging(), { signal: AbortSignal.timeout(5) });
    await expectError(() => aborted, 'ABORTED');
    await expectError(() => net.predictDataset(data.array([]), {}), 'INVALID_ARGUMENT', /gave no batches/);
    const failing = data.array(rows).map(() => {
      throw new Error('no sample');
    });
    await expect(net.predictDataset(failing)).rejects.toThrow('no sample');
    const disposed = net.predictDataset(hanging());
    setTimeout(() => net.dispose(), 5);
    await expectError(() => disposed, 'DISPOSED');
  });

  it("refuses batches that don't fit", async () => {
    const net = compiledClassifier();
    const single = /batch 0 of the dataset: xs is a single sample; batch the dataset/;
    await expectError(() => net.predictDataset(data.array(rows)), 'SHAPE_MISMATCH', single);
    await expectError(
      () => net.predictDataset(x as never),
      'INVALID_ARGUMENT',
      /^predictDataset: the dataset is an object of type Tensor;.*or call predict\(x\) with tensors/,
    );
    await expectError(
      () => net.predictDataset(data.array(rows).repeat().batch(2)),
      'INVALID_ARGUMENT',
      /never ends; set batches/,
    );
    const odd = { batchSize: 3 } as object;
    await expectError(() => net.predictDataset(data.array(rows).batch(2), odd), 'UNKNOWN_OPTION');
  });

  it('errors name predictDataset for datasets given to predict, and vice versa', async () => {
    const net = compiledClassifier();
    const dataset = tinyElements(10).batch(2) as never;
    const hint =
      /^x: an object of type Dataset is read batch by batch: give it to fitDataset, evaluateDataset or predictDataset\.$/;
    await expectError(() => net.fit(dataset, { epochs: 2 } as never), 'INVALID_ARGUMENT', hint);
    await expectError(() => net.evaluate(dataset, {} as never), 'INVALID_ARGUMENT', hint);
    await expectError(() => net.predict(dataset), 'INVALID_ARGUMENT', hint);
    await expectError(() => net.trainOnBatch(dataset, y), 'INVALID_ARGUMENT', hint);
    await expectError(
      () => net.fit(x, y, { validationData: dataset, verbose: 0 }),
      'INVALID_ARGUMENT',
      /validationData is an object of type Dataset; .*fitDataset takes a dataset/,
    );
    await expectError(
      () => net.fitDataset(x as never, y as never),
      'INVALID_ARGUMENT',
      /call fit\(x, y\) with tensors/,
    );
    await expectError(
      () => net.evaluateDataset(x as never),
      'INVALID_ARGUMENT',
      /or call evaluate\(x, y\) with tensors/,
    );
  });
});

describe('metricsNames', () => {
  it("equal the keys of logs and evaluate's order, as in TF.js", async () => {
    const { x, y } = tinySet(10);
    const net = compiledClassifier();
    expect(net.metricsNames).toEqual(['loss', 'acc']);
    expect(await net.evaluate(x, y)).toHaveLength(2);
    net.compile({ optimizer: 'sgd', loss: 'mse' });
    expect(net.metricsNames).toEqual(['loss']);
    await expectError(() => tinyClassifier().metricsNames, 'NOT_COMPILED');
  });

  it('are prefixed with the names of several outputs', () => {
    const start = input({ shape: [2] });
    const outputs = ['a', 'b'].map((name) => layers.dense({ units: 2, name }).apply(start));
    const net = model({ inputs: start, outputs });
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: { b: ['mae', 'accuracy'] } });
    expect(net.metricsNames).toEqual(['loss', 'a_loss', 'b_loss', 'b_mae', 'b_acc']);
  });
});
