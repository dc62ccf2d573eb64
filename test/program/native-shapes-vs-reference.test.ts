import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { ReferenceProgram, referenceEngine } from '../../lib/program/reference-engine/index.js';
import { expectError } from '../support/convforge-error.js';
import { chain, conv2d, type Link, reshape, training } from '../support/chain.js';
import {
  expectProgramAsReference,
  expectSameAsReference,
  expectSameBits,
} from '../support/engine-comparison.js';
import { Graph } from '../support/graph.js';
import { outputOf } from '../support/one-batch.js';
import {
  broadcast,
  concatenate,
  conv2dTranspose,
  embedding,
  merge,
  pad,
  permute,
  resize,
  spaceToDepth,
  standardize,
  unitLength,
} from '../support/shape-links.js';

// Ops that merge values or move their elements, in the native engine in float32 against the reference engine in float64.

const HALF = training('halfSquaredError');

/** A 1x1 convolution that leaves the channels' number: its gradient tells the next node's gradient by its input. */
const probe: Link = (input) => conv2d([1, 1], input[2])(input);

describe.each(['subtract', 'multiply', 'average', 'maximum', 'minimum'])('%s', (kind) => {
  test.each([1, 5, 17])('%d channels', async (channels) => {
    const graph = new Graph([7, 9, channels]);
    const inputs = [graph.after(0, probe), graph.after(0, probe), 0];
    graph.after(kind === 'subtract' ? inputs.slice(0, 2) : inputs, merge(kind), probe);
    await expectProgramAsReference(graph.describe(HALF), 3, 7);
  });

  test('with the same value twice', async () => {
    const graph = new Graph([3, 4, 2]);
    const value = graph.after(0, probe);
    graph.after([value, value], merge(kind), probe);
    await expectProgramAsReference(graph.describe(HALF), 2, 3);
  });
});

test.each([
  [0, [4, 7, 5]],
  [1, [5, 3, 5]],
  [2, [5, 7, 33]],
])('concatenate along axis %d', async (axis, second) => {
  const graph = new Graph([5, 7, 5]);
  const first = graph.after(0, probe);
  const flat = graph.after(
    0,
    reshape(175),
    pad([0], [second[0] * second[1] * second[2] - 175]),
    reshape(...second),
  );
  graph.after([first, graph.after(flat, probe)], concatenate(axis), probe);
  await expectProgramAsReference(graph.describe(HALF), 3, 11);
});

test('concatenate a value with itself and with one without gradients', async () => {
  const graph = new Graph([3, 4, 2]);
  const first = graph.after(0, probe);
  graph.after([first, 0, first], concatenate(2), probe);
  await expectProgramAsReference(graph.describe(HALF), 2, 12);
});

const MOVES: Record<string, Link> = {
  'broadcast channels': reshapeThen([5, 6, 3, 1], broadcast(5, 6, 3, 4), reshape(5, 6, 12)),
  'broadcast rows and columns': reshapeThen([1, 1, 90], broadcast(3, 2, 90)),
  'permute two': permute(1, 0, 2),
  'permute three': permute(2, 0, 1),
  'permute back': permute(0, 2, 1),
  'space to depth': reshapeThen([6, 5, 3], pad([0, 1, 0], [0, 0, 0]), spaceToDepth(2)),
  'space to depth, blocks of 3': reshapeThen([3, 6, 5], spaceToDepth(3)),
  'depth to space': reshapeThen([5, 2, 9], spaceToDepth(3, true)),
  'pad every side': pad([1, 2, 1], [3, 0, 2]),
  'crop every side': pad([-1, -2, -1], [-3, 0, -1]),
  'pad and crop': pad([2, -3, 0], [-4, 1, 0]),
  'enlarge, bilinear': resize('bilinear', [10, 17]),
  'shrink, bilinear': resize('bilinear', [2, 3]),
  'to one cell, bilinear': resize('bilinear', [1, 1]),
  'enlarge, nearest': resize('nearest', [10, 18]),
  'shrink, nearest': resize('nearest', [3, 4]),
  'enlarge, bilinear from the top left': resize('bilinear', [10, 17], 'topLeft'),
  'shrink, bilinear from the top left': resize('bilinear', [2, 4], 'topLeft'),
  'enlarge, bilinear, aligned': resize('bilinear', [10, 17], 'aligned'),
  'to one row, bilinear, aligned': resize('bilinear', [1, 4], 'aligned'),
  'enlarge, nearest from the top left': resize('nearest', [12, 17], 'topLeft'),
  'enlarge, nearest, aligned': resize('nearest', [9, 11], 'aligned'),
  standardize: standardize([1, -2, 0.5], [3, 0.25, -1]),
};

/** Several links as one: the nodes' last shape is not asked for. */
function reshapeThen(shape: number[], ...links: Link[]): Link & { chain?: Link[] } {
  return Object.assign(reshape(...shape), { chain: links });
}

test.each(Object.entries(MOVES))('%s', async (_, link) => {
  const links = [probe, link, ...((link as { chain?: Link[] }).chain ?? []), probe];
  await expectSameAsReference({ input: [5, 6, 3], links, samples: 3, seed: 5 });
});

test.each(Object.entries(MOVES).filter(([name]) => /broadcast|permute|space|pad|crop|nearest/.test(name)))(
  '%s, in whole numbers bit for bit',
  async (_, link) => {
    const links = [probe, link, ...((link as { chain?: Link[] }).chain ?? [])];
    await expectSameBits({ input: [5, 6, 3], links, samples: 2, seed: 6 });
  },
);

describe('conv2dTranspose', () => {
  test.each([
    [[3, 3], [4, 5, 2], [6, 7, 3], {}],
    [[2, 2], [4, 5, 2], [8, 10, 33], { strides: [2, 2] }],
    [[3, 3], [4, 5, 3], [8, 10, 5], { strides: [2, 2], padding: [0, 1, 0, 1] }],
    [[1, 1], [4, 5, 2], [12, 15, 3], { strides: [3, 3] }],
    [[3, 2], [4, 5, 40], [10, 10, 34], { strides: [2, 2], padding: [0, 0, 0, 0], bias: false }],
    [[3, 3], [5, 6, 4], [5, 6, 4], { padding: [1, 1, 1, 1] }],
    [[3, 3], [5, 6, 2], [9, 10, 3], { dilation: [2, 2] }],
  ] as const)('kernel %j, %j to %j, %j', async (size, input, output, options) => {
    const link = conv2dTranspose([...size], [...output], options as object);
    const channels = input[2];
    for (const samples of [1, 3, 17]) {
      const links = [conv2d([1, 1], channels), link];
      await expectSameAsReference({ input: [...input], links, samples, seed: 8 });
    }
    await expectSameBits({ input: [...input], links: [link, probe], samples: 2, seed: 9 });
  });

  test('4 numbers computed by hand', () => {
    const link = conv2dTranspose([2, 2], [3, 3, 1], { bias: false });
    const program = new ReferenceProgram(chain([2, 2, 1], [link]), 'float64');
    program.weights[0].set([1, 2, 3, 4]);
    const [y] = program.runHere([Float32Array.of(1, 10, 100, 1000)], 1);
    expect([...y]).toEqual([1, 12, 20, 103, 1234, 2040, 300, 3400, 4000]);
  });
});

describe('embedding', () => {
  test.each([1, 3, 32, 33, 70])('rows of %d', async (width) => {
    const rows = chain([6], [embedding(5, width)], HALF);
    const index = Float32Array.from({ length: 24 }, (_, i) => (i * 7) % 5);
    const native = nativeEngine().createProgram(rows);
    const reference = new ReferenceProgram(rows, 'float64');
    const table = Float32Array.from({ length: 5 * width }, (_, i) => i - 20);
    native.writeWeights([table]);
    reference.writeWeights([table]);
    const engine = nativeEngine();
    const x = engine.allocateSamples([4, 6], 'float32');
    x.write(index, 0);
    const y = engine.allocateSamples([4, 6, width], 'float32');
    y.write(new Float32Array(24 * width), 0);
    const [output] = await native.predict({ x: [x], batchSize: 4 }).promise;
    expect([...output]).toEqual([...reference.runHere([index], 4)[0]]);
    await native.train({ x: [x], y: [y], batchSize: 4, order: Uint32Array.of(0, 1, 2, 3), seed: 1 });
    const uses = Array.from({ length: 5 }, (_, row) => index.filter((each) => each === row).length);
    const expected = table.map((value, i) => value - (uses[Math.floor(i / width)] * value) / 4);
    expect([...native.readWeights()[0]]).toEqual([...expected]);
  });

  test('an invalid index gives NaN, in both engines', async () => {
    const rows = chain([4], [embedding(3, 2)]);
    const wrong = Float32Array.of(0, -1, 3, 0.5);
    for (const program of [nativeEngine().createProgram(rows), new ReferenceProgram(rows, 'float32')]) {
      program.writeWeights([Float32Array.of(1, 2, 3, 4, 5, 6)]);
      expect([...outputOf(program, wrong, 1)]).toEqual([1, 2, NaN, NaN, NaN, NaN, NaN, NaN]);
    }
  });
});

test('unitLength of vectors, one nearly 0', async () => {
  for (const [scale, least] of [[1], [1e-9], [5e-5, 1e-7], [1e-3, 1e-7]]) {
    const rows = chain([2, 3], [unitLength(least)]);
    const x = Float32Array.of(3 * scale, 0, 4 * scale, -2 * scale, 1 * scale, 2 * scale);
    const native = outputOf(nativeEngine().createProgram(rows), x, 1);
    const exact = outputOf(new ReferenceProgram(rows, 'float64'), x, 1);
    for (const [i, value] of native.entries()) expect(value).toBeCloseTo(exact[i], 6);
    if (scale === 1) expect(native[0]).toBeCloseTo(0.6, 6);
    // The root of 1e-7 is 3.16e-4.
    if (scale === 5e-5) expect(native[0]).toBeCloseTo(1.5 / 3.16227766, 6);
  }
  for (const engine of [nativeEngine(), referenceEngine()]) {
    const refused = () => engine.createProgram(chain([3], [unitLength(0)]));
    await expectError(refused, 'INVALID_ARGUMENT', /leastSquare must be above 0/);
  }
});
