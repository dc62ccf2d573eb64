import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../../lib/program/reference-engine/index.js';
import { activation, chain, dense, type Link, training } from '../../../support/chain.js';
import { add, Graph } from '../../../support/graph.js';
import { expectBatchGradients, expectClose, randomNumbers, sizeOf } from '../../../support/numeric.js';
import {
  constant,
  gather,
  padWith,
  pooling,
  slice,
  someIndices,
} from '../../../support/rearranging-links.js';

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
  ['pad by a value', [2], padWith([1], [2], 'constant', 7), [7, 0, 1, 7, 7]],
  ['pad by the edge', [3], padWith([2], [1], 'edge'), [0, 0, 0, 1, 2, 2]],
  ['pad by reflection', [3], padWith([4], [4], 'reflect'), [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]],
  ['pad by symmetry', [3], padWith([4], [4], 'symmetric'), [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]],
  ['pad around', [3], padWith([4], [4], 'wrap'), [2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0]],
  ['reflect one element', [1], padWith([2], [1], 'reflect'), [0, 0, 0, 0]],
  ['crop, then reflect', [4], padWith([-1], [2], 'reflect'), [1, 2, 3, 2, 1]],
  ['pad rows by reflection', [2, 2], padWith([1, 0], [0, 1], 'reflect'), [2, 3, 2, 0, 1, 0, 2, 3, 2]],
])('%s, in numbers', (_, input, link, expected) => {
  expect(valuesOf(input, link)).toEqual(expected);
});

test('constant is its value for each sample', () => {
  const program = new ReferenceProgram(chain([2], [constant(1, 3)]), 'float64');
  program.weights[0].set([5, 6, 7]);
  const [y] = program.runHere([Float32Array.of(1, Number.NaN, 3, 4)], 2);
  expect([...y]).toEqual([5, 6, 7, 5, 6, 7]);
});

describe('pooling', () => {
  const image = [4, 4, 1];
  const padding: [number, number, number, number] = [1, 1, 1, 1];

  test.each([
    ['dilated maximum', pooling('max', [2, 2], { dilations: [2, 2] }), [10, 11, 14, 15]],
    ['dilated average', pooling('average', [2, 2], { dilations: [2, 2] }), [5, 6, 9, 10]],
    ['dilated along one axis', pooling('sum', [2, 1], { dilations: [3, 1] }), [12, 14, 16, 18]],
    [
      'average of the cells inside',
      pooling('average', [3, 3], { strides: [3, 3], padding }),
      [2.5, 4.5, 10.5, 12.5],
    ],
    [
      'average over the padding',
      pooling('average', [3, 3], { strides: [3, 3], padding, counted: 'padded' }),
      [10 / 9, 18 / 9, 42 / 9, 50 / 9],
    ],
    [
      'average over no cells beyond the padding',
      pooling('average', [3, 3], { strides: [2, 2], beyond: [1, 1], counted: 'padded' }),
      [5, 6.5, 11, 12.5],
    ],
    [
      'average over the padding, and none beyond it',
      pooling('average', [2, 2], {
        strides: [3, 3],
        padding: [0, 0, 0, 0],
        beyond: [1, 1],
        counted: 'padded',
      }),
      [2.5, 5, 12.5, 15],
    ],
    [
      'dilated average over the padding',
      pooling('average', [2, 2], { strides: [4, 4], padding, dilations: [2, 2], counted: 'padded' }),
      [5 / 4],
    ],
  ])('%s', (_, link, expected) => {
    expectClose(valuesOf(image, link), expected);
  });

  test('a window without a cell inside', () => {
    const outside = (kind: 'max' | 'average' | 'sum') =>
      valuesOf([2, 1, 1], pooling(kind, [2, 1], { padding: [1, 1, 0, 0], dilations: [3, 1] }));
    expect(outside('max')).toEqual([Number.NEGATIVE_INFINITY]);
    expect(outside('average')).toEqual([0]);
    expect(outside('sum')).toEqual([0]);
  });
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
    ['pad by a value', [2, 3], padWith([1, -1], [1, 2], 'constant', 3)],
    ['pad by reflection', [3, 2, 2], padWith([2, 0, 1], [1, 3, 0], 'reflect')],
    ['pad by symmetry, cropped', [3, 4], padWith([-1, 2], [3, -1], 'symmetric')],
    ['dilated maximum', [7, 6, 2], pooling('max', [3, 2], { padding: [2, 1, 1, 0], dilations: [2, 3] })],
    ['dilated average', [7, 6, 2], pooling('average', [2, 2], { padding: [1, 1, 0, 1], dilations: [3, 2] })],
    [
      'average over the padding',
      [5, 6, 2],
      pooling('average', [3, 3], {
        strides: [2, 2],
        padding: [1, 0, 1, 1],
        beyond: [1, 1],
        counted: 'padded',
      }),
    ],
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
