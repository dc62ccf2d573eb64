import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../../lib/program/reference-engine/index.js';
import { binary, operand, select } from '../../../support/arithmetic.js';
import { BINARY_KINDS } from '../../../support/arithmetic-kinds.js';
import { activation, type Link, training } from '../../../support/chain.js';
import { Graph } from '../../../support/graph.js';
import { expectBatchGradients, randomNumbers, sizeOf } from '../../../support/numeric.js';

// The ops binary, operand and select in the reference engine.

const HALF = training('halfSquaredError');
const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

function run(shapes: number[][], link: Link, x: number[][], weights: number[] = []) {
  const graph = new Graph(...shapes);
  graph.after(
    shapes.map((_, i) => i),
    link,
  );
  const program = new ReferenceProgram(graph.describe(), 'float64');
  program.weights[0]?.set(weights);
  const [y] = program.runHere(
    x.map((values) => Float32Array.from(values)),
    x[0].length / sizeOf(shapes[0]),
  );
  return [...y];
}

const of = (kind: string, a: number[], b: number[]) => run([[a.length], [b.length]], binary(kind), [a, b]);

function expectGradients(shapes: number[][], link: Link): void {
  const graph = new Graph(...shapes);
  const last = graph.after(
    shapes.map((_, i) => i),
    link,
    activation('tanh'),
  );
  const program = new ReferenceProgram(graph.describe(HALF), 'float64');
  program.weights.forEach((values, i) => void values.set(randomNumbers(values.length, 60 + i, 0.5, 1.4)));
  const size = sizeOf(graph.nodes[last].outputs[0].shape);
  expectBatchGradients(program, {
    samples: 2,
    inputs: shapes.map((shape, i) => randomNumbers(2 * sizeOf(shape), 70 + i, i === 0 ? 0.1 : 0.6, 0.9)),
    targets: [randomNumbers(2 * size, 80)],
  });
}

describe.each(BINARY_KINDS)('gradients of %s equal central differences', (kind) => {
  test.each([
    [[[3], [3]]],
    [[[2, 3, 2], [2]]],
    [
      [
        [1, 2],
        [3, 1],
      ],
    ],
    [[[], [2, 2]]],
    [
      [
        [2, 3, 2],
        [3, 1],
      ],
    ],
  ])('binary of %j', (shapes) => expectGradients(shapes, binary(kind)));

  test.each([false, true])('operand, reversed: %s', (reversed) => {
    expectGradients([[2, 3]], operand(kind, 0.7, { reversed }));
    expectGradients([[2, 3]], operand(kind, [3], { reversed }));
    expectGradients([[2, 1]], operand(kind, [4, 1, 3], { reversed }));
  });
});

test('gradients of select equal central differences', () => {
  expectGradients([[4], [4], [4]], select);
  expectGradients([[2, 1], [3], []], select);
});

test.each([
  ['add', [1, 2], [3, -4], [4, -2]],
  ['subtract', [1, 2], [3, -4], [-2, 6]],
  ['multiply', [1, 2], [3, -4], [3, -8]],
  ['divide', [1, 2, 0], [4, -4, 0], [0.25, -0.5, NAN]],
  ['power', [2, -2, -2, 0, 0, NAN], [3, 3, 0.5, 0, -1, 0], [8, -8, NAN, 1, INF, 1]],
  ['maximum', [1, 2, NAN, 0], [3, -4, 0, NAN], [3, 2, NAN, NAN]],
  ['minimum', [1, 2, NAN, 0], [3, -4, 0, NAN], [1, -4, NAN, NAN]],
  ['squaredDifference', [1, 2], [3, -4], [4, 36]],
  ['modulo', [7, -7, 7, -7, 6, 1.5], [3, 3, -3, -3, 3, 1], [1, 2, -2, -1, 0, 0.5]],
  ['floorDivide', [7, -7, 7, -7, 6], [3, 3, -3, -3, 3], [2, -3, -3, 2, 2]],
  ['less', [1, 2, 3, NAN], [2, 2, 2, 2], [1, 0, 0, 0]],
  ['lessEqual', [1, 2, 3, NAN], [2, 2, 2, 2], [1, 1, 0, 0]],
  ['greater', [1, 2, 3, NAN], [2, 2, 2, 2], [0, 0, 1, 0]],
  ['greaterEqual', [1, 2, 3, NAN], [2, 2, 2, 2], [0, 1, 1, 0]],
  ['equal', [1, 2, 3, NAN], [2, 2, 2, NAN], [0, 1, 0, 0]],
  ['notEqual', [1, 2, 3, NAN], [2, 2, 2, NAN], [1, 0, 1, 1]],
  ['logicalAnd', [0, 0, 2, -1], [0, 1, 0, 3], [0, 0, 0, 1]],
  ['logicalOr', [0, 0, 2, -1], [0, 1, 0, 3], [0, 1, 1, 1]],
  ['logicalXor', [0, 0, 2, -1], [0, 1, 0, 3], [0, 1, 1, 0]],
])('%s of %j and %j', (kind, a, b, expected) => {
  expect(of(kind, a, b)).toEqual(expected);
  for (const [i, value] of b.entries()) {
    if (Number.isNaN(value)) continue;
    expect(run([[1]], operand(kind, value), [[a[i]]])).toEqual([expected[i]]);
    expect(run([[1]], operand(kind, [1]), [[a[i]]], [value])).toEqual([expected[i]]);
    if (Number.isNaN(a[i])) continue;
    expect(run([[1]], operand(kind, a[i], { reversed: true }), [[value]])).toEqual([expected[i]]);
  }
});

test('what is smaller is repeated, for each sample', () => {
  const shapes = [[2, 2], [2]];
  expect(
    run(shapes, binary('subtract'), [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1, 2, 10, 20],
    ]),
  ).toEqual([0, 0, 2, 2, -5, -14, -3, -12]);
  expect(run([[2, 1]], operand('multiply', [3]), [[1, 2, 3, 4]], [1, 10, 100])).toEqual([
    1, 10, 100, 2, 20, 200, 3, 30, 300, 4, 40, 400,
  ]);
  expect(
    run([[2], [], [2]], select, [
      [0, 1, NAN, 0],
      [7, 8],
      [1, 2, 3, 4],
    ]),
  ).toEqual([1, 7, 8, 4]);
});
