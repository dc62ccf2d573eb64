import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import {
  type GraphDescription,
  describeProgram,
  type ProgramDescription,
} from '../../lib/program/description.js';
import type { GradientRun, Program } from '../../lib/program/engine.js';
import { activation, dense, dropout, UNIT_SGD } from '../support/chain.js';
import {
  ADAM,
  CLASSIFIER,
  COUNT,
  create,
  data,
  expectRefusal,
  run,
  samplesOf,
  upTo,
} from '../support/engine-runs.js';
import { ENGINES } from '../support/engines.js';
import { add, Graph } from '../support/graph.js';
import { randomSets } from '../support/whole-programs.js';

const SAMPLES = 5;

/** Two inputs, a dense layer shared by both, dropout, a frozen layer, and two outputs, one without loss. */
function network(): ProgramDescription {
  const graph = new Graph([4], [4]);
  const shared = graph.after(0, dense(4));
  const both = graph.after([graph.again(shared, 1), shared], add);
  const frozen = graph.after(graph.after(both, activation('tanh'), dropout(0.25)), dense(3));
  graph.freeze(frozen);
  const scored = graph.after(frozen, dense(2));
  const unscored = graph.after(frozen, dense(2));
  const loss = { kind: 'meanSquaredError', fromLogits: false } as const;
  return graph.describe({ outputs: [{ loss, metrics: [] }, null], optimizer: ADAM }, [scored, unscored]);
}

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  const sets = () => randomSets(currentEngine(), network(), SAMPLES, { weighted: true });
  const gradientsOf = (program: Program, changes: Partial<GradientRun> = {}) =>
    program.gradients({ ...sets(), seed: 3, ...changes });

  test('applying its gradients equals a training step', async () => {
    const [stepwise, whole] = [create(network()), create(network())];
    for (let step = 0; step < 3; step++) {
      const before = stepwise.readWeights();
      const { totals, gradients } = await gradientsOf(stepwise);
      expect(stepwise.readWeights()).toEqual(before);
      await stepwise.applyGradients(gradients);
      const trained = await whole.train({ ...sets(), seed: 3, batchSize: SAMPLES, order: upTo(SAMPLES) });
      expect(totals).toEqual(trained);
      expect(await stepwise.snapshot()).toEqual(await whole.snapshot());
    }
    expect(stepwise.readOptimizer().iterations).toBe(3);
  });

  test("applies any gradients; frozen weights don't change", async () => {
    const description = network();
    const outputs = description.training?.outputs ?? [];
    const program = create({ ...description, training: { outputs, optimizer: UNIT_SGD } });
    const before = program.readWeights();
    await program.applyGradients(before.map(({ length }) => new Float32Array(length).fill(2)));
    const changes = program
      .readWeights()
      .map((array, index) => array.map((value, i) => before[index][i] - value));
    changes.forEach((change, index) => {
      const isFrozen = index === 2 || index === 3;
      for (const value of change) expect(value).toBeCloseTo(isFrozen ? 0 : 2, 6);
    });
    const { gradients } = await gradientsOf(program);
    const learns = gradients.map((array) => array.some((value) => value !== 0));
    expect(learns).toEqual([true, true, false, false, true, true, false, false]);
  });

  test('sample weights affect losses and gradients, not metrics or sample counts', async () => {
    const weigh = (values: number[]) => [samplesOf([COUNT, 1], 'float32', Float32Array.from(values))];
    const ones = new Array(COUNT).fill(1);
    const program = create(CLASSIFIER);
    const plain = await program.gradients({ ...data(), seed: 1 });
    expect(await program.gradients({ ...data(), sampleWeights: weigh(ones), seed: 1 })).toEqual(plain);
    const doubled = await program.gradients({ ...data(), sampleWeights: weigh(ones.map(() => 2)), seed: 1 });
    expect(doubled.totals).toEqual({
      ...plain.totals,
      loss: 2 * plain.totals.loss,
      losses: [2 * plain.totals.losses[0]],
    });
    expect(doubled.gradients).toEqual(plain.gradients.map((array) => array.map((value) => 2 * value)));
    // Half of the samples, with the mean over all.
    const half = ones.map((_, i) => (i < COUNT / 2 ? 1 : 0));
    const some = program.evaluate({ ...run(), sampleWeights: weigh(half) }).wait();
    const evaluated = program.evaluate(run()).wait();
    const rest = program
      .evaluate({ ...run(), sampleWeights: weigh(half.map((weight) => 1 - weight)) })
      .wait();
    expect(some.loss + rest.loss).toBeCloseTo(evaluated.loss, 4);
    expect(some.loss).toBeGreaterThan(0);
    expect(some.metrics).toEqual(evaluated.metrics);
  });

  describe('refuses', () => {
    test('samples of another count, dtype or shape', async () => {
      const program = create(network());
      const { x, y, sampleWeights = [] } = sets();
      const refused = (changes: Partial<GradientRun>, code: string, ...texts: string[]) =>
        expectRefusal(() => gradientsOf(program, changes), code, ...texts);
      await refused({ x: [x[0]] }, 'INVALID_ARGUMENT', '2 inputs, not 1');
      await refused({ x: [] }, 'INVALID_ARGUMENT', '2 inputs, not 0');
      await refused({ y: [] }, 'INVALID_ARGUMENT', '1 outputs with a loss');
      await refused({ y: [y[0], y[0]] }, 'INVALID_ARGUMENT', '1 outputs with a loss');
      await refused(
        { sampleWeights: [...sampleWeights, ...sampleWeights] },
        'INVALID_ARGUMENT',
        'sample weights',
      );
      const fewer = samplesOf([SAMPLES - 1, 4], 'float32', new Float32Array(4 * (SAMPLES - 1)));
      await refused({ x: [x[0], fewer] }, 'SHAPE_MISMATCH', 'has 4');
      const columns = samplesOf([SAMPLES, 2], 'float32', new Float32Array(2 * SAMPLES));
      await refused({ sampleWeights: [columns] }, 'SHAPE_MISMATCH', '2]');
      const none = { x: [0, 1].map(() => samplesOf([0, 4], 'float32', new Float32Array(0))) };
      const y0 = [samplesOf([0, 2], 'float32', new Float32Array(0))];
      await refused({ ...none, y: y0, sampleWeights: undefined }, 'INVALID_ARGUMENT', 'batchSize is 0');
      await refused({ seed: -1 }, 'INVALID_ARGUMENT', 'seed');
      await refused({ signal: AbortSignal.abort() }, 'ABORTED');
      await expectRefusal(
        () => program.runHere([new Float32Array(4)], 1),
        'INVALID_ARGUMENT',
        '2 inputs, not 1',
      );
    });

    test('gradients of other shapes, and programs without a loss', async () => {
      const program = create(network());
      await expectRefusal(() => program.applyGradients([]), 'SHAPE_MISMATCH', '8', '0');
      const short = program.readWeights().map(({ length }) => new Float32Array(length - 1));
      await expectRefusal(() => program.applyGradients(short), 'SHAPE_MISMATCH', '16', '15');
      const untrained = create(describeProgram({ nodes: CLASSIFIER.graph.nodes }));
      await expectRefusal(() => untrained.gradients({ ...data(), seed: 0 }), 'NOT_COMPILED');
      await expectRefusal(() => untrained.applyGradients(untrained.readWeights()), 'NOT_COMPILED');
    });

    test('descriptions with invalid outputs, losses and shared weights', async () => {
      const good = network();
      const refused = (changes: Partial<ProgramDescription>, ...texts: string[]) =>
        expectRefusal(
          () => currentEngine().createProgram({ ...good, ...changes }),
          'INVALID_ARGUMENT',
          ...texts,
        );
      const changed = (changes: Partial<GraphDescription>) => ({ graph: { ...good.graph, ...changes } });
      const [scored, unscored] = (good.graph.outputs ?? []) as number[];
      await refused(changed({ outputs: [scored, scored] }), 'listed twice');
      await refused(changed({ outputs: [scored, 99] }), 'node 99', 'output');
      await refused(changed({ outputs: [scored, [scored, 1]] }), `output 1 of node ${scored} can't be`);
      await refused(changed({ outputs: [scored] }), 'no node takes its output');
      await refused({ training: { outputs: [null], optimizer: UNIT_SGD } }, '2 outputs', '1');
      await refused({ training: { outputs: [null, null], optimizer: UNIT_SGD } }, 'no output has a loss');
      const [trained] = good.training?.outputs ?? [];
      if (!trained) return expect.fail('the first output has a loss');
      const weighed = { outputs: [{ ...trained, weight: Number.NaN }, null], optimizer: UNIT_SGD };
      await refused({ training: weighed }, 'weight of its loss is');
      for (const sharesWith of [0, 3, 4, scored]) {
        const nodes = good.graph.nodes.map((node, index) => (index === 3 ? { ...node, sharesWith } : node));
        await refused(changed({ nodes }), `can't share the weights of node ${sharesWith}`);
      }
      const shares = good.graph.nodes.map((node, index) =>
        index === unscored ? { ...node, sharesWith: 2 } : node,
      );
      await refused(changed({ nodes: shares }), "can't share the weights of node 2");
    });
  });
});
