import { describe, expect, test } from 'vitest';
import { activation, chain, dense, type Link, reshape, training } from '../../support/chain.js';
import {
  expectProgramAsReference,
  expectProgramBits,
  expectSameBits,
  NAMED_ENGINES,
  Sampler,
} from '../../support/engine-comparison.js';
import { refusal } from '../../support/engine-runs.js';
import { Graph } from '../../support/graph.js';
import { sizeOf } from '../../support/numeric.js';
import { outputOf } from '../../support/one-batch.js';
import { constant, gather, padWith, pooling, slice, someIndices } from '../../support/rearranging-links.js';
import { broadcast, pad, permute } from '../../support/shape-links.js';

// Ops that choose, repeat and move elements, in the native engine against the reference engine.

const HALF = training('halfSquaredError');

/** A dense layer that leaves the last axis: its gradient tells the next node's gradient by its input. */
const probe: Link = (input) => dense(input[input.length - 1])(input);

/** As probe, but a vector is the only one that has many weights. */
const shaped = (...shape: number[]): Link[] => [reshape(sizeOf(shape) / 3, 3), probe, reshape(...shape)];

const CASES: [string, number[], Link][] = [
  ['slice a vector', [21], slice([3], [6], [3])],
  ['slice a vector backwards', [33], slice([32], [33], [-1])],
  ['slice rows', [6, 5, 3], slice([1, 0, 0], [4, 5, 3])],
  ['slice every other pixel', [7, 9, 3], slice([0, 1, 0], [4, 4, 3], [2, 2, 1])],
  ['slice backwards along each axis', [6, 5, 3], slice([5, 3, 2], [3, 2, 2], [-2, -3, -1])],
  ['slice one element', [6, 5, 3], slice([5, 3, 2], [1, 1, 1])],
  ['gather rows', [6, 5, 3], gather(0, someIndices(6, 9))],
  ['gather columns by a matrix', [6, 5, 3], gather(1, someIndices(5, 2, 2), [2, 2])],
  ['gather channels', [6, 5, 3], gather(2, [2, 0, 0, 1])],
  ['gather one row', [6, 5, 3], gather(0, [4], [])],
  ['gather from a vector', [12], gather(0, someIndices(12, 5))],
  ['transpose a large matrix', [70, 90], permute(1, 0)],
  ['image to channels first', [37, 41, 3], permute(2, 0, 1)],
  ['image to channels last', [3, 37, 41], permute(1, 2, 0)],
  ['all axes turned', [9, 17, 33], permute(2, 1, 0)],
  ['middle axes swapped', [3, 8, 9, 5], permute(0, 2, 1, 3)],
  ['four axes', [3, 8, 9, 5], permute(3, 1, 0, 2)],
  ['axes of size 1', [1, 30, 1, 7], permute(3, 0, 2, 1)],
  ['broadcast a column', [12, 1], broadcast(12, 40)],
  ['broadcast all', [1, 3, 1], broadcast(7, 3, 11)],
  ['pad columns of size 1', [12, 1], pad([2, 1], [0, 3])],
  ['pad by the edge', [5, 6, 3], padWith([2, 1, 0], [0, 3, 0], 'edge')],
  ['pad by reflection', [5, 6, 3], padWith([4, 1, 0], [2, 5, 0], 'reflect')],
  ['pad channels by symmetry', [5, 6, 3], padWith([0, 0, 7], [0, 0, 2], 'symmetric')],
  ['pad around and crop', [5, 6, 3], padWith([-2, 9, 0], [3, -1, 1], 'wrap')],
  ['pad a vector by reflection', [12], padWith([30], [25], 'reflect')],
  ['pad many rows', [90, 80, 3], padWith([3, 3, 0], [3, 3, 0], 'reflect')],
  ['dilated maximum', [9, 8, 3], pooling('max', [3, 2], { padding: [2, 1, 1, 0], dilations: [2, 3] })],
  ['dilated sum', [9, 8, 3], pooling('sum', [2, 3], { strides: [2, 1], dilations: [1, 2] })],
  ['dilated sum of a large image', [40, 50, 6], pooling('sum', [3, 3], { dilations: [2, 2] })],
  ['maximum beyond the padding', [9, 8, 3], pooling('max', [3, 3], { strides: [2, 2], beyond: [1, 2] })],
];

describe.each(CASES)('%s', (_, shape, link) => {
  test('against float64', () => {
    const graph = new Graph(shape);
    graph.after(0, ...shaped(...shape), link, activation('relu'));
    return expectProgramAsReference(graph.describe(HALF), 3, 5);
  });

  test('in whole numbers bit for bit', () =>
    expectSameBits({ input: shape, links: [...shaped(...shape), link], samples: 2, seed: 6 }));
});

test.each(['inside', 'padded'])('averages of all kinds, over the cells %s', async (counted) => {
  for (const seed of Array.from({ length: 20 }, (_, i) => i)) {
    const sampler = new Sampler(seed);
    const shape = [...sampler.two(3, 12), sampler.oneOf([1, 3, 17])];
    const size = sampler.two(1, 3);
    const dilations = sampler.oneOf([[1, 1] as [number, number], sampler.two(1, 2)]);
    const side = (axis: number) => sampler.whole(0, Math.ceil(((size[axis] - 1) * dilations[axis]) / 2));
    const link = pooling('average', size, {
      strides: sampler.two(1, 3),
      padding: [side(0), side(0), side(1), side(1)],
      beyond: [side(0) >> 1, side(1) >> 1],
      dilations,
      counted,
    });
    const graph = new Graph(shape);
    graph.after(0, probe, link, probe);
    await expectProgramAsReference(graph.describe(HALF), 3, seed);
  }
});

test.each(NAMED_ENGINES)('NaN and windows outside the image in the %s engine', (_, engine) => {
  const link = pooling('max', [2, 1], { dilations: [3, 1], padding: [1, 1, 0, 0] });
  const program = engine.createProgram(chain([2, 1, 1], [link]));
  expect([...outputOf(program, Float32Array.of(1, 2), 1)]).toEqual([Number.NEGATIVE_INFINITY]);
  const wide = engine.createProgram(chain([3, 1, 1], [pooling('max', [2, 1], { dilations: [2, 1] })]));
  expect([...outputOf(wide, Float32Array.of(Number.NaN, 5, 7), 1)]).toEqual([Number.NaN]);
  expect([...outputOf(wide, Float32Array.of(7, 5, Number.NaN), 1)]).toEqual([Number.NaN]);
});

/** A random slice and a random gather, one behind the other. */
function randomLinks(sampler: Sampler, shape: readonly number[]): Link[] {
  const steps = shape.map((size) => sampler.oneOf([1, 1, 2, 3, -1, -2]) * (size > 1 ? 1 : -1));
  const starts = shape.map((size) => sampler.whole(0, size - 1));
  const sizes = shape.map((size, i) => {
    const room = steps[i] > 0 ? size - 1 - starts[i] : starts[i];
    return 1 + sampler.whole(0, Math.floor(room / Math.abs(steps[i])));
  });
  const axis = sampler.whole(0, shape.length - 1);
  const indices = Array.from({ length: sampler.whole(1, 6) }, () => sampler.whole(0, sizes[axis] - 1));
  return [slice(starts, sizes, steps), gather(axis, indices)];
}

test.each(Array.from({ length: 25 }, (_, i) => i))('slices and gathers of random shapes %d', async (seed) => {
  const sampler = new Sampler(seed);
  const shape = Array.from({ length: sampler.whole(1, 4) }, () => sampler.oneOf([1, 2, 3, 7, 16, 33]));
  while (sizeOf(shape) > 6000) shape.pop();
  const graph = new Graph(shape);
  graph.after(0, probe, ...randomLinks(sampler, shape), probe);
  await expectProgramAsReference(graph.describe(HALF), 3, seed);
});

describe('constant', () => {
  test.each([[[5]], [[40]], [[3, 4]], [[2, 3, 70]], [[1, 20000]]])('%j', async (shape) => {
    for (const samples of [1, 2, 4]) {
      const graph = new Graph([6]);
      graph.after(0, dense(3), constant(...shape));
      await expectProgramBits(graph.describe(HALF), samples, 4);
    }
  });

  test('one that does not learn', async () => {
    const graph = new Graph([6]);
    const value = graph.after(0, constant(3, 4));
    graph.freeze(value);
    graph.after(value, probe);
    await expectProgramAsReference(graph.describe(HALF), 3, 4);
  });
});

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  test.each([
    [slice([0, 0], [1, 0]), 'INVALID_ARGUMENT', 'sizes'],
    [slice([0, -1], [1, 1]), 'INVALID_ARGUMENT', 'starts'],
    [slice([0, 0], [1, 1], [1, 0]), 'INVALID_ARGUMENT', 'steps'],
    [slice([0, 0], [1, 1], [1, 0.5]), 'INVALID_ARGUMENT', 'steps'],
    [slice([0], [1]), '', ''],
    [slice([0, 3], [1, 1]), 'SHAPE_MISMATCH', 'axis 1'],
    [slice([0, 1], [1, 3]), 'SHAPE_MISMATCH', 'axis 1'],
    [slice([0, 1], [1, 3], [1, -1]), 'SHAPE_MISMATCH', 'axis 1'],
    [gather(2, [0]), 'INVALID_ARGUMENT', 'there is no axis 2'],
    [gather(-1, [0]), 'INVALID_ARGUMENT', 'axis'],
    [gather(1, [3]), 'INVALID_ARGUMENT', 'no index 3'],
    [gather(1, [-1]), 'INVALID_ARGUMENT', 'indices'],
    [gather(1, [1.5]), 'INVALID_ARGUMENT', 'indices'],
    [gather(1, [1, 2], [3]), 'INVALID_ARGUMENT', 'indices'],
    [gather(1, [], [0]), '', 'indicesShape'],
    [gather(1, [0], [2 ** 20, 2 ** 20]), 'TOO_LARGE', 'indicesShape'],
    [constant(), 'SHAPE_MISMATCH', 'one axis or more'],
    [padWith([1, 0], [0, 0], 'mirror'), 'UNSUPPORTED', 'mirror'],
    [padWith([1, 0], [0, 0], 'constant', Number.POSITIVE_INFINITY), 'INVALID_ARGUMENT', 'value'],
    [padWith([0, -2], [0, -1], 'edge'), 'SHAPE_MISMATCH', ''],
  ])('refuses what does not fit: %#', async (link, code, text) => {
    await expectRefused(new Graph([2, 3]), link, code, text);
  });

  test.each([
    [{ dilations: [0, 1] }, 'INVALID_ARGUMENT', 'dilations'],
    [{ dilations: [1, 3] }, 'SHAPE_MISMATCH', ''],
    [{ beyond: [0, -1] }, 'INVALID_ARGUMENT', 'beyond'],
    [{ padding: [0, 0, 1, 1], beyond: [0, 1] }, 'INVALID_ARGUMENT', 'padding'],
    [{ counted: 'all' }, 'UNSUPPORTED', 'all'],
  ])('refuses a pooling that does not fit: %j', async (options, code, text) => {
    await expectRefused(new Graph([2, 3, 1]), pooling('average', [2, 2], options as object), code, text);
  });

  async function expectRefused(graph: Graph, link: Link, code: string, text: string): Promise<void> {
    graph.after(0, link);
    const found = await refusal(() => engine.createProgram(graph.describe()));
    expect([found.code, found.layer, found.message]).toEqual([
      code || expect.any(String),
      expect.stringMatching(/_1$/),
      expect.stringContaining(text),
    ]);
  }
});
