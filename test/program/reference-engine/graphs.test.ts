import { describe, test } from 'vitest';
import type { ProgramDescription } from '../../../lib/program/description.js';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import {
  activation,
  conv2d,
  dense,
  pool2d,
  reshape,
  type Training,
  training,
  UNIT_SGD,
} from '../../support/chain.js';
import { add, Graph } from '../../support/graph.js';
import { expectBatchGradients, expectClose, expectGradients, randomNumbers } from '../../support/numeric.js';
import { gradientsOf } from '../../support/one-batch.js';

function program(graph: Graph): ReferenceProgram {
  return drawn(graph.describe(training('halfSquaredError')));
}

function drawn(description: ProgramDescription): ReferenceProgram {
  const made = new ReferenceProgram(description, 'float64');
  made.weights.forEach((weights, index) => void weights.set(randomNumbers(weights.length, 30 + index)));
  return made;
}

describe('gradients of graphs equal central differences', () => {
  test('a sum of three inputs, one of them twice', () => {
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

test('the gradient of a value is the sum over its uses', () => {
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

describe('gradients of several outputs equal central differences', () => {
  const train = (...outputs: Training['outputs']): Training => ({ outputs, optimizer: UNIT_SGD });
  const squared = {
    loss: { kind: 'meanSquaredError', fromLogits: false },
    weight: 0.5,
    metrics: [],
  } as const;
  const classes = {
    loss: { kind: 'sparseCategoricalCrossentropy', fromLogits: false },
    metrics: [],
  } as const;

  test('through a dense layer that is shared three times, with sample weights', () => {
    const graph = new Graph([3], [3]);
    const first = graph.after(0, dense(3));
    const second = graph.again(first, graph.after(1, activation('tanh')));
    const third = graph.again(first, graph.after(second, activation('tanh')));
    const shares = graph.after([third, first], add, activation('softmax'));
    const made = drawn(graph.describe(train(squared, null, classes), [second, third, shares]));
    expectBatchGradients(made, {
      samples: 2,
      inputs: [randomNumbers(6, 1), randomNumbers(6, 2)],
      targets: [randomNumbers(6, 3), Int32Array.of(2, 0)],
      sampleWeights: [Float32Array.of(0.5, 2), Float32Array.of(1.5, 0)],
    });
  });

  test('through a convolution that is shared by two images', () => {
    const graph = new Graph([4, 4, 2], [4, 4, 2]);
    const first = graph.after(0, conv2d([3, 3], 2, { padding: [1, 1, 1, 1] }));
    const second = graph.again(first, 1);
    const again = graph.again(first, graph.after(second, activation('tanh')));
    graph.after([first, again], add, activation('tanh'), reshape(32), dense(2));
    expectBatchGradients(drawn(graph.describe(train(squared))), {
      samples: 2,
      inputs: [randomNumbers(64, 1), randomNumbers(64, 2)],
      targets: [randomNumbers(4, 3)],
    });
  });
});
