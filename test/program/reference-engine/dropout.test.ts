import { expect, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { philox, philoxKey } from '../../../lib/random/philox.js';
import { chain, dropout, training } from '../../support/chain.js';
import { expectGradients, randomNumbers } from '../../support/numeric.js';
import { gradientsOf, outputOf } from '../../support/one-batch.js';

/** The outputs of dropout on one sample of ones, in training. */
function drop(rate: number, stream: number, random: { seed: number; step: number }, size: number) {
  const program = new ReferenceProgram(chain([size], [dropout(rate, stream)], training('halfSquaredError')));
  const ones = new Float32Array(size).fill(1);
  return gradientsOf(program, ones, new Float32Array(size), random).outputs;
}

test('drops the elements given by its contract', () => {
  const random = { seed: 2 ** 40 + 77, step: 2 ** 33 + 5 };
  const outputs = drop(0.3, 9, random, 37);
  const words = new Uint32Array(4);
  const expected = Array.from({ length: 37 }, (_, e) => {
    philox([Math.floor(e / 4), 9, 5, 2], philoxKey(random.seed), words);
    return words[e % 4] < Math.floor(0.3 * 2 ** 32) ? 0 : Math.fround(1 / 0.7);
  });
  expect(Array.from(outputs)).toEqual(expected);
  expect(new Set(expected).size).toBe(2);
});

test('drops about its rate, and preserves the mean', () => {
  const size = 20_000;
  for (const rate of [0.1, 0.5, 0.9]) {
    const outputs = Array.from(drop(rate, 0, { seed: 5, step: 0 }, size));
    const dropped = outputs.filter((value) => value === 0).length / size;
    // Five standard deviations of a binomial share.
    expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / size));
    expect(Math.max(...outputs)).toBeCloseTo(1 / (1 - rate), 5);
  }
});

test('differs by seed, step and stream, and is the same for the same', () => {
  const mask = (seed: number, step: number, stream: number) => drop(0.5, stream, { seed, step }, 64).join();
  const masks = [mask(1, 1, 1), mask(2, 1, 1), mask(1, 2, 1), mask(1, 1, 2)];
  expect(new Set(masks).size).toBe(4);
  expect(mask(1, 1, 1)).toBe(masks[0]);
});

test('each sample of a batch has a mask of its own', () => {
  const program = new ReferenceProgram(chain([32], [dropout(0.5)], training('halfSquaredError')));
  const { outputs } = gradientsOf(program, new Float32Array(64).fill(1), new Float32Array(64), {
    seed: 3,
    step: 0,
  });
  expect(outputs.slice(0, 32)).not.toEqual(outputs.slice(32));
});

test('backward uses the mask of forward', () => {
  const program = new ReferenceProgram(
    chain([9], [dropout(0.4, 2)], training('halfSquaredError')),
    'float64',
  );
  expectGradients(program, randomNumbers(18, 1), randomNumbers(18, 2), { seed: 4, step: 6 });
});

test('is the identity outside training, and at rate 0', () => {
  const x = new Float32Array([1, 2, 3, 4, 5]);
  const program = new ReferenceProgram(chain([5], [dropout(0.5)]));
  expect(outputOf(program, x, 1)).toEqual(x);
  expect(Array.from(drop(0, 0, { seed: 1, step: 1 }, 5))).toEqual([1, 1, 1, 1, 1]);
});
