import { describe, expect, test } from 'vitest';
import type { LossDescription } from '../../../lib/program/description.js';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, chain, dense, type Link, training } from '../../support/chain.js';
import { expectClose, expectGradients, randomIntegers, randomNumbers } from '../../support/numeric.js';
import { gradientsOf } from '../../support/one-batch.js';

const RANDOM = { seed: 0, step: 0 };

/** The loss of outputs that equal the inputs, or come from `links`. */
function program(
  shape: number[],
  kind: LossDescription['kind'],
  { links = [] as Link[], fromLogits = false, precision = 'float64' as 'float32' | 'float64' } = {},
): ReferenceProgram {
  return new ReferenceProgram(chain(shape, links, training(kind, { fromLogits })), precision);
}

/** Rows of positive numbers. With a `sum` of 1 they are distributions. */
function positiveRows(rows: number, classes: number, seed: number, sum = 1): Float64Array {
  const values = randomNumbers(rows * classes, seed, 0.1, 1);
  for (let row = 0; row < rows; row++) {
    const part = values.subarray(row * classes, (row + 1) * classes);
    const total = part.reduce((a, b) => a + b);
    part.forEach((value, index) => {
      part[index] = (value * sum) / total;
    });
  }
  return values;
}

/** The mean over rows of -sum t log softmax(z), without tricks. */
function naive(logits: Float64Array, targets: Float64Array, classes: number): number {
  let loss = 0;
  for (let start = 0; start < logits.length; start += classes) {
    const exponentials = Array.from(logits.subarray(start, start + classes), Math.exp);
    const sum = exponentials.reduce((a, b) => a + b);
    exponentials.forEach((value, i) => {
      loss -= targets[start + i] * Math.log(value / sum);
    });
  }
  return loss / (logits.length / classes);
}

describe('categoricalCrossentropy', () => {
  const logits = randomNumbers(3 * 2 * 4, 1, -3, 3);
  const targets = positiveRows(6, 4, 2);

  test.each([
    { name: 'from logits', options: { fromLogits: true } },
    { name: 'of a softmax', options: { links: [activation('softmax')] } },
    {
      name: 'of a softmax, said to be logits',
      options: { links: [activation('softmax')], fromLogits: true },
    },
  ])('$name: the mean over rows, with its gradient', ({ options }) => {
    const made = program([2, 4], 'categoricalCrossentropy', options);
    expectClose([gradientsOf(made, logits, targets, RANDOM).loss], [naive(logits, targets, 4)], {
      relative: 1e-12,
    });
    expectGradients(made, logits, targets);
  });

  test('targets need not sum to 1', () => {
    const made = program([2, 4], 'categoricalCrossentropy', { fromLogits: true });
    expectGradients(made, logits, positiveRows(6, 4, 3, 2.5));
  });

  test('probabilities are divided by their sum', () => {
    const made = program([2, 4], 'categoricalCrossentropy');
    const outputs = positiveRows(6, 4, 4, 3);
    const expected = naive(outputs.map(Math.log), targets, 4);
    expectClose([gradientsOf(made, outputs, targets, RANDOM).loss], [expected], { relative: 1e-12 });
    expectGradients(made, outputs, targets);
  });

  test('probabilities are clipped to [1e-7, 1 - 1e-7], without a gradient through a clipped element', () => {
    const made = program([2], 'categoricalCrossentropy');
    const wrong = gradientsOf(made, new Float64Array([0, 1]), new Float64Array([1, 0]), RANDOM);
    expect(wrong.loss).toBeCloseTo(-Math.log(1e-7), 12);
    expect(Array.from(wrong.inputGradient, Math.abs)).toEqual([0, 0]);
    const right = gradientsOf(made, new Float64Array([1, 0]), new Float64Array([1, 0]), RANDOM);
    expect(right.loss).toBeCloseTo(1e-7, 12);
  });

  test('huge logits give an exact loss', () => {
    const made = program([3], 'categoricalCrossentropy', { fromLogits: true, precision: 'float32' });
    const result = gradientsOf(made, new Float32Array([1000, 0, -1000]), new Float32Array([0, 0, 1]), RANDOM);
    expect(result.loss).toBe(2000);
    expect(Array.from(result.inputGradient)).toEqual([1, 0, -1]);
  });
});

describe('sparseCategoricalCrossentropy', () => {
  test.each([
    { name: 'of a softmax', links: [dense(4), activation('softmax')], fromLogits: false },
    { name: 'from logits', links: [dense(4)], fromLogits: true },
    { name: 'of probabilities', links: [dense(4), activation('sigmoid')], fromLogits: false },
  ])('$name equals the categorical one on one-hot targets', ({ links, fromLogits }) => {
    const sparse = program([2, 3], 'sparseCategoricalCrossentropy', { links, fromLogits });
    const categorical = program([2, 3], 'categoricalCrossentropy', { links, fromLogits });
    for (const made of [sparse, categorical]) {
      made.weights.forEach((weights, index) => void weights.set(randomNumbers(weights.length, index)));
    }
    const x = randomNumbers(3 * 2 * 3, 5);
    const classes = Int32Array.from(randomIntegers(6, 6, 0, 3));
    const oneHot = new Float64Array(6 * 4);
    classes.forEach((label, row) => {
      oneHot[row * 4 + label] = 1;
    });
    const a = gradientsOf(sparse, x, classes, RANDOM);
    const b = gradientsOf(categorical, x, oneHot, RANDOM);
    expect(a.loss).toBe(b.loss);
    expect(a.gradients).toEqual(b.gradients);
    expectGradients(sparse, x, classes);
  });
});

describe('squared errors', () => {
  const outputs = new Float64Array([1, 2, 3, 4, 5, 6]);
  const targets = new Float64Array([0, 0, 3, 5, 3, 6]);

  test('meanSquaredError: the mean over elements', () => {
    const made = program([3], 'meanSquaredError');
    expect(gradientsOf(made, outputs, targets, RANDOM).loss).toBeCloseTo((1 + 4 + 0 + 1 + 4 + 0) / 6, 12);
    expectGradients(made, outputs, targets);
  });

  test("halfSquaredError: a sample's sum of (t - p)^2 / 2", () => {
    const made = program([3], 'halfSquaredError');
    expect(gradientsOf(made, outputs, targets, RANDOM).loss).toBeCloseTo((1 + 4 + 0 + 1 + 4 + 0) / 2 / 2, 12);
    expectGradients(made, outputs, targets);
  });

  test('the loss is the mean over leading axes', () => {
    const made = program([2, 3], 'meanSquaredError');
    expect(gradientsOf(made, outputs, targets, RANDOM).loss).toBeCloseTo(10 / 6, 12);
    expectGradients(made, outputs, targets);
  });
});
