import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { ReferenceProgram } from '../../lib/program/reference-engine/index.js';
import { chain, conv2d, dropout, gaussianNoise, type Link, training } from '../support/chain.js';
import { samplesOn } from '../support/engine-comparison.js';
import { expectClose, expectGradients, randomNumbers } from '../support/numeric.js';
import { gradientsOf, outputOf } from '../support/one-batch.js';

const SHAPE = [5, 7, 3];

const NOISES: readonly [name: string, link: Link][] = [
  ['dropout', dropout(0.3, 3)],
  ['dropout of channels', dropout(0.4, 3, { noiseShape: [1, 1, 3] })],
  ['dropout of rows', dropout(0.4, 3, { noiseShape: [5, 1, 1] })],
  ['dropout of columns and channels', dropout(0.4, 3, { noiseShape: [1, 7, 3] })],
  ['dropout of samples', dropout(0.4, 3, { noiseShape: [1, 1, 1] })],
  ['dropout by a seed of its own', dropout(0.3, 3, { seed: 2 ** 40 + 3 })],
  ['dropout of channels by a seed of its own', dropout(0.4, 3, { noiseShape: [1, 1, 3], seed: 8 })],
  ['alpha dropout', dropout(0.3, 4, { alpha: true })],
  ['alpha dropout of channels', dropout(0.3, 4, { alpha: true, noiseShape: [1, 1, 3] })],
  ['gaussian noise', gaussianNoise(0.7, 5)],
  ['gaussian noise by a seed of its own', gaussianNoise(0.7, 5, { seed: 8 })],
  ['gaussian dropout', gaussianNoise(0.5, 6, { multiplies: true })],
];

describe.each(NOISES)('%s', (_, link) => {
  const samples = 4;
  const links = [conv2d([1, 1], 3), link];

  test('equals the reference engine, whose gradients equal central differences', async () => {
    const description = chain(SHAPE, links, training('halfSquaredError'));
    const exact = new ReferenceProgram(description, 'float64');
    exact.weights.forEach((weights, i) => void weights.set(randomNumbers(weights.length, 9 + i)));
    const x = randomNumbers(samples * 105, 1).map(Math.fround);
    const t = randomNumbers(samples * 105, 2).map(Math.fround);
    const random = { seed: 2 ** 35 + 11, step: 0 };
    expectGradients(exact, x, t, random);
    const engine = nativeEngine();
    const program = engine.createProgram(description);
    program.writeWeights(exact.weights.map((weights) => new Float32Array(weights)));
    const native = await program.gradients({
      x: [samplesOn(engine, [samples, ...SHAPE], new Float32Array(x))],
      y: [samplesOn(engine, [samples, ...SHAPE], new Float32Array(t))],
      seed: random.seed,
    });
    const expected = gradientsOf(exact, new Float32Array(x), new Float32Array(t), random);
    expectClose([native.totals.loss / samples], [expected.loss], { relative: 1e-5, what: 'loss' });
    native.gradients.forEach((gradient, i) => {
      expectClose(gradient, expected.gradients[i], { absolute: 1e-4, relative: 1e-4, what: 'gradient' });
    });
    program.dispose();
  });

  test('is the identity outside training', () => {
    const program = nativeEngine().createProgram(chain(SHAPE, [link]));
    const x = new Float32Array(randomNumbers(210, 3));
    expect(outputOf(program, x, 2)).toEqual(x);
  });
});

/** The outputs of one link in training, on a sample of these values. */
function noisy(link: Link, x: Float32Array, shape: number[], random = { seed: 5, step: 2 }): number[] {
  const program = new ReferenceProgram(chain(shape, [link], training('halfSquaredError')));
  return Array.from(gradientsOf(program, x, new Float32Array(x.length), random).outputs);
}

test.each([
  ['dropout', (own: object) => dropout(0.5, 7, own)],
  ['gaussian noise', (own: object) => gaussianNoise(1, 7, own)],
])('%s draws anew in each step, by the seed of the run or its own', (_, link) => {
  const ones = new Float32Array(40).fill(1);
  const draws = (random: { seed: number; step: number }, own = {}) =>
    noisy(link(own), ones, [40], random).join();
  const first = draws({ seed: 1, step: 0 });
  expect(draws({ seed: 1, step: 1 })).not.toBe(first);
  expect(draws({ seed: 2, step: 0 })).not.toBe(first);
  expect(draws({ seed: 2, step: 0 }, { seed: 1 })).toBe(first);
  expect(draws({ seed: 2, step: 1 }, { seed: 1 })).toBe(draws({ seed: 1, step: 1 }));
});

function moments(values: number[]): { mean: number; stddev: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, stddev: Math.sqrt(variance) };
}

describe('distributions', () => {
  const size = 40_000;
  const zeros = new Float32Array(size);
  const ones = zeros.map(() => 1);

  test('Gaussian noise is normal, and independent by element', () => {
    const values = noisy(gaussianNoise(2, 1), zeros, [size]);
    const { mean, stddev } = moments(values);
    expect(Math.abs(mean)).toBeLessThan((5 * 2) / Math.sqrt(size));
    expect(Math.abs(stddev - 2)).toBeLessThan((5 * 2) / Math.sqrt(2 * size));
    for (const [limit, share] of [
      [1, 0.6826895],
      [2, 0.9544997],
      [3, 0.9973002],
    ]) {
      const inside = values.filter((value) => Math.abs(value) < 2 * limit).length / size;
      expect(Math.abs(inside - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / size));
    }
    const products = values.slice(1).map((value, i) => value * values[i]);
    expect(Math.abs(moments(products).mean)).toBeLessThan((5 * 4) / Math.sqrt(size));
  });

  test('Gaussian dropout has mean 1', () => {
    const { mean, stddev } = moments(noisy(gaussianNoise(0.5, 1, { multiplies: true }), ones, [size]));
    expect(Math.abs(mean - 1)).toBeLessThan((5 * 0.5) / Math.sqrt(size));
    expect(Math.abs(stddev - 0.5)).toBeLessThan((5 * 0.5) / Math.sqrt(2 * size));
  });

  test('alpha dropout keeps mean 0 and variance 1', () => {
    const normal = new Float32Array(noisy(gaussianNoise(1, 1), zeros, [size]));
    const { mean, stddev } = moments(noisy(dropout(0.2, 2, { alpha: true }), normal, [size]));
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(stddev - 1)).toBeLessThan(0.03);
  });

  test('a noise shape drops whole slices, at its rate', () => {
    const values = noisy(dropout(0.25, 1, { noiseShape: [1, 4000] }), ones, [10, 4000]);
    let dropped = 0;
    for (let channel = 0; channel < 4000; channel++) {
      const column = Array.from({ length: 10 }, (_, row) => values[row * 4000 + channel]);
      expect(new Set(column).size).toBe(1);
      dropped += column[0] === 0 ? 1 : 0;
    }
    expect(Math.abs(dropped / 4000 - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / 4000));
  });
});
