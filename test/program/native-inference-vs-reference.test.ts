import { describe, expect, test } from 'vitest';
import type { ProgramDescription } from '../../lib/program/description.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { referenceEngine } from '../../lib/program/reference-engine/index.js';
import { activation, chain, conv2d, type Link, pool2d, reshape } from '../support/chain.js';
import { add, Graph } from '../support/graph.js';
import { batchNormalization } from '../support/normalization.js';
import { randomNumbers, sizeOf } from '../support/numeric.js';

// Prediction with what convolutions absorb in inference: the native engine in float32 and the reference engine, which
// computes each node by itself, in float64.

const IMAGE = [9, 12, 3];
const RELU6 = { maxValue: 6 };

/** Weights for the program, drawn from `seed`. Moving variances, gammas and betas are in their usual ranges. */
function weightsFor(description: ProgramDescription, seed: number): Float32Array[] {
  return description.graph.nodes.flatMap(({ parameters }) =>
    parameters.map(({ name, shape }, index) => {
      const length = sizeOf(shape);
      const values = new Float32Array(randomNumbers(length, seed + 7 * index + length));
      if (name === 'moving_variance') return values.map((value) => 0.05 + Math.abs(value));
      if (name === 'gamma') return values.map((value) => 1 + 0.5 * value);
      return values;
    }),
  );
}

function algorithmsOf(description: ProgramDescription): string[] {
  const program = nativeEngine().createProgram(description);
  return program
    .explain('predict')
    .wait()
    .passes.map(({ node, algorithm, fused }) => `${node} ${algorithm} ${fused}`);
}

/** Compares the predictions of both engines for two sets of weights, one after the other. */
function expectPredictions(description: ProgramDescription, samples: number): void {
  const native = nativeEngine().createProgram(description);
  const reference = referenceEngine().createProgram(description);
  const shape = (description.graph.nodes[0].attributes as { shape: number[] }).shape;
  const x = new Float32Array(randomNumbers(samples * sizeOf(shape), 5));
  for (const seed of [1, 2]) {
    const weights = weightsFor(description, seed);
    native.writeWeights(weights);
    reference.writeWeights(weights);
    const actual = native.runHere([x], samples);
    const expected = reference.runHere([x], samples);
    actual.forEach((values, output) => {
      const largest = Math.max(...expected[output].map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      for (let i = 0; i < values.length; ++i)
        expect(Math.abs(values[i] - expected[output][i])).toBeLessThan(6e-5 * largest);
    });
  }
}

const CONVOLUTIONS: [string, string, Link][] = [
  ['3x3', 'winograd', conv2d([3, 3], 33, { padding: [1, 1, 1, 1] })],
  ['5x5 in strides', 'direct', conv2d([5, 5], 20, { strides: [2, 2] })],
  ['1x1', 'pointwise', conv2d([1, 1], 40)],
  ['grouped', 'direct', conv2d([3, 3], 6, { groups: 3 })],
  ['depthwise', 'depthwise', conv2d([3, 3], 72, { groups: 36 })],
  ['3x3 without bias', 'winograd', conv2d([3, 3], 32, { bias: false })],
];
const wide = conv2d([1, 1], 36);

describe.each(CONVOLUTIONS)('%s', (_, algorithm, convolution) => {
  test.each<[string, Link[]]>([
    ['', []],
    ['relu', [activation('relu')]],
    ['relu', [activation('relu', RELU6)]],
    ['tanh', [activation('tanh')]],
    ['relu, max-pooling 2x2', [activation('relu'), pool2d('max', [2, 2])]],
    ['max-pooling 2x3', [pool2d('max', [2, 3])]],
  ])('then batch normalization, %s', (fused, after) => {
    const description = chain(IMAGE, [wide, convolution, batchNormalization(), ...after]);
    const pass = algorithmsOf(description).find((line) => line.startsWith('conv2d_2'));
    expect(pass).toContain('normalization');
    if (algorithm !== 'depthwise' && !(algorithm === 'pointwise' && fused.includes('pooling'))) {
      expect(pass).toContain(algorithm);
      expect(pass?.endsWith(fused)).toBe(true);
    }
    expectPredictions(description, 3);
  });
});

test.each<[string, Link[]]>([
  ['after an activation', [conv2d([3, 3], 4), activation('relu'), batchNormalization()]],
  ['after max-pooling', [conv2d([3, 3], 4), pool2d('max', [2, 2]), batchNormalization()]],
  ['by the batch', [conv2d([3, 3], 4), batchNormalization({ always: true })]],
  ['at the input', [batchNormalization(), conv2d([3, 3], 4)]],
])('a normalization %s stays a pass of its own', (_, links) => {
  const description = chain(IMAGE, links);
  expect(algorithmsOf(description).some((line) => line.startsWith('batchNormalization'))).toBe(true);
  expectPredictions(description, 2);
});

test('two normalizations in a row: the first is folded', () => {
  expectPredictions(
    chain(IMAGE, [conv2d([3, 3], 4), batchNormalization(), batchNormalization(), activation('relu')]),
    2,
  );
});

test('a value that something else uses is computed', () => {
  const graph = new Graph(IMAGE);
  const convolved = graph.after(0, conv2d([3, 3], 5, { padding: [1, 1, 1, 1] }));
  const normalized = graph.after(convolved, batchNormalization());
  const sum = graph.after([convolved, graph.after(normalized, activation('relu', RELU6))], add);
  expectPredictions(graph.describe(undefined, [sum, normalized]), 2);
});

test('a residual block', () => {
  const graph = new Graph([8, 8, 32]);
  const same = { padding: [1, 1, 1, 1] as [number, number, number, number], bias: false };
  const inner = graph.after(
    0,
    conv2d([3, 3], 32, same),
    batchNormalization(),
    activation('relu'),
    conv2d([3, 3], 32, same),
    batchNormalization(),
  );
  graph.after([0, inner], add, activation('relu'), reshape(8 * 8 * 32));
  expectPredictions(graph.describe(), 2);
});

test('an image has the same bits alone and in a batch', () => {
  const links = [wide, ...CONVOLUTIONS.slice(0, 3).flatMap(([, , link]) => [link, batchNormalization()])];
  const description = chain([16, 16, 3], links);
  const program = nativeEngine().createProgram(description);
  program.writeWeights(weightsFor(description, 3));
  const size = 16 * 16 * 3;
  const x = new Float32Array(randomNumbers(4 * size, 9));
  const [together] = program.runHere([x], 4);
  const alone = [0, 1, 2, 3].flatMap((i) => [...program.runHere([x.slice(i * size, (i + 1) * size)], 1)[0]]);
  expect(alone).toEqual([...together]);
});

test.each([
  ['a huge mean and variance', 1e24, 1e35],
  ['a variance of 0', 0.5, 0],
])('%s', (_, mean, variance) => {
  const description = chain(IMAGE, [conv2d([3, 3], 4), batchNormalization({ epsilon: 1e-3 })]);
  const program = nativeEngine().createProgram(description);
  const reference = referenceEngine().createProgram(description);
  const weights = weightsFor(description, 4);
  weights[4].fill(mean);
  weights[5].fill(variance);
  const x = new Float32Array(randomNumbers(sizeOf(IMAGE), 6));
  for (const each of [program, reference]) each.writeWeights(weights);
  const [actual] = program.runHere([x], 1);
  const [expected] = reference.runHere([x], 1);
  const largest = Math.max(...expected.map(Math.abs));
  for (let i = 0; i < actual.length; ++i)
    expect(Math.abs(actual[i] - expected[i])).toBeLessThan(2e-5 * largest);
});
