import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { ReferenceProgram, referenceEngine } from '../../lib/program/reference-engine/index.js';
import type { ConstraintDescription, ProgramDescription } from '../../lib/program/description.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';
import { activation, chain, dense, type Link, reshape, training, UNIT_SGD } from '../support/chain.js';
import { samplesOn } from '../support/engine-comparison.js';
import { batchNormalization, groupNormalization, layerNormalization } from '../support/normalization.js';
import { randomNumbers } from '../support/numeric.js';
import { gradientsOf } from '../support/one-batch.js';
import { embedding, unitLength } from '../support/shape-links.js';

// Statistics and norms of values whose squares float32 can't hold, against the reference engine in float64.

/** Values of so many rows and columns. */
const TABLES: [string, (row: number, column: number) => number][] = [
  ['1e30 among small ones', (row, column) => (row === 0 && column === 0 ? 1e30 : 0.5)],
  ['up to 1e16', (row, column) => ((row * 7 + column * 3) % 11) * 1e15],
  ['up to 1e20', (row, column) => ((row * 7 + column * 3) % 11) * 1e19 - 5e19],
  ['from -3e38 to 3e38', (row, column) => ((row * 7 + column * 5) % 3) * 3e38 - 3e38],
  ['around 3e38', (row, column) => 3e38 + ((row * 7 + column * 5) % 4) * 1e37],
];

const ROWS = 6;
const COLUMNS = 8;

/** Runs rows of an embedding through the links, forward and back, on both engines. */
async function expectAsReference(rows: Float32Array, links: Link[]): Promise<void> {
  const count = rows.length / COLUMNS;
  const description: ProgramDescription = chain(
    [1],
    [embedding(count, COLUMNS), ...links],
    training('halfSquaredError'),
  );
  const { shape } = description.nodes[description.nodes.length - 1];
  const exact = new ReferenceProgram(description, 'float64');
  const weights = exact.weights.map((values, i) =>
    i === 0 ? rows : Float32Array.from(randomNumbers(values.length, i, 0.5, 1.5)),
  );
  exact.weights.forEach((values, i) => void values.set(weights[i]));
  const engine = nativeEngine();
  const program = engine.createProgram(description);
  program.writeWeights(weights);
  const x = Float32Array.from({ length: count }, (_, i) => i);
  const t = Float32Array.from(randomNumbers(rows.length, 5));
  const expected = gradientsOf(exact, x, t, { seed: 1, step: 0 });
  const [y] = program.runHere([x], count);
  const { gradients } = await program.gradients({
    x: [samplesOn(engine, [count, 1], x)],
    y: [samplesOn(engine, [count, ...shape], t)],
    seed: 1,
  });
  program.dispose();
  if (links.every((link) => link([COLUMNS]).op !== 'batchNormalization')) {
    expectNear(y, exact.runHere([x], count)[0], 'output');
  }
  gradients.forEach((gradient, i) => void expectNear(gradient, expected.gradients[i], `gradient ${i}`));
}

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const largest = Math.max(...Array.from(expected, Math.abs));
  expect(largest, what).toBeLessThan(Number.POSITIVE_INFINITY);
  for (let i = 0; i < expected.length; i++) {
    if (Math.abs(actual[i] - expected[i]) <= 3e-5 * largest + 2e-38) continue;
    expect.fail(`${what} ${i} is ${actual[i]}; expected ${expected[i]}, of up to ${largest}`);
  }
}

describe.each(TABLES)('values %s', (_, value) => {
  const rows = Float32Array.from({ length: ROWS * COLUMNS }, (_value, i) =>
    value(Math.floor(i / COLUMNS), i % COLUMNS),
  );

  test.each<[string, Link[]]>([
    ['layer normalization', [layerNormalization(1)]],
    ['layer normalization without gamma and beta', [layerNormalization(1, { center: false, scale: false })]],
    ['batch normalization', [batchNormalization()]],
    ['batch normalization and relu', [batchNormalization(), activation('relu')]],
    ['group normalization', [reshape(2, 4), groupNormalization(2)]],
    ['unit length', [unitLength()]],
  ])('%s', async (_name, links) => {
    await expectAsReference(rows, links);
  });
});

test('the moving mean of huge values', async () => {
  const engine = nativeEngine();
  const program = engine.createProgram(
    chain(
      [2],
      [batchNormalization({ momentum: 0.5, center: false, scale: false })],
      training('halfSquaredError'),
    ),
  );
  program.writeWeights([new Float32Array(2), new Float32Array(2)]);
  await program.train({
    x: [samplesOn(engine, [2, 2], Float32Array.of(3e38, 1e18, 2e38, 3e18))],
    y: [samplesOn(engine, [2, 2], new Float32Array(4))],
    batchSize: 2,
    order: Uint32Array.of(0, 1),
    seed: 1,
  });
  const [mean, variance] = program.readWeights();
  expect(mean[0] / 1.25e38).toBeCloseTo(1, 5);
  expect(mean[1] / 1e18).toBeCloseTo(1, 5);
  // 2.5e75 is no float32.
  expect(variance[0]).toBe(Number.POSITIVE_INFINITY);
  expect(variance[1] / 5e35).toBeCloseTo(1, 5);
  program.dispose();
});

describe('norms of huge values', () => {
  const GRADIENT = { x: [1e15, 2e15], y: [-1e15, -3e15] };

  async function step(
    { x, y }: typeof GRADIENT,
    weights: Float32Array,
    options: Partial<OptimizerDescription>,
    constraint?: ConstraintDescription,
  ): Promise<Float32Array[]> {
    const link: Link = (shape) => {
      const node = dense(2, { bias: false })(shape);
      return { ...node, parameters: [{ ...node.parameters[0], constraint }] };
    };
    const description = chain([2], [link], {
      ...training('halfSquaredError'),
      optimizer: { ...UNIT_SGD, ...options } as OptimizerDescription,
    });
    const results = [];
    for (const engine of [nativeEngine(), referenceEngine()]) {
      const program = engine.createProgram(description);
      program.writeWeights([weights]);
      await program.train({
        x: [samplesOn(engine, [1, 2], Float32Array.from(x))],
        y: [samplesOn(engine, [1, 2], Float32Array.from(y))],
        batchSize: 1,
        order: Uint32Array.of(0),
        seed: 1,
      });
      results.push(program.readWeights()[0]);
      program.dispose();
    }
    return results;
  }

  test.each(['clipNorm', 'globalClipNorm'])('%s keeps the direction of the gradient', async (option) => {
    const [native, reference] = await step(GRADIENT, new Float32Array(4), { [option]: 1 });
    expectNear(native, reference, 'weight');
    expect(Math.hypot(...native)).toBeCloseTo(1, 5);
  });

  test.each([[[0]], [[0, 1]]])('a constraint of the norm over axes %j', async (axes) => {
    const constraint = { kind: 'norm', minimum: 0, maximum: 2, rate: 1, axes } as const;
    const weights = Float32Array.of(3e25, 0, 4e25, 1);
    const [native, reference] = await step({ x: [0, 0], y: [0, 0] }, weights, {}, constraint);
    expectNear(native, reference, 'weight');
    expect([native[0], native[2]].map((value) => value.toFixed(5))).toEqual(['1.20000', '1.60000']);
  });
});
