import { expect } from 'vitest';
import { philox, philoxKey } from '../../lib/random/philox.js';
import type { FloatArray, ReferenceProgram, ScoredBatch } from '../../lib/program/reference-engine/index.js';

/** The number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Numbers in [low, high) that depend only on the seed. */
export function randomNumbers(length: number, seed: number, low = -1, high = 1): Float64Array {
  const words = new Uint32Array(4);
  const key = philoxKey(seed);
  return Float64Array.from({ length }, (_, index) => {
    philox([Math.floor(index / 4), 0, 0, 0], key, words);
    return low + (high - low) * (words[index % 4] / 2 ** 32);
  });
}

/** Whole numbers in [low, high] that depend only on the seed. */
export function randomIntegers(length: number, seed: number, low: number, high: number): Float64Array {
  return randomNumbers(length, seed, low, high + 1).map(Math.floor);
}

/**
 * Fails unless each |actual - expected| is at most absolute + relative * |expected|. Names the first that
 * isn't.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 1e-6, relative = 1e-5, what = 'element' } = {},
): void {
  expect(actual.length, `number of elements of ${what}`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    const bound = absolute + relative * Math.abs(expected[i]);
    if (!(difference <= bound)) {
      expect.fail(`${what} ${i} is ${actual[i]}; expected ${expected[i]} within ${bound}`);
    }
  }
}

/**
 * The central difference (f(a + h) - f(a - h)) / 2h by one element of `values`, which is restored. The error
 * is of order h^2.
 */
export function centralDifference(f: () => number, values: FloatArray, index: number, h = 1e-5): number {
  const before = values[index];
  values[index] = before + h;
  const above = f();
  values[index] = before - h;
  const below = f();
  values[index] = before;
  return (above - below) / (2 * h);
}

/**
 * Compares all gradients of a float64 program of one input and one output, by each parameter and by the
 * input, with central differences.
 */
export function expectGradients(
  program: ReferenceProgram,
  x: Float64Array,
  y: Float64Array | Int32Array,
  random = { seed: 1, step: 0 },
): void {
  const samples = x.length / program.inputSizes[0];
  expectBatchGradients(program, { samples, inputs: [x], targets: [y] }, random);
}

/** As expectGradients, for any float64 program. */
export function expectBatchGradients(
  program: ReferenceProgram,
  batch: ScoredBatch,
  random = { seed: 1, step: 0 },
): void {
  const { inputGradients } = program.gradientsOf(batch, random);
  expectWeightGradients(program, batch, random);
  for (const [index, inputs] of batch.inputs.entries()) {
    const expected = differences(program, batch, random, inputs);
    expectClose(inputGradients[index], expected, { ...GRADIENT_BOUNDS, what: `gradient by input ${index},` });
  }
}

/** As expectBatchGradients, by the parameters only, for inputs that are whole numbers. */
export function expectWeightGradients(
  program: ReferenceProgram,
  batch: ScoredBatch,
  random = { seed: 1, step: 0 },
): void {
  const { gradients } = program.gradientsOf(batch, random);
  for (const [index, weights] of program.weights.entries()) {
    const expected = differences(program, batch, random, weights);
    expectClose(gradients[index], expected, {
      ...GRADIENT_BOUNDS,
      what: `gradient by parameter ${index},`,
    });
  }
}

const GRADIENT_BOUNDS = { absolute: 2e-9, relative: 2e-8 };

/** The central differences of the mean loss by each element of `values`. */
function differences(
  program: ReferenceProgram,
  batch: ScoredBatch,
  random: { seed: number; step: number },
  values: FloatArray,
): number[] {
  const loss = () => program.gradientsOf(batch, random).loss / batch.samples;
  return Array.from(values, (_, index) => centralDifference(loss, values, index));
}
