import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import { chain, dense, dropout, type Link, reshape, training } from '../support/chain.js';
import { create, expectRefusal, MOMENTUM, samplesOf, upTo } from '../support/engine-runs.js';
import { ENGINES } from '../support/engines.js';
import { batchNormalization } from '../support/normalization.js';
import { embedding } from '../support/shape-links.js';

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  test.each([
    [true, { samples: 3, batches: 3 }, 4, 2],
    [false, { samples: 4, batches: 4 }, Number.NaN, 4],
  ])(
    'tells of the first loss that is not finite; stopAtNonFinite: %s',
    async (stops, seen, weight, steps) => {
      const description = chain([1], [dense(1, { bias: false })], training('halfSquaredError'));
      const program = currentEngine().createProgram(description);
      const totals = await program.train({
        x: [samplesOf([4, 1], 'float32', new Float32Array([1, 1, Number.NaN, 1]))],
        y: [samplesOf([4, 1], 'float32', new Float32Array([2, 4, 0, 6]))],
        batchSize: 1,
        order: upTo(4),
        seed: 0,
        stopAtNonFinite: stops,
      });
      expect(totals).toMatchObject({ ...seen, firstNonFinite: 2, loss: Number.NaN });
      // With a learning rate of 1, the weight becomes each target in turn.
      expect(program.readWeights()).toEqual([new Float32Array([weight])]);
      expect(program.readOptimizer().iterations).toBe(steps);
    },
  );

  test('runs the skipped update, as if training had not stopped', async () => {
    const x = Float32Array.from({ length: 10 }, (_, i) => Math.sin(i));
    x[5] = Number.NaN;
    const description = chain(
      [2],
      [dense(3), batchNormalization({ momentum: 0.5 }), dropout(0.3), dense(1)],
      {
        ...training('meanSquaredError'),
        optimizer: MOMENTUM,
      },
    );
    const y = Float32Array.from({ length: 5 }, (_, i) => i / 5);
    const start = (order: number[], stopAtNonFinite: boolean, program = create(description)) => {
      const sets = { x: [samplesOf([5, 2], 'float32', x)], y: [samplesOf([5, 1], 'float32', y)] };
      const run = { ...sets, batchSize: 1, order: Uint32Array.from(order), seed: 9, stopAtNonFinite };
      return { program, totals: program.train(run) };
    };
    const whole = start([0, 1, 2, 3, 4], false);
    await whole.totals;
    const parts = start([0, 1, 2, 3, 4], true);
    expect(await parts.totals).toMatchObject({ batches: 3, firstNonFinite: 2 });
    const finite = parts.program.readWeights()[0];
    expect(finite.every(Number.isFinite)).toBe(true);
    await parts.program.makeStep();
    expect(parts.program.iterations).toBe(3);
    await start([3, 4], false, parts.program).totals;
    expect(parts.program.readWeights()).toEqual(whole.program.readWeights());
    expect(parts.program.readOptimizer()).toEqual(whole.program.readOptimizer());
    await expectRefusal(() => parts.program.makeStep(), 'INVALID_ARGUMENT', 'no skipped step');
  });

  test('reports a loss that is not finite because of a regularizer', async () => {
    const link: Link = (input) => {
      const node = embedding(2, 1)(input);
      const parameters = node.parameters.map((each) => ({ ...each, regularizer: { l1: 0, l2: 1 } }));
      return { ...node, parameters };
    };
    const program = currentEngine().createProgram(
      chain([1], [link, reshape(1)], training('meanSquaredError')),
    );
    program.writeWeights([new Float32Array([1, Number.POSITIVE_INFINITY])]);
    const x = [samplesOf([1, 1], 'float32', new Float32Array([0]))];
    const y = [samplesOf([1, 1], 'float32', new Float32Array([1]))];
    const totals = await program.train({ x, y, batchSize: 1, order: upTo(1), seed: 0 });
    expect(totals).toMatchObject({ losses: [0], firstNonFinite: 0 });
  });
});
