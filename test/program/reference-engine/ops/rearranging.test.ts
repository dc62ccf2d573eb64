import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../../lib/program/reference-engine/index.js';
import { activation, chain, dense, type Link, training } from '../../../support/chain.js';
import { add, Graph } from '../../../support/graph.js';
import { expectBatchGradients, randomNumbers, sizeOf } from '../../../support/numeric.js';
import { constant, gather, slice, someIndices } from '../../../support/rearranging-links.js';

const HALF = training('halfSquaredError');

/** What a link makes of one sample, 0, 1, 2 and so on. */
function valuesOf(input: number[], link: Link): number[] {
  const program = new ReferenceProgram(chain(input, [link]), 'float64');
  return [...program.runHere([Float32Array.from({ length: sizeOf(input) }, (_, i) => i)], 1)[0]];
}

test.each([
  ['slice', [3, 4], slice([2, 1], [2, 2], [-2, 2]), [9, 11, 1, 3]],
  ['slice a vector backwards', [5], slice([4], [5], [-1]), [4, 3, 2, 1, 0]],
  ['gather rows', [3, 2], gather(0, [2, 0, 2]), [4, 5, 0, 1, 4, 5]],
  ['gather columns by a matrix', [2, 3], gather(1, [2, 0, 1, 1], [2, 2]), [2, 0, 1, 1, 5, 3, 4, 4]],
  ['gather one row', [3, 2], gather(0, [1], []), [2, 3]],
])('%s, in numbers', (_, input, link, expected) => {
  expect(valuesOf(input, link)).toEqual(expected);
});

test('constant is its value for each sample', () => {
  const program = new ReferenceProgram(chain([2], [constant(1, 3)]), 'float64');
  program.weights[0].set([5, 6, 7]);
  const [y] = program.runHere([Float32Array.of(1, Number.NaN, 3, 4)], 2);
  expect([...y]).toEqual([5, 6, 7, 5, 6, 7]);
});

describe('gradients', () => {
  function expectGradients(graph: Graph): void {
    const description = graph.describe(HALF);
    const program = new ReferenceProgram(description, 'float64');
    program.weights.forEach((values, i) => void values.set(randomNumbers(values.length, 60 + i)));
    const { nodes } = description.graph;
    expectBatchGradients(program, {
      samples: 2,
      inputs: [randomNumbers(2 * sizeOf(nodes[0].outputs[0].shape), 1)],
      targets: [randomNumbers(2 * sizeOf(nodes[nodes.length - 1].outputs[0].shape), 2)],
    });
  }

  test.each([
    ['slice', [3, 4, 5], slice([2, 0, 1], [2, 2, 2], [-2, 3, 1])],
    ['gather', [3, 4, 2], gather(1, someIndices(4, 2, 3), [2, 3])],
    ['gather a vector', [5], gather(0, [4, 4, 1])],
  ])('%s', (_, shape, link) => {
    const graph = new Graph(shape);
    graph.after(0, link, activation('tanh'));
    expectGradients(graph);
  });

  test('constant', () => {
    const graph = new Graph([4]);
    const value = graph.after(0, dense(2), constant(3, 4));
    graph.after([value, graph.after(0, constant(3, 4))], add, activation('tanh'));
    expectGradients(graph);
  });
});
