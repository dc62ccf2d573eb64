import { describe, expect, test } from 'vitest';
import * as layers from '../../../lib/layers/index.js';
import { input, model } from '../../../lib/models/index.js';
import type { ProgramDescription } from '../../../lib/program/description.js';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, dense, type Link, prelu, reshape, training } from '../../support/chain.js';
import { Graph } from '../../support/graph.js';
import { groupNormalization, layerNormalization } from '../../support/normalization.js';
import { expectBatchGradients, expectWeightGradients, randomNumbers, sizeOf } from '../../support/numeric.js';
import {
  broadcast,
  concatenate,
  conv2dTranspose,
  embedding,
  fold,
  merge,
  pad,
  permute,
  resize,
  spaceToDepth,
  standardize,
  unfold,
  unitLength,
} from '../../support/shape-links.js';

// Every op that merges, moves or scales values, in float64 against central differences by weights and inputs.

const SAMPLES = 2;
const HALF = training('halfSquaredError');

function program(description: ProgramDescription): ReferenceProgram {
  const made = new ReferenceProgram(description, 'float64');
  made.weights.forEach((values, index) => void values.set(randomNumbers(values.length, 60 + index)));
  return made;
}

function batchOf({ graph: { nodes } }: ProgramDescription) {
  const inputs = nodes.filter(({ op }) => op === 'input');
  return {
    samples: SAMPLES,
    inputs: inputs.map(({ outputs: [{ shape }] }, index) =>
      randomNumbers(SAMPLES * sizeOf(shape), 70 + index),
    ),
    targets: [randomNumbers(SAMPLES * sizeOf(nodes[nodes.length - 1].outputs[0].shape), 80)],
  };
}

/** The gradient that reaches the op is not that of the loss itself, which would hide a factor: tanh is in between. */
function expectOp(graph: Graph, inputs: readonly number[], ...links: Link[]): void {
  graph.after(inputs, ...links, activation('tanh'));
  const description = graph.describe(HALF);
  expectBatchGradients(program(description), batchOf(description));
}

describe('ops of several inputs', () => {
  const CASES: [string, number[][], number[], Link][] = [
    [
      'subtract',
      [
        [3, 4],
        [3, 4],
      ],
      [0, 1],
      merge('subtract'),
    ],
    ['subtract a value from itself', [[5]], [0, 0], merge('subtract')],
    [
      'multiply',
      [
        [2, 3, 2],
        [2, 3, 2],
        [2, 3, 2],
      ],
      [0, 1, 2],
      merge('multiply'),
    ],
    ['multiply a value by itself and another', [[5], [5]], [0, 1, 0], merge('multiply')],
    [
      'average',
      [
        [3, 4],
        [3, 4],
        [3, 4],
      ],
      [0, 1, 2],
      merge('average'),
    ],
    [
      'maximum',
      [
        [3, 4],
        [3, 4],
        [3, 4],
      ],
      [0, 1, 2],
      merge('maximum'),
    ],
    [
      'minimum',
      [
        [3, 4],
        [3, 4],
        [3, 4],
      ],
      [0, 1, 2],
      merge('minimum'),
    ],
    [
      'concatenate rows',
      [
        [2, 3, 2],
        [1, 3, 2],
      ],
      [0, 1],
      concatenate(0),
    ],
    [
      'concatenate columns',
      [
        [2, 3, 2],
        [2, 1, 2],
      ],
      [0, 1],
      concatenate(1),
    ],
    [
      'concatenate channels, one twice',
      [
        [2, 3, 2],
        [2, 3, 3],
      ],
      [0, 1, 0],
      concatenate(2),
    ],
  ];
  test.each(CASES)('%s', (_, shapes, inputs, link) => expectOp(new Graph(...shapes), inputs, link));
});

describe('ops of one input', () => {
  const CASES: [string, number[], Link[]][] = [
    ['broadcast channels', [2, 3, 1], [broadcast(2, 3, 4)]],
    ['broadcast rows and columns', [1, 1, 5], [broadcast(3, 2, 5)]],
    ['permute', [2, 3, 4], [permute(2, 0, 1)]],
    ['permute a matrix', [3, 5], [permute(1, 0)]],
    ['space to depth', [4, 6, 2], [spaceToDepth(2)]],
    ['depth to space', [2, 1, 18], [spaceToDepth(3, true)]],
    ['pad', [2, 3, 2], [pad([1, 0, 2], [0, 2, 1])]],
    ['crop', [5, 4, 3], [pad([-1, -2, 0], [-2, 0, -1])]],
    ['pad and crop', [4, 3, 2], [pad([1, -1, 0], [-2, 2, 0])]],
    ['enlarge, bilinear', [3, 2, 2], [resize('bilinear', [7, 5])]],
    ['shrink, bilinear', [7, 6, 2], [resize('bilinear', [3, 4])]],
    ['enlarge, nearest', [3, 2, 2], [resize('nearest', [7, 5])]],
    ['shrink, nearest', [7, 6, 2], [resize('nearest', [3, 2])]],
    ['standardize', [4, 3], [standardize([1, -2, 0.5], [3, 0.25, -1])]],
    ['unitLength', [3, 4], [unitLength()]],
    ['prelu, an alpha each', [3, 4], [prelu([3, 4])]],
    ['prelu, an alpha a channel', [2, 3, 4], [prelu([1, 1, 4])]],
    ['prelu, an alpha a row', [3, 2, 2], [prelu([3, 1, 1])]],
    ['conv2dTranspose', [3, 2, 2], [conv2dTranspose([2, 3], [4, 4, 3])]],
    ['conv2dTranspose, strides', [3, 2, 2], [conv2dTranspose([3, 2], [7, 4, 3], { strides: [2, 2] })]],
    [
      'conv2dTranspose, strides and padding',
      [3, 3, 2],
      [conv2dTranspose([3, 3], [6, 6, 2], { strides: [2, 2], padding: [0, 1, 0, 1] })],
    ],
    ['conv2dTranspose, gaps', [2, 2, 2], [conv2dTranspose([1, 1], [5, 5, 2], { strides: [3, 3] })]],
    [
      'conv2dTranspose, dilation, no bias',
      [3, 4, 2],
      [conv2dTranspose([2, 3], [5, 8, 3], { dilation: [2, 2], bias: false })],
    ],
    ['layerNormalization behind a layer', [3, 4], [dense(5), layerNormalization(1)]],
    ['groupNormalization behind a layer', [3, 4], [dense(6), groupNormalization(3)]],
    ['fold and unfold', [3, 4, 2], [fold, dense(3), activation('tanh'), unfold(3), dense(2)]],
  ];
  test.each(CASES)('%s', (_, shape, links) => expectOp(new Graph(shape), [0], ...links));
});

test('embedding: gradients of vectors used several times and never', () => {
  const graph = new Graph([4]);
  graph.after(0, embedding(6, 3), reshape(12), activation('tanh'));
  const made = program(graph.describe(HALF));
  const batch = {
    samples: 2,
    inputs: [Float64Array.of(1, 3, 3, 0, 5, 3, 1, 1)],
    targets: [randomNumbers(24, 81)],
  };
  expectWeightGradients(made, batch);
  const { gradients, inputGradients } = made.gradientsOf(batch, { seed: 1, step: 0 });
  expect(Array.from(gradients[0].subarray(6, 9))).toEqual([0, 0, 0]);
  expect(gradients[0].subarray(9, 12).every((g) => g !== 0)).toBe(true);
  expect(Array.from(inputGradients[0])).toEqual(Array(8).fill(0));
});

describe('layers that are made of several ops', () => {
  const CASES: [string, number[][], layers.Layer][] = [
    ['dot of vectors', [[4], [4]], layers.dot({ axes: 1 })],
    ['dot of a matrix and a vector', [[3, 4], [4]], layers.dot({ axes: [2, 1] })],
    [
      'dot of matrices over their first axes',
      [
        [4, 2],
        [4, 3],
      ],
      layers.dot({ axes: 1 }),
    ],
    ['dot of vectors brought to length 1', [[4], [4]], layers.dot({ axes: -1, normalize: true })],
    [
      'dot of matrices with rows of length 1',
      [
        [2, 4],
        [3, 4],
      ],
      layers.dot({ axes: -1, normalize: true }),
    ],
    ['multiply with channels', [[2, 3, 4], [4]], layers.multiply()],
    [
      'maximum with rows',
      [
        [3, 2],
        [3, 1],
      ],
      layers.maximum(),
    ],
  ];
  test.each(CASES)('%s', (_, shapes, layer) => {
    const inputs = shapes.map((shape) => input({ shape }));
    const hidden = layers.activation({ activation: 'tanh' }).apply(layer.apply(inputs));
    const made = model({ inputs, outputs: hidden });
    made.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
    const description = made.state.describe();
    expectBatchGradients(program(description), batchOf(description));
  });
});
