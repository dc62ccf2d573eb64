import { describe, expect, test } from 'vitest';
import { type ProgramDescription, shapeOf } from '../../../../lib/program/description.js';
import { ReferenceProgram } from '../../../../lib/program/reference-engine/index.js';
import { activation, dense, training, UNIT_SGD } from '../../../support/chain.js';
import { add, Graph } from '../../../support/graph.js';
import { expectBatchGradients, randomNumbers, sizeOf } from '../../../support/numeric.js';
import { concatenate, split } from '../../../support/shape-links.js';

const HALF = training('halfSquaredError');

test.each([
  [
    0,
    [1, 1],
    [
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10, 11],
    ],
  ],
  [
    1,
    [2, 1],
    [
      [0, 1, 2, 3, 6, 7, 8, 9],
      [4, 5, 10, 11],
    ],
  ],
  [
    2,
    [1, 1],
    [
      [0, 2, 4, 6, 8, 10],
      [1, 3, 5, 7, 9, 11],
    ],
  ],
])('split of [2, 3, 2] along axis %d into %j', (axis, sizes, expected) => {
  const graph = new Graph([2, 3, 2]);
  const parts = graph.after(0, split(axis, ...sizes));
  const program = new ReferenceProgram(graph.describe(undefined, [parts, [parts, 1]]), 'float64');
  const x = Float32Array.from({ length: 24 }, (_, i) => i);
  const outputs = program.runHere([x], 2);
  // The second sample is the first plus 12.
  const both = expected.map((part) => [...part, ...part.map((value) => value + 12)]);
  expect(outputs.map((values) => [...values])).toEqual(both);
});

describe('gradients equal central differences', () => {
  function expectProgram(description: ProgramDescription): void {
    const { nodes, outputs = [nodes.length - 1] } = description.graph;
    const program = new ReferenceProgram(description, 'float64');
    program.weights.forEach((values, i) => void values.set(randomNumbers(values.length, 60 + i)));
    expectBatchGradients(program, {
      samples: 2,
      inputs: [randomNumbers(2 * sizeOf(shapeOf(nodes, 0)), 70)],
      targets: outputs.map((output, i) => randomNumbers(2 * sizeOf(shapeOf(nodes, output)), 80 + i)),
    });
  }

  test.each([
    [[3, 4, 2], 0, [2, 1]],
    [[3, 4, 2], 1, [1, 2, 1]],
    [[3, 4, 5], 2, [4, 1]],
  ])('all parts of %j along axis %d into %j, joined in the other order', (shape, axis, sizes) => {
    const graph = new Graph(shape);
    const parts = graph.after(0, split(axis, ...sizes));
    const changed = sizes.map((_, i) => graph.after([[parts, i]], activation(i === 0 ? 'tanh' : 'sigmoid')));
    graph.after(changed.reverse(), concatenate(axis), activation('tanh'));
    expectProgram(graph.describe(HALF));
  });

  test('a part that is unread, one that is read twice, and one that is an output', () => {
    const graph = new Graph([7]);
    const parts = graph.after(0, dense(9), split(0, 2, 3, 2, 2));
    const sum = graph.after(
      [
        [parts, 0],
        [parts, 3],
        [parts, 0],
      ],
      add,
      activation('tanh'),
    );
    const { outputs } = HALF;
    const twice = { outputs: [...outputs, ...outputs], optimizer: UNIT_SGD };
    expectProgram(graph.describe(twice, [[parts, 2], sum]));
  });
});
