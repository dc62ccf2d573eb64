import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';
import type { Program, Totals } from '../../lib/program/engine.js';
import { philox } from '../../lib/random/philox.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  dropout,
  pool2d,
  rescaling,
  reshape,
  training,
} from '../support/chain.js';
import {
  ADAM,
  MOMENTUM,
  COUNT,
  CLASSIFIER,
  upTo,
  samplesOf,
  create,
  data,
  run,
  expectRefusal,
  refusal,
} from '../support/engine-runs.js';
import { ENGINES } from '../support/engines.js';
import { expectClose, randomIntegers } from '../support/numeric.js';

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  describe('training', () => {
    test('in parts that continue the totals gives those of one run, bit for bit', async () => {
      const { x, y } = data();
      const run = { x, y, batchSize: 5, seed: 3 };
      const whole = await create(CLASSIFIER).train({ ...run, order: upTo(COUNT) });
      const program = create(CLASSIFIER);
      let totals: Totals | undefined;
      for (const [first, end] of [
        [0, 5],
        [5, 20],
        [20, COUNT],
      ])
        totals = await program.train({ ...run, order: upTo(COUNT).subarray(first, end), totals });
      expect(totals).toEqual(whole);
    });

    test('sums losses and metrics over all samples, including a smaller last batch', async () => {
      const description = chain([1], [dense(1, { bias: false })], {
        ...training('halfSquaredError', {
          metrics: [
            { kind: 'mean', loss: { kind: 'meanSquaredError' } },
            { kind: 'binaryAccuracy', threshold: 0.5 },
          ],
        }),
        optimizer: { kind: 'sgd', learningRate: 0, momentum: 0, nesterov: false },
      });
      const program = currentEngine().createProgram(description);
      program.writeWeights([new Float32Array([2])]);
      const totals = await program.train({
        x: [samplesOf([3, 1], 'float32', new Float32Array([1, 2, 3]))],
        y: [samplesOf([3, 1], 'float32', new Float32Array([1, 0, 4]))],
        batchSize: 2,
        order: upTo(3),
        seed: 0,
      });
      // Outputs 2, 4, 6; differences 1, 4, 2.
      expect(totals).toEqual({
        samples: 3,
        batches: 2,
        loss: 10.5,
        losses: [10.5],
        metrics: [
          [21, 3],
          [2, 3],
        ],
      });
    });

    test('uses the samples of `order`, in that order', async () => {
      const description = chain([1], [dense(1, { bias: false })], training('halfSquaredError'));
      const program = currentEngine().createProgram(description);
      const totals = await program.train({
        x: [samplesOf([3, 1], 'float32', new Float32Array([1, 1, 1]))],
        y: [samplesOf([3, 1], 'float32', new Float32Array([2, 100, 4]))],
        batchSize: 1,
        order: new Uint32Array([2, 0, 2]),
        seed: 0,
      });
      // With a learning rate of 1, the weight becomes each target in turn: 0 -> 4 -> 2 -> 4, with losses of
      // 16, 4 and 4, halved.
      expect(totals).toEqual({ samples: 3, batches: 3, loss: 12, losses: [12], metrics: [] });
      expect(program.readWeights()).toEqual([new Float32Array([4])]);
      expect(program.readOptimizer().iterations).toBe(3);
    });

    test('is bit-reproducible by seed', async () => {
      const description = chain(
        [4],
        [dense(16), dropout(0.5), dense(3), activation('softmax')],
        CLASSIFIER.training,
      );
      const trained = async (seed: number) => {
        const program = create(description);
        await program.train(run({ seed }));
        return program.readWeights();
      };
      const first = await trained(3);
      expect(await trained(3)).toEqual(first);
      expect(await trained(4)).not.toEqual(first);
      expect(await trained(2 ** 32 + 3)).not.toEqual(first);
    });

    test('dropout drops the elements given by its contract and the step number', async () => {
      const units = 50;
      const optimizer: OptimizerDescription = { kind: 'sgd', learningRate: 0, momentum: 0, nesterov: false };
      const description = chain(
        [1],
        [dense(units, { bias: false }), dropout(0.5, 6)],
        training('halfSquaredError', { optimizer }),
      );
      const program = create(description);
      const [weights] = program.readWeights();
      const iterations = 2 ** 32 + 7;
      program.writeOptimizer({ iterations, slots: {} });
      const x = samplesOf([1, 1], 'float32', new Float32Array([1]));
      const y = samplesOf([1, units], 'float32', new Float32Array(units));
      const words = new Uint32Array(4);
      for (const stepLow of [7, 8]) {
        const { loss } = await program.train({
          x: [x],
          y: [y],
          batchSize: 1,
          order: upTo(1),
          seed: 2 ** 34 + 3,
        });
        const expected = weights.reduce((sum, weight, e) => {
          philox([Math.floor(e / 4), 6, stepLow, 1], [3, 4], words);
          return words[e % 4] < 2 ** 31 ? sum : sum + (2 * weight) ** 2 / 2;
        }, 0);
        expectClose([loss], [expected]);
      }
    });

    test('learns to classify bars without errors', async () => {
      const count = 64;
      const size = 6;
      const images = new Uint8Array(randomIntegers(count * size * size, 2, 0, 60));
      const labels = Int32Array.from(randomIntegers(count, 3, 0, 1));
      labels.forEach((vertical, n) => {
        const at = n % size;
        for (let i = 0; i < size; i++) images[n * 36 + (vertical ? i * size + at : at * size + i)] = 255;
      });
      const links = [conv2d([3, 3], 6), activation('relu'), pool2d('max', [2, 2]), reshape(24)];
      const description = chain(
        [size, size, 1],
        [rescaling(1 / 255, 0), ...links, dense(2), activation('softmax')],
        training('sparseCategoricalCrossentropy', {
          optimizer: ADAM,
          metrics: [{ kind: 'sparseCategoricalAccuracy' }],
        }),
      );
      const program = create(description);
      program.writeWeights(program.readWeights().map((array) => array.map((value) => value * 0.3)));
      const x = samplesOf([count, size, size, 1], 'uint8', images);
      const y = samplesOf([count], 'int32', labels);
      const losses: number[] = [];
      for (let epoch = 0; epoch < 40; epoch++) {
        losses.push(
          (await program.train({ x: [x], y: [y], batchSize: 16, order: upTo(count), seed: 0 })).loss,
        );
      }
      expect(losses[39]).toBeLessThan(losses[0] / 10);
      expect(program.evaluate({ x: [x], y: [y], batchSize: 10 }).wait().metrics).toEqual([[count, count]]);
    });

    test('reports growing totals, and leaves the event loop free', async () => {
      const seen: Totals[] = [];
      let turns = 0;
      const timer = setInterval(() => turns++, 1);
      const totals = await create(CLASSIFIER).train(
        run({
          order: new Uint32Array(50_000),
          onProgress: (progress) => seen.push(progress),
        }),
      );
      clearInterval(timer);
      expect(totals.samples).toBe(50_000);
      expect(turns).toBeGreaterThan(0);
      expect(seen.length).toBeGreaterThan(0);
      for (const [index, { samples: count, batches, metrics }] of seen.entries()) {
        expect(batches).toBeGreaterThan(index === 0 ? 0 : seen[index - 1].batches);
        expect(count).toBe(batches * 5);
        expect(metrics).toHaveLength(1);
      }
      expect(totals.batches).toBeGreaterThanOrEqual(seen.at(-1)?.batches ?? 0);
    });

    test('rejects with the error that onProgress throws', async () => {
      const program = create(CLASSIFIER);
      const error = new Error('seen enough');
      let calls = 0;
      const onProgress = () => {
        calls++;
        throw error;
      };
      const order = Uint32Array.from({ length: 200_000 }, (_, i) => i % COUNT);
      await expect(program.train(run({ order, batchSize: 1, onProgress }))).rejects.toBe(error);
      expect([calls, program.iterations < order.length]).toEqual([1, true]);
      await program.train(run());
    });

    test('runs of one program follow one another', async () => {
      const first = () => run({ order: Uint32Array.from({ length: 20_000 }, (_, index) => index % COUNT) });
      const apart = create(CLASSIFIER);
      const expected = [await apart.train(first()), await apart.train(run())];
      const together = create(CLASSIFIER);
      expect(await Promise.all([together.train(first()), together.train(run())])).toEqual(expected);
      expect(together.readWeights()).toEqual(apart.readWeights());
    });

    test('a new learning rate applies from the next step', async () => {
      const program = create(CLASSIFIER);
      const before = program.readWeights();
      program.setLearningRate(0);
      await program.train(run());
      expect(program.readWeights()).toEqual(before);
      program.setLearningRate(0.5);
      await program.train(run());
      expect(program.readWeights()).not.toEqual(before);
      await expectRefusal(() => program.setLearningRate(Number.NaN), 'INVALID_ARGUMENT', 'NaN');
      await expectRefusal(() => program.setLearningRate(-1), 'INVALID_ARGUMENT', '-1');
    });

    test.each([MOMENTUM, ADAM])('continues from a snapshot with the same bits: $kind', async (optimizer) => {
      const description = chain([4], [dense(8), dropout(0.3), dense(3), activation('softmax')], {
        ...training('sparseCategoricalCrossentropy'),
        optimizer,
      });
      const whole = create(description);
      await whole.train(run());
      const { weights, optimizer: state } = await whole.snapshot();
      expect(state?.iterations).toBe(5);
      const resumed = currentEngine().createProgram(description);
      resumed.writeWeights(weights);
      if (state) resumed.writeOptimizer(state);
      await whole.train(run());
      await resumed.train(run());
      expect(await resumed.snapshot()).toEqual(await whole.snapshot());
    });

    test('an empty order changes nothing', async () => {
      const program = create(CLASSIFIER);
      const before = program.readWeights();
      expect(await program.train(run({ order: new Uint32Array(0) }))).toEqual({
        samples: 0,
        batches: 0,
        loss: 0,
        losses: [0],
        metrics: [[0, 0]],
      });
      expect(program.readWeights()).toEqual(before);
    });

    test('samples can be disposed of while a run uses them', async () => {
      const expected = await create(CLASSIFIER).train(run());
      const used = run();
      const training = create(CLASSIFIER).train(used);
      for (const set of [...used.x, ...used.y, ...used.x]) set.dispose();
      expect(await training).toEqual(expected);
    });
  });

  describe('during training', () => {
    /** A job long enough to be interrupted. Its signal ends it. */
    function start(program: Program): {
      training: Promise<Totals>;
      end: AbortController;
      begun: Promise<unknown>;
    } {
      const end = new AbortController();
      let onProgress = () => {};
      const begun = new Promise<void>((resolve) => {
        onProgress = resolve;
      });
      const order = new Uint32Array(5_000_000);
      const training = program.train(run({ order, signal: end.signal, onProgress }));
      training.catch(() => undefined);
      return { training, end, begun };
    }

    test("weights can't be accessed, but snapshots and predictions work", async () => {
      const program = create(CLASSIFIER);
      const weights = program.readWeights();
      const { training, end, begun } = start(program);
      await expectRefusal(() => program.readWeights(), 'MODEL_BUSY', 'train');
      await expectRefusal(() => program.writeWeights(weights), 'MODEL_BUSY', 'train');
      await begun;
      await expectRefusal(() => program.readWeights(), 'MODEL_BUSY', 'train');
      const snapshot = await program.snapshot();
      expect(snapshot.optimizer?.iterations).toBeGreaterThan(0);
      expect(snapshot.weights).not.toEqual(weights);
      const [outputs] = await program.predict({ x: data().x, batchSize: 7 }).promise;
      expect(outputs).toHaveLength(COUNT * 3);
      end.abort();
      await expectRefusal(() => training, 'ABORTED');
      program.writeWeights(weights);
      expect(program.readWeights()).toEqual(weights);
    });

    test('all batches of a prediction or evaluation use the same weights', async () => {
      const program = create(CLASSIFIER);
      const { training, end, begun } = start(program);
      await begun;
      const count = 5_000;
      const x = samplesOf([count, 4], 'float32', new Float32Array(count * 4).fill(0.5));
      const y = samplesOf([count], 'int32', new Int32Array(count));
      const [[outputs], { loss }] = await Promise.all([
        program.predict({ x: [x], batchSize: 1 }).promise,
        program.evaluate({ x: [x], y: [y], batchSize: 1 }).promise,
      ]);
      end.abort();
      await expectRefusal(() => training, 'ABORTED');
      for (let row = 1; row < count; row++) {
        if (outputs[row * 3] !== outputs[0]) expect.fail(`output ${row} differs from the first one`);
      }
      expect(loss).toBeGreaterThan(0);
    });

    test('an abort ends it between steps, with the reason as cause', async () => {
      const program = create(CLASSIFIER);
      const { training, end, begun } = start(program);
      await begun;
      const reason = new Error('enough');
      end.abort(reason);
      const error = await refusal(() => training);
      expect(error.code).toBe('ABORTED');
      expect(error.cause).toBe(reason);
      const { iterations } = program.readOptimizer();
      expect(error.message).toContain(`training was aborted after ${iterations} steps`);
    });

    test("an abort before the start doesn't change weights", async () => {
      const program = create(CLASSIFIER);
      const before = program.readWeights();
      await expectRefusal(
        () => program.train(run({ signal: AbortSignal.abort() })),
        'ABORTED',
        'after 0 steps',
      );
      expect(program.readWeights()).toEqual(before);
    });

    test('dispose ends it', async () => {
      const program = create(CLASSIFIER);
      const { training, begun } = start(program);
      await begun;
      program.dispose();
      await expectRefusal(() => training, 'DISPOSED');
    });
  });
});
