import { describe, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, conv2d, dense, pool2d, reshape, training } from '../../support/chain.js';
import { add, Graph } from '../../support/graph.js';
import { expectClose, expectGradients, randomNumbers } from '../../support/numeric.js';
import { gradientsOf } from '../../support/one-batch.js';

function program(graph: Graph): ReferenceProgram {
  const made = new ReferenceProgram(graph.describe(training('halfSquaredError')), 'float64');
  made.weights.forEach((weights, index) => void weights.set(randomNumbers(weights.length, 30 + index)));
  return made;
}

describe('gradients of graphs equal central differences', () => {
  test('a sum of three, one of them twice', () => {
    const graph = new Graph([4]);
    const first = graph.after(0, dense(4), activation('tanh'));
    const second = graph.after(first, dense(4));
    graph.after([second, first, second, 0], add);
    expectGradients(program(graph), randomNumbers(12, 1), randomNumbers(12, 2));
  });

  test('two residual blocks, the second with a projection', () => {
    const graph = new Graph([5, 5, 2]);
    const same = { padding: [1, 1, 1, 1] as [number, number, number, number] };
    const inner = graph.after(0, conv2d([3, 3], 2, same), activation('tanh'), conv2d([3, 3], 2, same));
    const block = graph.after([inner, 0], add, activation('tanh'));
    const main = graph.after(block, conv2d([3, 3], 3, { ...same, strides: [2, 2] }));
    const projected = graph.after(block, conv2d([1, 1], 3, { strides: [2, 2] }));
    const pooled = graph.after(block, pool2d('average', [3, 3], { strides: [1, 1] }), conv2d([1, 1], 3));
    graph.after([main, projected, pooled], add, reshape(27), dense(2));
    expectGradients(program(graph), randomNumbers(2 * 50, 3), randomNumbers(4, 4));
  });
});

test('the gradient by a value is the sum of those by its uses', () => {
  const graph = new Graph([3]);
  graph.after([0, 0, 0], add);
  const { outputs, inputGradient } = gradientsOf(
    program(graph),
    Float64Array.from([1, -2, 0.5]),
    new Float64Array(3),
    { seed: 1, step: 0 },
  );
  expectClose(outputs, [3, -6, 1.5]);
  expectClose(inputGradient, [9, -18, 4.5]);
});
