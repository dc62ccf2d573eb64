import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, chain, conv2d, type Link, training } from '../../support/chain.js';
import { batchNormalization, groupNormalization, layerNormalization } from '../../support/normalization.js';
import {
  centralDifference,
  expectClose,
  expectGradients,
  randomNumbers,
  sizeOf,
} from '../../support/numeric.js';

/** A program with positive weights, since some are variances. */
function program(input: number[], links: Link[]): ReferenceProgram {
  const made = new ReferenceProgram(chain(input, links, training('halfSquaredError')), 'float64');
  made.weights.forEach((values, i) => void values.set(randomNumbers(values.length, 40 + i, 0.5, 1.5)));
  return made;
}

const CASES: [string, number[], Link[]][] = [
  ['batchNormalization', [3, 2, 4], [batchNormalization()]],
  ['batchNormalization on vectors', [5], [batchNormalization()]],
  ['batchNormalization without gamma', [3, 2, 2], [batchNormalization({ scale: false })]],
  ['batchNormalization without beta', [3, 2, 2], [batchNormalization({ center: false })]],
  ['groupNormalization', [3, 2, 4], [groupNormalization(2)]],
  ['groupNormalization in one group', [3, 4], [groupNormalization(1)]],
  ['groupNormalization of each channel', [3, 2, 3], [groupNormalization(3, { epsilon: 0.1 })]],
  [
    'groupNormalization without gamma and beta',
    [3, 2, 4],
    [groupNormalization(2, { center: false, scale: false })],
  ],
  ['layerNormalization', [3, 5], [layerNormalization(1)]],
  ['layerNormalization over two axes', [3, 2, 2], [layerNormalization(2)]],
  ['layerNormalization over all axes', [3, 2, 2], [layerNormalization(3, { scale: false })]],
  [
    'two normalizations between others',
    [3, 3, 2],
    [
      conv2d([2, 2], 4),
      batchNormalization(),
      activation('tanh'),
      groupNormalization(2),
      activation('sigmoid'),
    ],
  ],
];

describe('gradients of normalizations equal central differences', () => {
  test.each(CASES)('%s', (_, input, links) => {
    const { shape } = chain(input, links).graph.nodes[links.length].outputs[0];
    expectGradients(
      program(input, links),
      randomNumbers(3 * sizeOf(input), 3),
      randomNumbers(3 * sizeOf(shape), 4),
    );
  });

  test('a frozen batchNormalization, by gamma, beta and inputs', () => {
    const made = program([2, 2, 3], [batchNormalization({ frozen: true })]);
    const batch = { samples: 2, inputs: [randomNumbers(24, 3)], targets: [randomNumbers(24, 4)] };
    const random = { seed: 1, step: 0 };
    const loss = () => made.gradientsOf(batch, random).loss / 2;
    const { gradients, inputGradients } = made.gradientsOf(batch, random);
    const differences = (values: Float64Array) =>
      Array.from(values, (_, index) => centralDifference(loss, values, index));
    const bounds = { absolute: 2e-9, relative: 2e-8 };
    expectClose(inputGradients[0], differences(batch.inputs[0]), bounds);
    for (const i of [0, 1]) expectClose(gradients[i], differences(made.weights[i] as Float64Array), bounds);
    expect(Array.from(gradients[2])).toEqual([0, 0, 0]);
    expect(Array.from(gradients[3])).toEqual([0, 0, 0]);
  });
});

describe('values', () => {
  const run = (input: number[], link: Link, x: number[], weights: number[][]) => {
    const made = program(input, [link]);
    made.weights.forEach((values, i) => void values.set(weights[i]));
    const { outputs } = made.gradientsOf(
      { samples: 2, inputs: [Float64Array.from(x)], targets: [new Float64Array(x.length)] },
      { seed: 1, step: 0 },
    );
    return { output: outputs[0], weights: made.weights.map((values) => Array.from(values)) };
  };

  test('batchNormalization by the batch, and its moving statistics', () => {
    // Channels {1, 3} and {2, 10}: means 2 and 6, population variances 1 and 16.
    const link = batchNormalization({ epsilon: 9, momentum: 0.75 });
    const { output, weights } = run(
      [2],
      link,
      [1, 2, 3, 10],
      [
        [2, 5],
        [1, -1],
        [4, 8],
        [1, 4],
      ],
    );
    const gamma = 2 / Math.sqrt(10);
    expectClose(output, [1 - gamma, -1 - 4, 1 + gamma, -1 + 4], { absolute: 1e-12 });
    expect(weights.slice(2)).toEqual([
      [3.5, 7.5],
      [1, 7],
    ]);
  });

  test('layerNormalization by rows', () => {
    const { output } = run(
      [2],
      layerNormalization(1, { epsilon: 3 }),
      [1, 3, 2, 2],
      [
        [2, 4],
        [0, 1],
      ],
    );
    expectClose(output, [-1, 3, 0, 1], { absolute: 1e-12 });
  });

  test('groupNormalization by samples and groups', () => {
    const link = groupNormalization(2, { epsilon: 3, center: false });
    const x = [1, 3, 5, 5, 2, 2, 7, 9];
    const { output } = run([4], link, x, [[1, 1, 1, 6]]);
    expectClose(output, [-0.5, 0.5, 0, 0, 0, 0, -0.5, 3], { absolute: 1e-12 });
  });
});
