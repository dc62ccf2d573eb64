import { beforeEach, describe, expect, it } from 'vitest';
import { data, type FitDatasetOptions, type LabelledBatch, setEngine } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { compiledClassifier, tinyClassifier, tinyElements, tinySet } from '../support/tiny.js';

const quiet = { verbose: 0, seed: 1 } as const;

describe('errors of fitDataset', () => {
  beforeEach(() => setEngine('native'));

  it("rethrows a generator's error, and leaves the model usable", async () => {
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

  it('closes the dataset in any case', async () => {
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

  it('lets a generator predict with the model, but not train it', async () => {
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

  it('refuses a second training meanwhile; dispose ends it', async () => {
    const model = compiledClassifier();
    const fit = model.fitDataset(tinyElements(4).batch(2).repeat(), { ...quiet, batchesPerEpoch: 1e6 });
    await expectError(() => model.fitDataset(tinyElements(4).batch(2), quiet), 'MODEL_BUSY');
    await new Promise((resolve) => setImmediate(resolve));
    model.dispose();
    await expectError(() => fit, 'DISPOSED');
  });

  it("names the batch that doesn't fit", async () => {
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

  it('refuses invalid options and datasets', async () => {
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
