import { beforeAll, describe, expect, test } from 'vitest';
import { ConvforgeError } from '../../lib/errors.js';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import type { OptimizerDescription, ProgramDescription } from '../../lib/program/description.js';
import type {
  Program,
  SampleArray,
  Samples,
  SampleType,
  Totals,
  TrainRun,
} from '../../lib/program/engine.js';
import { activation, chain, conv2d, dense, dropout, pool2d, reshape, training } from '../support/chain.js';
import { ENGINES } from '../support/engines.js';
import { expectClose, randomIntegers, randomNumbers } from '../support/numeric.js';

const ADAM: OptimizerDescription = {
  kind: 'adam',
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
};
const MOMENTUM: OptimizerDescription = { kind: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true };

const COUNT = 24;

/** A classifier of 4 features into 3 classes. */
const CLASSIFIER = chain(
  [4],
  [dense(8), activation('relu'), dense(3), activation('softmax')],
  training('sparseCategoricalCrossentropy', { optimizer: MOMENTUM, metrics: ['sparseCategoricalAccuracy'] }),
);

const floats = (length: number, seed: number) => new Float32Array(randomNumbers(length, seed));
const upTo = (count: number) => Uint32Array.from({ length: count }, (_, index) => index);

function samples(shape: number[], dtype: SampleType, values: SampleArray): Samples {
  const made = currentEngine().allocateSamples(shape, dtype);
  made.write(values, 0);
  return made;
}

/** A program with random weights, the same for the same description. */
function create(description: ProgramDescription): Program {
  const program = currentEngine().createProgram(description);
  program.writeWeights(program.readWeights().map(({ length }, index) => floats(length, 50 + index)));
  return program;
}

/** COUNT random samples for the classifier; the class is the largest of the first three features. */
function data(): { x: Samples; y: Samples } {
  const values = floats(COUNT * 4, 1);
  const labels = Int32Array.from({ length: COUNT }, (_, index) => {
    const row = values.subarray(index * 4, index * 4 + 3);
    return row.indexOf(Math.max(...row));
  });
  return { x: samples([COUNT, 4], 'float32', values), y: samples([COUNT], 'int32', labels) };
}

function run(changes: Partial<TrainRun> = {}): TrainRun {
  return { ...data(), batchSize: 5, order: upTo(COUNT), seed: 1, ...changes };
}

/** What `action` throws, or its promise rejects with. */
async function refusal(action: () => unknown): Promise<ConvforgeError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ConvforgeError) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

async function expectRefusal(action: () => unknown, code: string, ...texts: string[]): Promise<void> {
  const error = await refusal(action);
  for (const text of texts) expect(error.message).toContain(text);
  expect(error.code).toBe(code);
}

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  test('says its name', () => {
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

    test('without training only predict', async () => {
      const program = currentEngine().createProgram({ nodes: CLASSIFIER.nodes });
      expect(Object.keys(await program.snapshot())).toEqual(['weights']);
      await expectRefusal(() => program.train(run()), 'NOT_COMPILED');
      await expectRefusal(() => program.evaluate(run()).wait(), 'NOT_COMPILED');
      await expectRefusal(() => program.readOptimizer(), 'NOT_COMPILED');
      await expectRefusal(() => program.setLearningRate(1), 'NOT_COMPILED');
    });
  });

  describe('training', () => {
    test('sums losses and metrics over all samples, the smaller last batch too', async () => {
      const description = chain([1], [dense(1, { bias: false })], {
        ...training('halfSquaredError', { metrics: ['meanSquaredError', 'binaryAccuracy'] }),
        optimizer: { kind: 'sgd', learningRate: 0, momentum: 0, nesterov: false },
      });
      const program = currentEngine().createProgram(description);
      program.writeWeights([new Float32Array([2])]);
      const totals = await program.train({
        x: samples([3, 1], 'float32', new Float32Array([1, 2, 3])),
        y: samples([3, 1], 'float32', new Float32Array([1, 0, 4])),
        batchSize: 2,
        order: upTo(3),
        seed: 0,
      });
      // Outputs 2, 4, 6; differences 1, 4, 2.
      expect(totals).toEqual({ samples: 3, batches: 2, loss: 10.5, metrics: [21, 2] });
    });

    test('uses the samples of `order`, in that order', async () => {
      const description = chain([1], [dense(1, { bias: false })], training('halfSquaredError'));
      const program = currentEngine().createProgram(description);
      const totals = await program.train({
        x: samples([3, 1], 'float32', new Float32Array([1, 1, 1])),
        y: samples([3, 1], 'float32', new Float32Array([2, 100, 4])),
        batchSize: 1,
        order: new Uint32Array([2, 0, 2]),
        seed: 0,
      });
      // With a rate of 1 the weight becomes each target in turn: 0 -> 4 -> 2 -> 4.
      expect(totals).toEqual({ samples: 3, batches: 3, loss: (16 + 4 + 4) / 2, metrics: [] });
      expect(program.readWeights()).toEqual([new Float32Array([4])]);
      expect(program.readOptimizer().iterations).toBe(3);
    });

    test('gives the same bits again, and other ones for another seed', async () => {
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

    test('learns images of bars: all right in the end', async () => {
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
        [
          (input) => ({
            op: 'rescaling',
            attributes: { scale: 1 / 255, offset: 0 },
            parameters: [],
            shape: input,
          }),
          ...links,
          dense(2),
          activation('softmax'),
        ],
        training('sparseCategoricalCrossentropy', {
          optimizer: ADAM,
          metrics: ['sparseCategoricalAccuracy'],
        }),
      );
      const program = create(description);
      program.writeWeights(program.readWeights().map((array) => array.map((value) => value * 0.3)));
      const x = samples([count, size, size, 1], 'uint8', images);
      const y = samples([count], 'int32', labels);
      const losses: number[] = [];
      for (let epoch = 0; epoch < 40; epoch++) {
        losses.push((await program.train({ x, y, batchSize: 16, order: upTo(count), seed: 0 })).loss);
      }
      expect(losses[39]).toBeLessThan(losses[0] / 10);
      expect(program.evaluate({ x, y, batchSize: 10 }).wait().metrics).toEqual([count]);
    });

    test('reports totals that grow, and leaves the event loop free', async () => {
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

    test('runs of one program follow one another', async () => {
      const apart = create(CLASSIFIER);
      const expected = [await apart.train(run()), await apart.train(run({ seed: 2 }))];
      const together = create(CLASSIFIER);
      expect(await Promise.all([together.train(run()), together.train(run({ seed: 2 }))])).toEqual(expected);
      expect(together.readWeights()).toEqual(apart.readWeights());
    });

    test('a rate set takes effect from the next step on', async () => {
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

    test.each([MOMENTUM, ADAM])('goes on from a snapshot with the same bits: $kind', async (optimizer) => {
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

    test('an order of no samples changes nothing', async () => {
      const program = create(CLASSIFIER);
      const before = program.readWeights();
      expect(await program.train(run({ order: new Uint32Array(0) }))).toEqual({
        samples: 0,
        batches: 0,
        loss: 0,
        metrics: [0],
      });
      expect(program.readWeights()).toEqual(before);
    });

    test('samples can be disposed of while a run uses them', async () => {
      const expected = await create(CLASSIFIER).train(run());
      const used = run();
      const training = create(CLASSIFIER).train(used);
      used.x.dispose();
      used.y.dispose();
      used.x.dispose();
      expect(await training).toEqual(expected);
    });
  });

  describe('while it trains', () => {
    /** Long enough to be caught in the middle; ends by its signal. */
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

    test('weights are busy, snapshots and predictions are not', async () => {
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
      const outputs = await program.predict({ x: data().x, batchSize: 7 }).promise;
      expect(outputs).toHaveLength(COUNT * 3);
      end.abort();
      await expectRefusal(() => training, 'ABORTED');
      program.writeWeights(weights);
      expect(program.readWeights()).toEqual(weights);
    });

    test('an abort ends it between two steps, with the reason as cause', async () => {
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

    test('an abort before it starts leaves the weights alone', async () => {
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

  describe('evaluation and prediction', () => {
    test('evaluate gives the same by promise and by wait, for any batch size', async () => {
      const program = create(CLASSIFIER);
      const whole = program.evaluate({ ...data(), batchSize: COUNT }).wait();
      expect(whole).toMatchObject({ samples: COUNT, batches: 1 });
      const pending = program.evaluate({ ...data(), batchSize: 7 });
      const parts = await pending.promise;
      expect(pending.wait()).toEqual(parts);
      expect(parts).toMatchObject({ samples: COUNT, batches: 4, metrics: whole.metrics });
      expectClose([parts.loss], [whole.loss]);
    });

    test('predict gives all outputs in order, as runHere does', async () => {
      const program = create(CLASSIFIER);
      const values = floats(COUNT * 4, 1);
      const expected = program.runHere(values, COUNT);
      expect(program.predict({ x: data().x, batchSize: 5 }).wait()).toEqual(expected);
      expect(await program.predict({ x: data().x, batchSize: 100 }).promise).toEqual(expected);
      for (let row = 0; row < COUNT; row++) {
        expect(expected[row * 3] + expected[row * 3 + 1] + expected[row * 3 + 2]).toBeCloseTo(1, 5);
      }
    });

    test('dropout is off', () => {
      const program = currentEngine().createProgram(chain([5], [dropout(0.5)], training('meanSquaredError')));
      const x = samples([1, 5], 'float32', new Float32Array([1, 2, 3, 4, 5]));
      expect(program.evaluate({ x, y: x, batchSize: 1, signal: undefined }).wait().loss).toBe(0);
    });

    test('uint8 inputs are read as numbers from 0 to 255', () => {
      const program = currentEngine().createProgram(chain([3], [activation('relu')]));
      const x = samples([1, 3], 'uint8', new Uint8Array([0, 128, 255]));
      expect(Array.from(program.predict({ x, batchSize: 1 }).wait())).toEqual([0, 128, 255]);
    });

    test('no samples: no totals, no outputs', () => {
      const program = create(CLASSIFIER);
      const x = currentEngine().allocateSamples([0, 4], 'float32');
      const y = currentEngine().allocateSamples([0], 'int32');
      expect(program.evaluate({ x, y, batchSize: 3 }).wait()).toEqual({
        samples: 0,
        batches: 0,
        loss: 0,
        metrics: [0],
      });
      expect(program.predict({ x, batchSize: 3 }).wait()).toHaveLength(0);
      expect(program.runHere(new Float32Array(0), 0)).toHaveLength(0);
    });

    test('an aborted signal ends them', async () => {
      const program = create(CLASSIFIER);
      const signal = AbortSignal.abort();
      await expectRefusal(() => program.evaluate({ ...data(), batchSize: 5, signal }).promise, 'ABORTED');
      await expectRefusal(() => program.predict({ x: data().x, batchSize: 5, signal }).promise, 'ABORTED');
    });

    test('runHere refuses values that are not that many samples', async () => {
      const program = create(CLASSIFIER);
      await expectRefusal(() => program.runHere(new Float32Array(9), 2), 'SHAPE_MISMATCH', '9');
    });
  });

  describe('bad runs', () => {
    const program = () => create(CLASSIFIER);

    test.each([-1, 3, 2147483647])('the label %d', async (label) => {
      const y = data().y;
      y.write(new Int32Array([label]), 17);
      const trained = program();
      const before = trained.readWeights();
      await expectRefusal(() => trained.train(run({ y })), 'INVALID_LABEL', '17', `${label}`, '3 classes');
      expect(trained.readWeights()).toEqual(before);
      await expectRefusal(() => trained.evaluate(run({ y })).wait(), 'INVALID_LABEL', '17', `${label}`);
    });

    test('a bad label that the order leaves out does no harm', async () => {
      const y = data().y;
      y.write(new Int32Array([9]), 17);
      expect((await program().train(run({ y, order: upTo(17) }))).samples).toBe(17);
    });

    test('an order beyond the samples', async () => {
      await expectRefusal(
        () => program().train(run({ order: new Uint32Array([0, 1, COUNT]) })),
        'INVALID_ARGUMENT',
        'order',
        `${COUNT}`,
      );
    });

    test.each([0, -1, 1.5, Number.NaN])('the batch size %d', async (batchSize) => {
      await expectRefusal(
        () => program().train(run({ batchSize })),
        'INVALID_ARGUMENT',
        'batchSize',
        `${batchSize}`,
      );
      await expectRefusal(
        () => program().evaluate(run({ batchSize })).wait(),
        'INVALID_ARGUMENT',
        'batchSize',
      );
      await expectRefusal(
        () => program().predict(run({ batchSize })).wait(),
        'INVALID_ARGUMENT',
        'batchSize',
      );
    });

    test.each([-1, 0.5, 2 ** 53])('the seed %d', async (seed) => {
      await expectRefusal(() => program().train(run({ seed })), 'INVALID_ARGUMENT', 'seed', `${seed}`);
    });

    test('samples of another shape, number or dtype', async () => {
      const allocate = (shape: number[], dtype: SampleType) => currentEngine().allocateSamples(shape, dtype);
      const x = allocate([COUNT, 2, 2], 'float32');
      await expectRefusal(() => program().train(run({ x })), 'SHAPE_MISMATCH', 'x', '2, 2', '4');
      await expectRefusal(() => program().predict(run({ x })).wait(), 'SHAPE_MISMATCH', 'x', '2, 2', '4');
      const y = allocate([COUNT, 1], 'int32');
      await expectRefusal(() => program().train(run({ y })), 'SHAPE_MISMATCH', 'y', `${COUNT}, 1`);
      const fewer = allocate([COUNT - 1], 'int32');
      await expectRefusal(
        () => program().evaluate(run({ y: fewer })).promise,
        'SHAPE_MISMATCH',
        `${COUNT - 1}`,
      );
      const integers = allocate([COUNT, 4], 'int32');
      await expectRefusal(() => program().train(run({ x: integers })), 'INVALID_ARGUMENT', 'x', 'int32');
      const bytes = allocate([COUNT], 'uint8');
      await expectRefusal(() => program().train(run({ y: bytes })), 'INVALID_ARGUMENT', 'y', 'uint8');
    });
  });

  describe('samples', () => {
    test('are written in parts, and copied', () => {
      const x = currentEngine().allocateSamples([2, 3], 'float32');
      const part = new Float32Array([1, 2]);
      x.write(part, 0);
      x.write(part, 3);
      part.fill(9);
      const program = currentEngine().createProgram(chain([3], [activation('relu')]));
      expect(Array.from(program.predict({ x, batchSize: 2 }).wait())).toEqual([1, 2, 0, 1, 2, 0]);
      expect([x.shape, x.dtype]).toEqual([[2, 3], 'float32']);
    });

    test('refuse what does not fit', async () => {
      const x = currentEngine().allocateSamples([2, 3], 'float32');
      await expectRefusal(() => x.write(new Float32Array(4), 3), 'INVALID_ARGUMENT', '4', '6');
      await expectRefusal(() => x.write(new Float32Array(1), -1), 'INVALID_ARGUMENT', '-1');
      await expectRefusal(() => x.write(new Float32Array(1), 0.5), 'INVALID_ARGUMENT', '0.5');
      await expectRefusal(() => x.write(new Uint8Array(1), 0), 'INVALID_ARGUMENT', 'float32');
      await expectRefusal(
        () => currentEngine().allocateSamples([2, -1], 'float32'),
        'INVALID_ARGUMENT',
        '-1',
      );
      await expectRefusal(
        () => currentEngine().allocateSamples([2, 1.5], 'float32'),
        'INVALID_ARGUMENT',
        '1.5',
      );
      await expectRefusal(
        () => currentEngine().allocateSamples([2], 'int8' as never),
        'INVALID_ARGUMENT',
        'int8',
      );
      await expectRefusal(() => currentEngine().allocateSamples([2 ** 40, 2 ** 40], 'float32'), 'TOO_LARGE');
    });

    test('cannot be used after dispose', async () => {
      const x = data().x;
      x.dispose();
      x.dispose();
      await expectRefusal(() => x.write(new Float32Array(1), 0), 'DISPOSED');
      await expectRefusal(() => create(CLASSIFIER).predict({ x, batchSize: 1 }).wait(), 'DISPOSED');
    });
  });

  test('a disposed program refuses everything', async () => {
    const program = create(CLASSIFIER);
    const state = program.readOptimizer();
    const pending = program.predict(run());
    program.dispose();
    program.dispose();
    const uses: [string, () => unknown][] = [
      ['train', () => program.train(run())],
      ['evaluate', () => program.evaluate(run()).promise],
      ['predict', () => program.predict(run()).wait()],
      ['runHere', () => program.runHere(new Float32Array(4), 1)],
      ['readWeights', () => program.readWeights()],
      ['writeWeights', () => program.writeWeights([])],
      ['readOptimizer', () => program.readOptimizer()],
      ['writeOptimizer', () => program.writeOptimizer(state)],
      ['snapshot', () => program.snapshot()],
      ['setLearningRate', () => program.setLearningRate(1)],
    ];
    for (const [name, use] of uses) expect((await refusal(use)).code, name).toBe('DISPOSED');
    // This one may have been carried out before.
    await pending.promise.catch((error: ConvforgeError) => expect(error.code).toBe('DISPOSED'));
  });
});
