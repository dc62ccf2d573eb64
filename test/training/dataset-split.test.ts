import { beforeEach, describe, expect, it } from 'vitest';
import { data, type FitDatasetOptions, setEngine, type Tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinyElements, values } from '../support/tiny.js';

describe.each(ENGINES)('validationSplit of a dataset on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const quiet = { verbose: 0, seed: 1 } as const;
  const dataset = tinyElements(20).batch(4);

  it('holds out the last batches, and evaluates them after each epoch', async () => {
    const split = compiledClassifier();
    const { history } = await split.fitDataset(dataset, { ...quiet, epochs: 3, validationSplit: 0.4 });
    const apart = compiledClassifier();
    const options = { ...quiet, epochs: 3, validationData: dataset.skip(3) };
    expect((await apart.fitDataset(dataset.take(3), options)).history).toEqual(history);
    expect(values(split.getWeights())).toEqual(values(apart.getWeights()));
    expect(Object.keys(history)).toEqual(['loss', 'acc', 'val_loss', 'val_acc']);
  });

  it('reads each pass once, and never trains on held-out batches, also if shuffled', async () => {
    const seen: number[] = [];
    const watched = tinyElements(20)
      .map((element) => ({ ...element, ys: element.ys }))
      .shuffle(20, 3)
      .map((element) => {
        seen.push((element.xs as number[]).reduce((sum, value) => sum + value));
        return element;
      })
      .batch(4);
    const validated: unknown[] = [];
    const customMetrics = {
      watch: (_yTrue: Tensor, yPred: Tensor) => {
        validated.push(yPred.shape[0]);
        return 0;
      },
    };
    const options = { ...quiet, epochs: 3, validationSplit: 0.4, customMetrics };
    const { history } = await compiledClassifier().fitDataset(watched, options);
    expect(seen).toHaveLength(60);
    expect(seen.slice(20, 40)).toEqual(seen.slice(0, 20));
    expect(validated).toEqual([8, 8, 8]);
    expect(history.val_watch).toEqual([0, 0, 0]);
  });

  it('uses the same classes in validation', async () => {
    const weighed = { ...quiet, validationSplit: 0.4 };
    const plain = await compiledClassifier().fitDataset(dataset, { ...weighed, classWeight: {} });
    const heavy = await compiledClassifier().fitDataset(dataset, {
      ...weighed,
      classWeight: { 0: 0, 1: 0, 2: 0 },
    });
    expect(heavy.history.loss).toEqual([0]);
    const untrained = await compiledClassifier().evaluateDataset(dataset.skip(3));
    expect(heavy.history.val_loss[0]).toBeCloseTo(untrained[0].dataSync()[0], 6);
    expect(plain.history.val_loss[0]).not.toBe(heavy.history.val_loss[0]);
  });

  it('tells callbacks the number of steps, and respects batchesPerEpoch', async () => {
    const seen: unknown[] = [];
    const setParams = ({ steps, doValidation }: { steps: number | null; doValidation: boolean }) =>
      seen.push(steps, doValidation);
    const options = { ...quiet, validationSplit: 0.4, validationBatches: 1, callbacks: { setParams } };
    const { history } = await compiledClassifier().fitDataset(dataset, options);
    expect(seen).toEqual([3, true]);
    const one = compiledClassifier();
    const same = await one.fitDataset(dataset.take(3), {
      ...quiet,
      validationData: dataset.skip(3),
      validationBatches: 1,
    });
    expect(same.history).toEqual(history);
  });

  it('is ignored if validationData is given', async () => {
    const options = { ...quiet, validationSplit: 0.9, validationData: dataset.take(1), batchesPerEpoch: 5 };
    const { history } = await compiledClassifier().fitDataset(dataset, options);
    expect(history.val_loss).toHaveLength(1);
  });

  it.each<[string, FitDatasetOptions, RegExp]>([
    ['out of range', { validationSplit: 1 }, /validationSplit is 1; it must be a number in \[0, 1\)/],
    ['beside batchesPerEpoch', { validationSplit: 0.5, batchesPerEpoch: 2 }, /leave out batchesPerEpoch/],
    ['of too few batches', { validationSplit: 0.9 }, /0.9 of 5 batches leaves 0 for training and 5 for/],
  ])('is refused %s', (_what, options, message) =>
    expectError(
      () => compiledClassifier().fitDataset(dataset, { ...quiet, ...options }),
      'INVALID_ARGUMENT',
      message,
    ).then(() => undefined),
  );

  it('is refused if the number of batches is unknown', async () => {
    const unsized = dataset.filter(() => true);
    for (const each of [unsized, { [Symbol.asyncIterator]: () => unsized[Symbol.asyncIterator]() }]) {
      await expectError(
        () => compiledClassifier().fitDataset(each, { ...quiet, validationSplit: 0.5 }),
        'INVALID_ARGUMENT',
        /the number of batches is unknown; split the dataset first, with dataset\.split/,
      );
    }
    const endless = data.array([1]).repeat() as never;
    await expectError(
      () => compiledClassifier().fitDataset(endless, { ...quiet, validationSplit: 0.5 }),
      'INVALID_ARGUMENT',
      /never ends/,
    );
  });
});
