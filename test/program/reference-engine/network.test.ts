import { describe, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  dropout,
  pool2d,
  reshape,
  rescaling,
  training,
} from '../../support/chain.js';
import { expectGradients, randomNumbers } from '../../support/numeric.js';

describe('gradients through a whole network equal central differences', () => {
  test.each(['max', 'average', 'sum'] as const)('a small LeNet with %s pooling and dropout', (kind) => {
    const links = [
      rescaling(0.5, 0.1),
      conv2d([3, 3], 2),
      activation('tanh'),
      pool2d(kind, [2, 2]),
      conv2d([2, 2], 3, { padding: [0, 1, 1, 0] }),
      activation('relu'),
      pool2d(kind, [2, 2], { strides: [1, 1] }),
      reshape(12),
      dropout(0.25, 0),
      dense(5),
      activation('sigmoid'),
      dropout(0.5, 1),
      dense(3),
      activation('softmax'),
    ];
    const description = chain([8, 8, 1], links, training('sparseCategoricalCrossentropy'));
    const program = new ReferenceProgram(description, 'float64');
    program.weights.forEach((weights, index) => void weights.set(randomNumbers(weights.length, 40 + index)));
    expectGradients(program, randomNumbers(2 * 64, 3), Int32Array.from([2, 0]), { seed: 9, step: 4 });
  });
});
