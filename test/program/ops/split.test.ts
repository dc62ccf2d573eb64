import { describe, expect, test } from 'vitest';
import type { OutputTraining, ProgramDescription, ValueReference } from '../../../lib/program/description.js';
import type { ValueGradients } from '../../../lib/program/engine.js';
import {
  activation,
  conv2d,
  dense,
  type Link,
  rescaling,
  reshape,
  training,
  UNIT_SGD,
} from '../../support/chain.js';
import {
  expectProgramAsReference,
  expectProgramBits,
  NAMED_ENGINES,
  pair,
  Sampler,
  samplesOn,
} from '../../support/engine-comparison.js';
import { refusal } from '../../support/engine-runs.js';
import { add, Graph } from '../../support/graph.js';
import { expectClose, randomNumbers, sizeOf } from '../../support/numeric.js';
import { concatenate, fold, permute, split, unfold } from '../../support/shape-links.js';
import { expectSameEverything } from '../../support/whole-programs.js';

// The op with several outputs, in the native engine against the reference engine.

const HALF = training('halfSquaredError');
const [HALF_OUTPUT] = HALF.outputs;
const SQUARED: OutputTraining = { loss: { kind: 'meanSquaredError' }, weight: 0.5, metrics: [] };
const CLASSES: OutputTraining = {
  loss: { kind: 'sparseCategoricalCrossentropy' },
  metrics: [{ kind: 'sparseCategoricalAccuracy' }],
};

const train = (...outputs: (OutputTraining | null)[]) => ({ outputs, optimizer: UNIT_SGD });

/** A dense layer that leaves the last axis: its gradient tells the next node's gradient by its input. */
const probe: Link = (input) => dense(input[input.length - 1])(input);

/** Random parts of an axis: one or more, of 1 or more. */
function randomParts(sampler: Sampler, size: number): number[] {
  const parts: number[] = [];
  for (let left = size; left > 0; left -= parts[parts.length - 1]) parts.push(sampler.whole(1, left));
  return parts;
}

/** A split of a random shape, whose parts are joined in the other order. */
function randomProgram(seed: number, between: Link): ProgramDescription {
  const sampler = new Sampler(seed);
  const shape = Array.from({ length: sampler.whole(1, 4) }, () => sampler.oneOf([1, 2, 3, 7, 16, 33]));
  while (sizeOf(shape) > 6000) shape.pop();
  const axis = sampler.whole(0, shape.length - 1);
  const sizes = randomParts(sampler, shape[axis]);
  const graph = new Graph(shape);
  const parts = graph.after(0, probe, split(axis, ...sizes));
  const read: ValueReference[] = sizes.map((_, i) =>
    i % 2 ? [parts, i] : graph.after([[parts, i]], between),
  );
  graph.after(sizes.length > 1 ? read.reverse() : [...read, ...read], concatenate(axis), probe);
  return graph.describe(HALF);
}

describe('parts of random sizes', () => {
  const seeds = Array.from({ length: 25 }, (_, i) => i);
  test.each(seeds)('%d', (seed) =>
    expectProgramAsReference(randomProgram(seed, activation('relu')), 3, seed),
  );

  test.each(seeds.slice(0, 10))('%d, in whole numbers bit for bit', (seed) =>
    expectProgramBits(randomProgram(100 + seed, rescaling(2, 1)), 2, seed),
  );
});

describe('outputs that are read once, twice or never', () => {
  test.each([
    ['the first is unread', [1, 2]],
    ['the second is unread', [0, 2]],
    ['only the last is read', [2]],
    ['one is read twice', [0, 1, 2, 1]],
    ['one is read by one node twice', [1, 1]],
  ])('%s', async (_, outputs) => {
    const graph = new Graph([6, 4]);
    const parts = graph.after(0, probe, split(0, 2, 2, 2));
    const branches = outputs.map((i) => graph.after([[parts, i]], activation('tanh')));
    const direct = outputs.map((i): ValueReference => [parts, i]);
    graph.after([...branches, ...direct], add, probe);
    await expectProgramAsReference(graph.describe(HALF), 3, 5);
  });

  test('parts of parts, and parts of an input', async () => {
    const graph = new Graph([12]);
    const outer = graph.after(0, split(0, 4, 8));
    const inner = graph.after([[outer, 1]], probe, split(0, 4, 3, 1));
    graph.after([inner, outer], add, probe);
    await expectProgramAsReference(graph.describe(HALF), 4, 6);
  });

  test('parts of steps between fold and unfold', async () => {
    const graph = new Graph([3, 6]);
    const parts = graph.after(0, fold, probe, split(0, 4, 2));
    const changed = graph.after([[parts, 1]], dense(4), activation('tanh'));
    graph.after([parts, changed], add, unfold(3), reshape(12), probe);
    await expectProgramAsReference(graph.describe(HALF), 4, 7);
  });

  test('parts that layers with weights, which may fuse, come after and before', async () => {
    const graph = new Graph([6, 6, 3]);
    const parts = graph.after(0, conv2d([3, 3], 8), activation('relu'), split(2, 3, 5));
    const first = graph.after([[parts, 1]], conv2d([1, 1], 3), activation('relu'));
    graph.after([first, parts], concatenate(2), permute(2, 0, 1), probe);
    await expectProgramAsReference(graph.describe(HALF), 3, 8);
  });
});

describe('outputs of a program', () => {
  test('all parts, one without a loss', async () => {
    const graph = new Graph([5]);
    const parts = graph.after(0, dense(9), split(0, 2, 3, 4));
    const description = graph.describe(train(HALF_OUTPUT, null, SQUARED), [[parts, 2], [parts, 1], parts]);
    const { outputs, gradients } = await expectSameEverything(description, 5, { weighted: true });
    expect(outputs.map(({ length }) => length)).toEqual([20, 15, 10]);
    // The part without a loss teaches nothing.
    expect([...gradients[1]].map((value) => value !== 0)).toEqual([
      true,
      true,
      ...[0, 0, 0].map(() => false),
      ...[0, 0, 0, 0].map(() => true),
    ]);
  });

  test('a part that others read, and the softmax of another', async () => {
    const graph = new Graph([5]);
    const parts = graph.after(0, dense(7), split(0, 3, 4));
    const classes = graph.after([[parts, 1]], activation('softmax'));
    const sum = graph.after(parts, dense(2));
    const description = graph.describe(train(CLASSES, HALF_OUTPUT, SQUARED), [classes, parts, sum]);
    await expectSameEverything(description, 5, { weighted: true });
  });

  test('an input beside its parts', async () => {
    const graph = new Graph([6], [3]);
    const parts = graph.after(0, split(0, 3, 3));
    const sum = graph.after([[parts, 1], 1], add, dense(2));
    await expectSameEverything(graph.describe(train(null, HALF_OUTPUT), [0, sum]), 3);
  });
});

test('weights before a split that are frozen, with weights behind it that learn', async () => {
  const graph = new Graph([5]);
  const before = graph.after(0, dense(6));
  graph.freeze(before);
  graph.after([[graph.after(before, split(0, 2, 4)), 1]], dense(3));
  const { gradients } = await expectSameEverything(graph.describe(train(HALF_OUTPUT)), 3);
  expect(gradients.map((array) => array.some((value) => value !== 0))).toEqual([false, false, true, true]);
});

test('gradients by parts: of one that is read, of one that is an output, and of one that leads to no loss', async () => {
  const graph = new Graph([4]);
  const parts = graph.after(0, dense(9), split(0, 2, 3, 4));
  const sum = graph.after([[parts, 1]], activation('tanh'), dense(2));
  const base = graph.describe(undefined, [sum, [parts, 2]]);
  const description: ProgramDescription = {
    ...base,
    valueGradients: { by: [0, parts, [parts, 1], [parts, 2]], of: 'output' },
  };
  const draw = (length: number, index: number) => randomNumbers(length, 60 + index).map(Math.fround);
  const results: ValueGradients[] = [];
  for (const { engine, program } of pair(description, draw)) {
    const x = [samplesOn(engine, [3, 4], new Float32Array(randomNumbers(12, 1)))];
    const y = [samplesOn(engine, [3, 2], new Float32Array(randomNumbers(6, 2)))];
    results.push(await program.valueGradients({ x, y, seed: 1 }));
  }
  const [native, reference] = results;
  expect(reference.gradients.map(({ length }) => length)).toEqual([12, 6, 9, 12]);
  reference.gradients.forEach((gradient, i) => void expectClose(native.gradients[i], gradient));
  const isZero = reference.gradients.map((gradient) => gradient.every((value) => value === 0));
  expect(isZero).toEqual([false, true, false, true]);
});

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  const refused = async (change: (graph: Graph) => void, outputs?: ValueReference[]) => {
    const graph = new Graph([6]);
    graph.after([[graph.after(0, split(0, 2, 4)), 1]], dense(3));
    change(graph);
    const { code, layer, message } = await refusal(() =>
      engine.createProgram(graph.describe(undefined, outputs)),
    );
    return [code, layer, message];
  };
  const attributes = (given: object) => (graph: Graph) => {
    graph.nodes[1] = { ...graph.nodes[1], attributes: given } as Graph['nodes'][number];
  };
  const nothing = () => undefined;

  test.each([
    [attributes({ axis: 1, sizes: [2, 4] }), 'INVALID_ARGUMENT', 'there is no axis 1 in'],
    [attributes({ axis: -1, sizes: [2, 4] }), 'INVALID_ARGUMENT', 'axis'],
    [attributes({ axis: 0, sizes: [2, 3] }), 'SHAPE_MISMATCH', "don't add up to axis 0"],
    [attributes({ axis: 0, sizes: [] }), '', ''],
    [attributes({ axis: 0, sizes: [6, 0] }), 'INVALID_ARGUMENT', 'sizes'],
    [attributes({ axis: 0, sizes: [1.5, 4.5] }), 'INVALID_ARGUMENT', 'sizes'],
    [attributes({ axis: 0, sizes: 6 }), 'INVALID_ARGUMENT', 'sizes'],
    [attributes({ axis: 0 }), 'INVALID_ARGUMENT', 'sizes'],
    [attributes({ axis: 0, sizes: [2, 2, 2] }), 'INVALID_ARGUMENT', 'split has 3 outputs'],
    [attributes({ axis: 0, sizes: [4, 2] }), 'SHAPE_MISMATCH', 'split'],
  ])('refuses a split that does not fit: %#', async (change, code, text) => {
    const found = await refused(change);
    expect(found).toEqual([code || expect.any(String), 'split_1', expect.stringContaining(text)]);
  });

  test('refuses an output that is not there, or listed twice', async () => {
    const third = (graph: Graph) => void Object.assign(graph.nodes[2], { inputs: [[1, 2]] });
    expect(await refused(third)).toEqual([
      'INVALID_ARGUMENT',
      'dense_2',
      expect.stringContaining('output 2 of node 1; it must be one of the 2 before it'),
    ]);
    expect(await refused(nothing, [2, [1, 2]])).toEqual([
      'INVALID_ARGUMENT',
      undefined,
      expect.stringContaining("output 2 of node 1 can't be an output"),
    ]);
    expect(await refused(nothing, [2, [1, 0], 1])).toEqual([
      'INVALID_ARGUMENT',
      'split_1',
      expect.stringContaining('listed twice'),
    ]);
  });

  test('refuses a node of which no output is read', async () => {
    const unread = (graph: Graph) => void graph.after(0, dense(2));
    expect(await refused(unread, [3])).toEqual([
      'INVALID_ARGUMENT',
      'dense_2',
      expect.stringContaining('no node takes its output'),
    ]);
    const around = (graph: Graph) => {
      graph.nodes[2] = { ...graph.nodes[2], inputs: [0] };
      Object.assign(graph.nodes[2].parameters[0], { shape: [6, 3] });
    };
    expect(await refused(around)).toEqual([
      'INVALID_ARGUMENT',
      'split_1',
      expect.stringContaining('no node takes its output'),
    ]);
  });

  test('explains a pass each way', () => {
    const graph = new Graph([6]);
    const parts = graph.after(0, dense(6), split(0, 2, 4));
    graph.after([[parts, 1]], dense(3));
    const { passes } = engine.createProgram(graph.describe(HALF)).explain('train', 4).wait();
    expect(passes.filter(({ node }) => node === 'split_2').map(({ kind }) => kind)).toEqual([
      'forward',
      'backward',
    ]);
  });
});
