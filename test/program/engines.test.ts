import { describeProgram } from '../../lib/program/description.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ConvforgeError } from '../../lib/errors.js';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import { activation, chain, dropout, training } from '../support/chain.js';
import {
  COUNT,
  CLASSIFIER,
  floats,
  create,
  data,
  samplesOf,
  run,
  expectRefusal,
  refusal,
} from '../support/engine-runs.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { outputOf } from '../support/one-batch.js';

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  test('has its name', () => {
    expect(currentEngine().name).toBe(engine);
  });

  describe('programs', () => {
    test('have zero weights until they are written', () => {
      const program = currentEngine().createProgram(CLASSIFIER);
      expect(program.readWeights()).toEqual([32, 8, 24, 3].map((length) => new Float32Array(length)));
      expect(program.readOptimizer()).toEqual({
        iterations: 0,
        slots: { momentum: [32, 8, 24, 3].map((length) => new Float32Array(length)) },
      });
    });

    test('copy the weights that they read and write', () => {
      const program = create(CLASSIFIER);
      const weights = program.readWeights();
      const kept = weights[0].slice();
      program.writeWeights(weights);
      weights[0].fill(7);
      expect(program.readWeights()[0]).toEqual(kept);
      program.readWeights()[0].fill(8);
      expect(program.readWeights()[0]).toEqual(kept);
    });

    test('refuse weights and optimizer states that do not fit', async () => {
      const program = create(CLASSIFIER);
      const weights = program.readWeights();
      await expectRefusal(() => program.writeWeights(weights.slice(1)), 'SHAPE_MISMATCH', '4', '3');
      await expectRefusal(
        () => program.writeWeights([...weights.slice(0, 3), new Float32Array(4)]),
        'SHAPE_MISMATCH',
        '4',
        '3',
      );
      expect(program.readWeights()).toEqual(weights);
      const { slots } = program.readOptimizer();
      await expectRefusal(
        () => program.writeOptimizer({ iterations: 0, slots: {} }),
        'SHAPE_MISMATCH',
        'momentum',
      );
      await expectRefusal(
        () => program.writeOptimizer({ iterations: 0, slots: { m: slots.momentum } }),
        'SHAPE_MISMATCH',
        'momentum',
      );
      await expectRefusal(
        () => program.writeOptimizer({ iterations: 0, slots: { momentum: slots.momentum.slice(1) } }),
        'SHAPE_MISMATCH',
        'momentum',
      );
      await expectRefusal(() => program.writeOptimizer({ iterations: -1, slots }), 'INVALID_ARGUMENT', '-1');
    });

    test('without training can only predict', async () => {
      const program = currentEngine().createProgram(describeProgram({ nodes: CLASSIFIER.graph.nodes }));
      expect(Object.keys(await program.snapshot())).toEqual(['weights']);
      await expectRefusal(() => program.train(run()), 'NOT_COMPILED');
      await expectRefusal(() => program.evaluate(run()).wait(), 'NOT_COMPILED');
      await expectRefusal(() => program.readOptimizer(), 'NOT_COMPILED');
      await expectRefusal(() => program.setLearningRate(1), 'NOT_COMPILED');
    });
  });

  describe('evaluation and prediction', () => {
    test('evaluate gives the same asynchronously, synchronously and for any batch size', async () => {
      const program = create(CLASSIFIER);
      const whole = program.evaluate({ ...data(), batchSize: COUNT }).wait();
      expect(whole).toMatchObject({ samples: COUNT, batches: 1 });
      const pending = program.evaluate({ ...data(), batchSize: 7 });
      const parts = await pending.promise;
      expect(pending.wait()).toEqual(parts);
      expect(parts).toMatchObject({ samples: COUNT, batches: 4, metrics: whole.metrics });
      expectClose([parts.loss], [whole.loss]);
    });

    test('predict gives all outputs in order, like runHere', async () => {
      const program = create(CLASSIFIER);
      const values = floats(COUNT * 4, 1);
      const expected = outputOf(program, values, COUNT);
      expect(program.predict({ x: data().x, batchSize: 5 }).wait()).toEqual([expected]);
      expect(await program.predict({ x: data().x, batchSize: 100 }).promise).toEqual([expected]);
      for (let row = 0; row < COUNT; row++) {
        expect(expected[row * 3] + expected[row * 3 + 1] + expected[row * 3 + 2]).toBeCloseTo(1, 5);
      }
    });

    test("don't use dropout", () => {
      const program = currentEngine().createProgram(chain([5], [dropout(0.5)], training('meanSquaredError')));
      const x = samplesOf([1, 5], 'float32', new Float32Array([1, 2, 3, 4, 5]));
      expect(program.evaluate({ x: [x], y: [x], batchSize: 1 }).wait().loss).toBe(0);
    });

    test('uint8 inputs are read as numbers from 0 to 255', () => {
      const program = currentEngine().createProgram(chain([3], [activation('relu')]));
      const x = samplesOf([1, 3], 'uint8', new Uint8Array([0, 128, 255]));
      expect(Array.from(program.predict({ x: [x], batchSize: 1 }).wait()[0])).toEqual([0, 128, 255]);
    });

    test('int32 inputs are read as numbers', () => {
      const program = currentEngine().createProgram(chain([3], [activation('relu')]));
      const x = samplesOf([1, 3], 'int32', new Int32Array([-7, 0, 70_000]));
      expect(Array.from(program.predict({ x: [x], batchSize: 1 }).wait()[0])).toEqual([0, 0, 70_000]);
    });

    test('give empty totals and outputs for no samples', () => {
      const program = create(CLASSIFIER);
      const x = currentEngine().allocateSamples([0, 4], 'float32');
      const y = currentEngine().allocateSamples([0], 'int32');
      expect(program.evaluate({ x: [x], y: [y], batchSize: 3 }).wait()).toEqual({
        samples: 0,
        batches: 0,
        loss: 0,
        losses: [0],
        metrics: [[0, 0]],
      });
      expect(program.predict({ x: [x], batchSize: 3 }).wait()).toEqual([new Float32Array(0)]);
      expect(outputOf(program, new Float32Array(0), 0)).toHaveLength(0);
    });

    test('are ended by an aborted signal', async () => {
      const program = create(CLASSIFIER);
      const signal = AbortSignal.abort();
      await expectRefusal(() => program.evaluate({ ...data(), batchSize: 5, signal }).promise, 'ABORTED');
      await expectRefusal(() => program.predict({ x: data().x, batchSize: 5, signal }).promise, 'ABORTED');
    });

    test("runHere refuses values that don't fit the number of samples", async () => {
      const program = create(CLASSIFIER);
      await expectRefusal(() => outputOf(program, new Float32Array(9), 2), 'SHAPE_MISMATCH', '9');
    });
  });

  test('a disposed program refuses everything', async () => {
    const program = create(CLASSIFIER);
    const state = program.readOptimizer();
    const weights = program.readWeights();
    const pending = program.predict(run());
    program.dispose();
    program.dispose();
    const uses: [string, () => unknown][] = [
      ['train', () => program.train(run())],
      ['evaluate', () => program.evaluate(run()).promise],
      ['predict', () => program.predict(run()).wait()],
      ['runHere', () => program.runHere([new Float32Array(4)], 1)],
      ['gradients', () => program.gradients(run())],
      ['applyGradients', () => program.applyGradients(weights)],
      ['readWeights', () => program.readWeights()],
      ['writeWeights', () => program.writeWeights([])],
      ['readOptimizer', () => program.readOptimizer()],
      ['writeOptimizer', () => program.writeOptimizer(state)],
      ['snapshot', () => program.snapshot()],
      ['setLearningRate', () => program.setLearningRate(1)],
    ];
    for (const [name, use] of uses) expect((await refusal(use)).code, name).toBe('DISPOSED');
    // This job may have finished before.
    await pending.promise.catch((error: ConvforgeError) => expect(error.code).toBe('DISPOSED'));
  });
});
