import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import type { Samples, SampleType } from '../../lib/program/engine.js';
import { activation, chain, dense, dropout, gaussianNoise, UNIT_SGD } from '../support/chain.js';
import {
  COUNT,
  CLASSIFIER,
  upTo,
  create,
  data,
  run,
  expectRefusal,
  samplesOf,
} from '../support/engine-runs.js';
import { ENGINES } from '../support/engines.js';

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  test.each([
    ['seed', '-1', dropout(0.5, 0, { seed: -1 })],
    ['seed', '0.5', gaussianNoise(1, 0, { seed: 0.5 })],
    ['seed', '9007199254740992', gaussianNoise(1, 0, { seed: 2 ** 53 })],
    ['stream', '4294967296', dropout(0.5, 2 ** 32)],
  ])('refuses the %s %s of a random node', async (what, value, link) => {
    await expectRefusal(() => create(chain([4], [link])), 'INVALID_ARGUMENT', what, value);
  });

  describe('refuses in runs', () => {
    const program = () => create(CLASSIFIER);

    test.each([-1, 3, 2147483647])('the label %d', async (label) => {
      const { y } = data();
      y[0].write(new Int32Array([label]), 17);
      const trained = program();
      const before = trained.readWeights();
      await expectRefusal(() => trained.train(run({ y })), 'INVALID_LABEL', '17', `${label}`, '3 classes');
      expect(trained.readWeights()).toEqual(before);
      await expectRefusal(() => trained.evaluate(run({ y })).wait(), 'INVALID_LABEL', '17', `${label}`);
    });

    test.each([
      ['ignoreClass', '0.5', { kind: 'sparseCategoricalCrossentropy', ignoreClass: 0.5 }],
      ['ignoreClass', '2147483648', { kind: 'sparseCategoricalCrossentropy', ignoreClass: 2 ** 31 }],
      ['', 'classes', { kind: 'meanSquaredError', ignoreClass: 1 }],
    ] as const)('a loss with the %s %s', async (what, value, loss) => {
      const training = { outputs: [{ loss, metrics: [] }], optimizer: UNIT_SGD };
      await expectRefusal(() => create(chain([4], [dense(3)], training)), 'INVALID_ARGUMENT', what, value);
      const metrics = [{ kind: 'mean', loss } as const];
      const counted = { outputs: [{ loss: { kind: loss.kind }, metrics }], optimizer: UNIT_SGD };
      await expectRefusal(() => create(chain([4], [dense(3)], counted)), 'INVALID_ARGUMENT', what, value);
    });

    test('an invalid label other than ignoreClass', async () => {
      const loss = { kind: 'sparseCategoricalCrossentropy', ignoreClass: 255 } as const;
      const training = { outputs: [{ loss, metrics: [] }], optimizer: UNIT_SGD };
      const ignoring = create(chain([4], [dense(3)], training));
      const labels = (label: number) => {
        const { y } = data();
        y[0].write(new Int32Array([label]), 17);
        return y;
      };
      expect((await ignoring.train(run({ y: labels(255) }))).samples).toBe(COUNT);
      await expectRefusal(() => ignoring.train(run({ y: labels(254) })), 'INVALID_LABEL', '17', '254');
    });

    test('row weights of another shape', async () => {
      const training = {
        outputs: [{ loss: { kind: 'meanSquaredError' }, metrics: [] }],
        optimizer: UNIT_SGD,
      } as const;
      const rows = create(chain([2, 3], [dense(2)], training));
      const zeros = (...shape: number[]) =>
        samplesOf(shape, 'float32', new Float32Array(shape.reduce((a, b) => a * b)));
      const evaluate = (weights: Samples) =>
        rows.evaluate({ x: [zeros(4, 2, 3)], y: [zeros(4, 2, 2)], sampleWeights: [weights], batchSize: 4 });
      expect(evaluate(zeros(4, 2)).wait().samples).toBe(4);
      expect(evaluate(zeros(4, 1)).wait().samples).toBe(4);
      for (const shape of [[4, 3], [4, 2, 2], [3, 2], [4]])
        await expectRefusal(() => evaluate(zeros(...shape)).wait(), 'SHAPE_MISMATCH');
    });

    test('not an invalid label outside the order', async () => {
      const { y } = data();
      y[0].write(new Int32Array([9]), 17);
      expect((await program().train(run({ y, order: upTo(17) }))).samples).toBe(17);
    });

    test('an order with an index out of range', async () => {
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

    test('samples of another shape, count or dtype', async () => {
      const allocate = (shape: number[], dtype: SampleType) => currentEngine().allocateSamples(shape, dtype);
      const x = allocate([COUNT, 2, 2], 'float32');
      await expectRefusal(() => program().train(run({ x: [x] })), 'SHAPE_MISMATCH', 'x', '2, 2', '4');
      await expectRefusal(
        () =>
          program()
            .predict(run({ x: [x] }))
            .wait(),
        'SHAPE_MISMATCH',
        'x',
        '2, 2',
        '4',
      );
      const y = allocate([COUNT, 1], 'int32');
      await expectRefusal(() => program().train(run({ y: [y] })), 'SHAPE_MISMATCH', 'y', `${COUNT}, 1`);
      const fewer = allocate([COUNT - 1], 'int32');
      await expectRefusal(
        () => program().evaluate(run({ y: [fewer] })).promise,
        'SHAPE_MISMATCH',
        `${COUNT - 1}`,
      );
      const more = allocate([COUNT + 1], 'int32');
      await expectRefusal(() => program().train(run({ y: [more] })), 'SHAPE_MISMATCH', `${COUNT + 1}`);
      const bytes = allocate([COUNT], 'uint8');
      await expectRefusal(() => program().train(run({ y: [bytes] })), 'INVALID_ARGUMENT', 'y', 'uint8');
    });
  });

  describe('samples', () => {
    test('are written in parts, as copies', () => {
      const x = currentEngine().allocateSamples([2, 3], 'float32');
      const part = new Float32Array([1, 2]);
      x.write(part, 0);
      x.write(part, 3);
      part.fill(9);
      const program = currentEngine().createProgram(chain([3], [activation('relu')]));
      expect(Array.from(program.predict({ x: [x], batchSize: 2 }).wait()[0])).toEqual([1, 2, 0, 1, 2, 0]);
      expect([x.shape, x.dtype]).toEqual([[2, 3], 'float32']);
    });

    test('refuse other dtypes, shapes and offsets', async () => {
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
      const [x] = data().x;
      x.dispose();
      x.dispose();
      await expectRefusal(() => x.write(new Float32Array(1), 0), 'DISPOSED');
      await expectRefusal(
        () =>
          create(CLASSIFIER)
            .predict({ x: [x], batchSize: 1 })
            .wait(),
        'DISPOSED',
      );
    });
  });
});
