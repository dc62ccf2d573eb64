import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, dense, type Link, reshape, training } from '../../support/chain.js';
import {
  expectProgramAsReference,
  expectProgramBits,
  NAMED_ENGINES,
  Sampler,
} from '../../support/engine-comparison.js';
import { refusal } from '../../support/engine-runs.js';
import { Graph } from '../../support/graph.js';
import { expectBatchGradients, randomNumbers, sizeOf } from '../../support/numeric.js';
import { matMul } from '../../support/rearranging-links.js';

// Products of matrices: in numbers, by central differences, and the native engine against the reference engine.

const HALF = training('halfSquaredError');

interface Case {
  a: number[];
  b: number[];
  transposeA?: boolean;
  transposeB?: boolean;
}

const CASES: Case[] = [
  { a: [3, 4], b: [4, 2] },
  { a: [4, 3], b: [4, 2], transposeA: true },
  { a: [3, 4], b: [2, 4], transposeB: true },
  { a: [4, 3], b: [2, 4], transposeA: true, transposeB: true },
  { a: [2, 3, 4], b: [2, 4, 2] },
  { a: [2, 3, 4], b: [4, 2] },
  { a: [3, 4], b: [2, 4, 2] },
  { a: [2, 1, 3, 4], b: [1, 3, 2, 4], transposeB: true },
  { a: [3, 1, 4, 2], b: [4, 5], transposeA: true },
  { a: [1, 1], b: [1, 1] },
  { a: [1, 7], b: [7, 1] },
  { a: [7, 1], b: [1, 7] },
];

const LARGE: Case[] = [
  { a: [70, 40], b: [40, 33] },
  { a: [40, 70], b: [40, 33], transposeA: true },
  { a: [70, 40], b: [33, 40], transposeB: true },
  { a: [40, 70], b: [33, 40], transposeA: true, transposeB: true },
  { a: [130, 17], b: [17, 65] },
  { a: [3, 31, 32], b: [1, 32, 33] },
];

/** Two values of these shapes, which depend on one input and on weights, and their products. */
function graphOf({ a, b, transposeA, transposeB }: Case): Graph {
  const graph = new Graph([3]);
  const left = graph.after(0, dense(sizeOf(a)), reshape(...a));
  const right = graph.after(0, dense(sizeOf(b)), reshape(...b));
  graph.after([left, right], matMul(transposeA, transposeB));
  return graph;
}

const named = (cases: readonly Case[]) => cases.map((each) => [JSON.stringify(each), each] as const);

test.each(named(CASES))('gradients of %s by central differences', (_, { a, b, transposeA, transposeB }) => {
  const graph = new Graph(a, b);
  graph.after([0, 1], matMul(transposeA, transposeB), activation('tanh'));
  const description = graph.describe(HALF);
  const { nodes } = description.graph;
  expectBatchGradients(new ReferenceProgram(description, 'float64'), {
    samples: 2,
    inputs: [a, b].map((shape, i) => randomNumbers(2 * sizeOf(shape), i)),
    targets: [randomNumbers(2 * sizeOf(nodes[nodes.length - 1].outputs[0].shape), 5)],
  });
});

test('in numbers', () => {
  const product = (one: Case, a: number[], b: number[]) => {
    const graph = new Graph(one.a, one.b);
    graph.after([0, 1], matMul(one.transposeA, one.transposeB));
    const program = new ReferenceProgram(graph.describe(), 'float64');
    return [...program.runHere([Float32Array.from(a), Float32Array.from(b)], 1)[0]];
  };
  expect(product({ a: [2, 2], b: [2, 2] }, [1, 2, 3, 4], [5, 6, 7, 8])).toEqual([19, 22, 43, 50]);
  const transposed = { a: [2, 2], b: [2, 2], transposeA: true, transposeB: true };
  expect(product(transposed, [1, 3, 2, 4], [5, 7, 6, 8])).toEqual([19, 22, 43, 50]);
  expect(product({ a: [2, 1, 1], b: [1, 2] }, [10, 100], [1, 2])).toEqual([10, 20, 100, 200]);
});

describe.each(named([...CASES, ...LARGE]))('native: %s', (_, one) => {
  test('against float64', () => expectProgramAsReference(graphOf(one).describe(HALF), 3, 2));
  test('in whole numbers bit for bit', () => expectProgramBits(graphOf(one).describe(HALF), 2, 3));
});

test.each(Array.from({ length: 15 }, (_, i) => i))('random shapes %d', async (seed) => {
  const sampler = new Sampler(seed);
  const [m, n] = sampler.two(1, 34);
  const k = sampler.whole(1, 20);
  const leading = Array.from({ length: sampler.whole(0, 2) }, () => sampler.whole(1, 3));
  const some = () => leading.map((size) => sampler.oneOf([1, size])).slice(sampler.whole(0, leading.length));
  const [transposeA, transposeB] = [sampler.whole(0, 1) === 1, sampler.whole(0, 1) === 1];
  const a = [...some(), ...(transposeA ? [k, m] : [m, k])];
  const b = [...some(), ...(transposeB ? [n, k] : [k, n])];
  await expectProgramAsReference(graphOf({ a, b, transposeA, transposeB }).describe(HALF), 3, seed);
});

test('a matrix times itself', async () => {
  const graph = new Graph([5]);
  const value = graph.after(0, dense(16), reshape(4, 4));
  graph.after([value, value], matMul(false, true));
  await expectProgramAsReference(graph.describe(HALF), 2, 4);
});

test('gradients by one side alone', async () => {
  for (const frozen of [0, 1]) {
    const graph = graphOf({ a: [5, 6], b: [6, 7] });
    graph.freeze(frozen === 0 ? 1 : 3);
    await expectProgramAsReference(graph.describe(HALF), 2, 4);
  }
});

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  const refused = async (shapes: number[][], link: Link, inputs = shapes.map((__, i) => i)) => {
    const graph = new Graph(...shapes);
    graph.after(inputs, link);
    const { code, message } = await refusal(() => engine.createProgram(graph.describe()));
    return `${code} ${message}`;
  };

  test('refuses what does not fit', async () => {
    const link = matMul();
    expect(
      await refused(
        [
          [2, 3],
          [2, 3],
        ],
        link,
      ),
    ).toMatch(/^SHAPE_MISMATCH matMul.*can't be multiplied/);
    expect(await refused([[2, 3], [3]], link)).toMatch(/^SHAPE_MISMATCH matMul.*two axes or more/);
    expect(
      await refused(
        [
          [2, 1, 3],
          [3, 3, 4],
        ],
        link,
      ),
    ).toMatch(/^SHAPE_MISMATCH matMul.*don't fit/);
    expect(await refused([[3, 3]], link, [0, 0, 0])).toMatch(/^INVALID_ARGUMENT matMul.*two inputs, not 3/);
    const odd: Link = () => ({ op: 'matMul', attributes: { transposeA: 1 }, parameters: [] });
    expect(
      await refused(
        [
          [3, 3],
          [3, 3],
        ],
        odd,
      ),
    ).toMatch(/^INVALID_ARGUMENT matMul.*transposeA/);
  });
});
