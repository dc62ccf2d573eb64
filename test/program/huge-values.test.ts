import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { ReferenceProgram, referenceEngine } from '../../lib/program/reference-engine/index.js';
import type { ConstraintDescription, ProgramDescription } from '../../lib/program/description.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';
import { activation, chain, dense, type Link, reshape, training, UNIT_SGD } from '../support/chain.js';
import { ENGINES } from '../support/engines.js';
import { samplesOn } from '../support/engine-comparison.js';
import { batchNormalization, groupNormalization, layerNormalization } from '../support/normalization.js';
import { randomNumbers } from '../support/numeric.js';
import { gradientsOf } from '../support/one-batch.js';
import { embedding, unitLength } from '../support/shape-links.js';

// Statistics and norms of values whose squares overflow float32, compared with the reference engine in
// float64.

/** Values of a number of rows and columns. */
const TABLES: [string, (row: number, column: number) => number][] = [
  ['1e30 among small ones', (row, column) => (row === 0 && column === 0 ? 1e30 : 0.5)],
  ['up to 1e16', (row, column) => ((row * 7 + column * 3) % 11) * 1e15],
  ['up to 1e20', (row, column) => ((row * 7 + column * 3) % 11) * 1e19 - 5e19],
  ['from -3e38 to 3e38', (row, column) => ((row * 7 + column * 5) % 3) * 3e38 - 3e38],
  ['around 3e38', (row, column) => 3e38 + ((row * 7 + column * 5) % 4) * 1e37],
  ['3e38', () => 3e38],
  ['1e38', () => 1e38],
  ['1e27', () => 1e27],
  ['3e38, some of them negative', (row, column) => (row % 3 === 1 || column % 4 === 1 ? -3e38 : 3e38)],
  ['3e38 and the next float', (row, column) => 3e38 + ((row + column) % 2) * 2 ** 104],
];

const PLAIN = { center: false, scale: false };

const ROWS = 6;
const COLUMNS = 8;

/**
 * Runs rows of an embedding through the links, whose weights are in a range, forward and backward, on both
 * engines.
 */
async function expectAsReference(
  rows: Float32Array,
  links: Link[],
  [low, high]: [number, number] = [0.5, 1.5],
): Promise<void> {
  const count = rows.length / COLUMNS;
  const description: ProgramDescription = chain(
    [1],
    [embedding(count, COLUMNS), ...links],
    training('halfSquaredError'),
  );
  const { shape } = description.graph.nodes[description.graph.nodes.length - 1].outputs[0];
  const exact = new ReferenceProgram(description, 'float64');
  const weights = exact.weights.map((values, i) =>
    i === 0 ? rows : Float32Array.from(randomNumbers(values.length, i, low, high)),
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

describe.each(TABLES)('values of %s', (_, value) => {
  const rows = Float32Array.from({ length: ROWS * COLUMNS }, (_value, i) =>
    value(Math.floor(i / COLUMNS), i % COLUMNS),
  );

  test.each<[string, Link[]]>([
    ['layer normalization', [layerNormalization(1)]],
    ['layer normalization without gamma and beta', [layerNormalization(1, { center: false, scale: false })]],
    ['batch normalization', [batchNormalization()]],
    ['batch normalization and relu', [batchNormalization(), activation('relu')]],
    ['group normalization', [reshape(2, 4), groupNormalization(2)]],
    ['instance normalization', [reshape(4, 2), groupNormalization(2)]],
    ['unit length', [unitLength()]],
  ])('%s', async (_name, links) => {
    await expectAsReference(rows, links);
  });

  test.each<[string, [number, number]]>([
    ['small', [100, 200]],
    ['large', [1e38, 3e38]],
  ])('batch normalization by given statistics that are %s', async (_name, range) => {
    await expectAsReference(rows, [batchNormalization({ ...PLAIN, frozen: true })], range);
  });
});

const [THIRD, MINUS_THIRD] = [1 / Math.sqrt(3), -1 / Math.sqrt(3)];

describe.each(ENGINES)('normalized on %s', (name) => {
  const engine = name === 'native' ? nativeEngine() : referenceEngine();

  /** The output of a row, or of a column, through a normalization without gamma and beta. */
  function normalized(values: readonly number[], link: Link, shape: number[]): number[] {
    const program = engine.createProgram(chain(shape, [link], training('halfSquaredError')));
    const [output] = program.runHere([Float32Array.from(values)], 1);
    program.dispose();
    return Array.from(output);
  }

  describe.each<[string, Link, number[]]>([
    ['layer', layerNormalization(1, PLAIN), [4]],
    ['group', groupNormalization(1, PLAIN), [4]],
    ['instance', groupNormalization(1, PLAIN), [4, 1]],
    ['batch', batchNormalization({ ...PLAIN, always: true }), [4, 1]],
  ])('by %s', (_, link, shape) => {
    test.each([3e38, -3e38, 1e38, 1e27])('equal values of %d give 0', (value) => {
      expect(normalized([value, value, value, value], link, shape)).toEqual([0, 0, 0, 0]);
    });

    test('large values of both signs', () => {
      const values = normalized([3e38, -3e38, 3e38, 3e38], link, shape);
      expectNear(values, [THIRD, 3 * MINUS_THIRD, THIRD, THIRD], 'output');
    });

    test('large values one step of float32 apart', () => {
      const values = normalized([3e38, 3e38 + 2 ** 104, 3e38 + 2 ** 104, 3e38], link, shape);
      expectNear(values, [-1, 1, 1, -1], 'output');
    });
  });

  test('by given statistics, if the distance from the mean overflows float32', () => {
    const program = engine.createProgram(
      chain([2], [batchNormalization({ ...PLAIN, frozen: true })], training('halfSquaredError')),
    );
    program.writeWeights([Float32Array.of(-3e38, 3e38), Float32Array.of(1e38, Number.POSITIVE_INFINITY)]);
    const [output] = program.runHere([Float32Array.of(3e38, -3e38)], 1);
    program.dispose();
    expectNear(output, [6e19, 0], 'output');
    const standard: Link = (shape) => ({
      op: 'standardize',
      attributes: { mean: [-3e38, 3e38], scale: [2e-38, 2e-38] },
      parameters: [],
      shape,
    });
    expectNear(normalized([3e38, -3e38], standard, [2]), [12, -12], 'output');
  });

  test('to unit length', () => {
    expect(normalized([3e38, 3e38, 3e38, 3e38], unitLength(), [4])).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(normalized([3e38, -3e38, 3e38, 3e38], unitLength(), [4])).toEqual([0.5, -0.5, 0.5, 0.5]);
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
  // 2.5e75 overflows float32.
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
