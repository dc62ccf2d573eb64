import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type EvaluateOptions, type PendingTensor, setEngine, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinyClassifier, tinySet, values } from '../support/tiny.js';

describe.each(ENGINES)('on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(10);

  /** The mean of -log p[y], from predictions. */
  function crossentropy(outputs: Float32Array, labels: ArrayLike<number>): number {
    let sum = 0;
    for (let i = 0; i < labels.length; i++) sum -= Math.log(outputs[i * 3 + labels[i]]);
    return sum / labels.length;
  }

  /** The text that `run` writes to the terminal. */
  async function printed(run: () => PromiseLike<unknown>): Promise<unknown[]> {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await run();
      await new Promise((resolve) => setImmediate(resolve));
      return write.mock.calls.map(([text]) => text);
    } finally {
      write.mockRestore();
    }
  }

  describe('evaluate', () => {
    it('gives loss and metrics as pending tensors', async () => {
      const model = compiledClassifier();
      const [loss, acc] = await model.evaluate(x, y);
      const outputs = (await model.predict(x)).dataSync() as Float32Array;
      expect(loss.shape).toEqual([]);
      expect(loss.dataSync()[0]).toBeCloseTo(crossentropy(outputs, y.dataSync()), 5);
      const hits = Array.from(y.dataSync()).filter((label, i) => {
        const row = Array.from(outputs.subarray(i * 3, i * 3 + 3));
        return row.indexOf(Math.max(...row)) === label;
      });
      expect(acc.dataSync()[0]).toBeCloseTo(hits.length / 10, 6);
    });

    it('gives each synchronously with dataSync', async () => {
      const model = compiledClassifier();
      const scores = model.evaluate(x, y);
      const sync = scores.map((score) => score.dataSync()[0]);
      expect(sync).toEqual((await scores).map((score) => score.dataSync()[0]));
      expect(sync.constructor).toBe(Array);
    });

    it('gives only the loss without metrics', async () => {
      const model = tinyClassifier();
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
      const loss = model.evaluate<PendingTensor>(x, y);
      const [expected] = await compiledClassifier().evaluate(x, y);
      expect((await loss).dataSync()).toEqual(expected.dataSync());
    });

    it('does not depend on the batch size beyond rounding', async () => {
      const model = compiledClassifier();
      const [whole] = await model.evaluate(x, y, { batchSize: 1000 });
      const [parts] = await model.evaluate(x, y, { batchSize: 3 });
      expect(parts.dataSync()[0]).toBeCloseTo(whole.dataSync()[0], 5);
    });

    it('prints with verbose: 1', async () => {
      const line = expect.stringMatching(/^Evaluated {2}loss \d\.\d{4} {2}acc 0\.\d{4}\n$/);
      expect(await printed(() => compiledClassifier().evaluate(x, y, { verbose: 1 }))).toEqual([line]);
    });

    it('stops after the given steps, or at the end', async () => {
      const model = compiledClassifier();
      const scores = async (count: number, options: EvaluateOptions) => {
        const [loss, acc] = await model.evaluate(x.slice([0, 0], [count, 4]), y.slice([0], [count]), options);
        return [loss.dataSync()[0], acc.dataSync()[0]];
      };
      const sampleWeight = [5, 4, 3, 2, 1, 2, 3, 4, 5, 6];
      expect(await scores(10, { batchSize: 3, steps: 2 })).toEqual(await scores(6, { batchSize: 3 }));
      expect(await scores(10, { batchSize: 3, steps: 9 })).toEqual(await scores(10, { batchSize: 3 }));
      expect(await scores(10, { batchSize: 4, steps: 1, sampleWeight })).toEqual(
        await scores(4, { sampleWeight: sampleWeight.slice(0, 4) }),
      );
      await expectError(() => model.evaluate(x, y, { steps: 0 }), 'INVALID_ARGUMENT', /steps is 0/);
    });

    it('refuses unknown options and invalid labels, and can be aborted', async () => {
      const model = compiledClassifier();
      await expectError(
        () => model.evaluate(x, y, { batchsize: 2 } as never),
        'UNKNOWN_OPTION',
        /'batchSize'/,
      );
      await expectError(
        () => model.evaluate(x, new Float32Array(10).fill(3)),
        'INVALID_LABEL',
        /^y\[0\] is 3/,
      );
      await expectError(() => model.evaluate(x, y, { signal: AbortSignal.abort() }), 'ABORTED');
    });
  });

  describe('predict', () => {
    it('gives a row of probabilities per sample, the same for any batch size', async () => {
      const model = tinyClassifier();
      const outputs = await model.predict(x, { batchSize: 3 });
      expect(outputs.shape).toEqual([10, 3]);
      for (const row of outputs.arraySync() as number[][]) {
        expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      }
      expect(model.predictOnBatch(x).dataSync()).toEqual(outputs.dataSync());
      expect((await model.predictOnBatch([[1, 2, 3, 4]])).shape).toEqual([1, 3]);
      await expectError(() => model.predictOnBatch(1), 'SHAPE_MISMATCH', /^x has shape \[\]/);
      expect(model.predict(x.slice([4, 0], [1, 4])).dataSync()).toEqual(outputs.dataSync().slice(12, 15));
    });

    it('prints with verbose: 1', async () => {
      const model = tinyClassifier();
      for (const verbose of [true, 1, 2] as const)
        expect(await printed(() => model.predict(x, { verbose }))).toEqual(['Predicted  10 samples\n']);
      for (const verbose of [false, 0, undefined] as const)
        expect(await printed(() => model.predict(x, { verbose }))).toEqual([]);
      const verbose = 'yes' as never;
      await expectError(() => model.predict(x, { verbose }), 'INVALID_ARGUMENT', /verbose is 'yes'/);
    });

    it('continues when compile is called meanwhile', async () => {
      const model = compiledClassifier();
      const expected = model.predict(x).dataSync();
      const pending = model.predict(x);
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
      expect((await pending).dataSync()).toEqual(expected);
    });

    it('refuses other shapes, empty data and invalid options, and can be aborted', async () => {
      const model = tinyClassifier();
      await expectError(() => model.predict([[1, 2]]), 'SHAPE_MISMATCH', /^x has shape \[1, 2\]/);
      await expectError(
        () => model.predict(tensor(new Float32Array(0), [0, 4])),
        'INVALID_ARGUMENT',
        /no samples/,
      );
      await expectError(() => model.predict(x, { batchSize: 0 }), 'INVALID_ARGUMENT', /batchSize is 0/);
      await expectError(() => model.predict(x, { signal: AbortSignal.abort() }), 'ABORTED');
      expect((await model.predict(x)).shape).toEqual([10, 3]);
    });
  });

  describe('trainOnBatch', () => {
    it('makes one step and gives the loss and metrics before it', async () => {
      const model = compiledClassifier();
      const [loss, acc] = await model.evaluate(x, y, { batchSize: 10 });
      const scores = (await model.trainOnBatch(x, y)) as number[];
      expect(scores[0]).toBeCloseTo(loss.dataSync()[0], 5);
      expect(scores[1]).toBeCloseTo(acc.dataSync()[0], 5);
      const fitted = compiledClassifier();
      await fitted.fit(x, y, { batchSize: 10, shuffle: false, verbose: 0 });
      expect(values(model.getWeights())).toEqual(values(fitted.getWeights()));
    });

    it('gives a number without metrics', async () => {
      const model = tinyClassifier();
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
      expect(await model.trainOnBatch(x, y)).toBeTypeOf('number');
    });
  });
});
