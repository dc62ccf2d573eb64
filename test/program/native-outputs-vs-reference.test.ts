import { describe, expect, test } from 'vitest';
import type { OutputTraining, ProgramDescription } from '../../lib/program/description.js';
import { activation, conv2d, dense, dropout, pool2d, reshape, UNIT_SGD } from '../support/chain.js';
import { ADAM } from '../support/engine-runs.js';
import { add, Graph } from '../support/graph.js';
import { expectSameEverything } from '../support/whole-programs.js';

// Several inputs and outputs, shared and frozen weights: the native engine in float32 and the reference
// engine in float64.

const SQUARED: OutputTraining = {
  loss: { kind: 'meanSquaredError', fromLogits: false },
  metrics: [{ kind: 'binaryAccuracy', threshold: 0.5 }],
};
const CLASSES: OutputTraining = {
  loss: { kind: 'sparseCategoricalCrossentropy', fromLogits: false },
  weight: 0.5,
  metrics: [{ kind: 'sparseCategoricalAccuracy' }],
};
const HALF: OutputTraining = { loss: { kind: 'halfSquaredError', fromLogits: false }, metrics: [] };

const train = (...outputs: (OutputTraining | null)[]) => ({ outputs, optimizer: UNIT_SGD });

/** The inputs are an image and features; the outputs classes, a number and a value without loss. */
function twoInputs(): ProgramDescription {
  const graph = new Graph([6, 6, 2], [5]);
  const image = graph.after(
    0,
    conv2d([3, 3], 4),
    activation('relu'),
    pool2d('max', [2, 2]),
    reshape(16),
    dense(6),
  );
  const features = graph.after(1, dense(6), activation('tanh'));
  const joined = graph.after([image, features], add, activation('relu'));
  const classes = graph.after(joined, dense(3), activation('softmax'));
  const number = graph.after(joined, dropout(0.25, 2), dense(1));
  const unscored = graph.after(features, dense(4));
  return graph.describe(train(CLASSES, SQUARED, null), [classes, number, unscored]);
}

describe('several inputs and outputs', () => {
  test.each([false, true])('a null loss and loss weights; sample weights: %j', async (weighted) => {
    const { totals, gradients } = await expectSameEverything(twoInputs(), 5, { weighted });
    expect(totals.losses).toHaveLength(2);
    expect(totals.loss).toBeCloseTo(0.5 * totals.losses[0] + totals.losses[1], 9);
    // Weights that only lead to the output without a loss don't learn.
    for (const array of gradients.slice(-2)) expect(new Set(array)).toEqual(new Set([0]));
    expect(gradients[0].some((value) => value !== 0)).toBe(true);
  });

  test('an output used by other nodes, and an input as output', async () => {
    const graph = new Graph([4], [4]);
    const hidden = graph.after(0, dense(4), activation('tanh'));
    const sum = graph.after([hidden, 1, hidden], add);
    await expectSameEverything(graph.describe(train(HALF, SQUARED, SQUARED), [hidden, sum, 1]), 3);
  });

  test('cross-entropy of a softmax with other uses is of probabilities', async () => {
    const graph = new Graph([4]);
    const shares = graph.after(0, dense(3), activation('softmax'));
    const after = graph.after(shares, dense(2));
    await expectSameEverything(graph.describe(train(CLASSES, HALF), [shares, after]), 6, { weighted: true });
  });

  test('logits and their softmax are both outputs', async () => {
    const graph = new Graph([4]);
    const logits = graph.after(0, dense(3));
    const shares = graph.after(logits, activation('softmax'));
    await expectSameEverything(graph.describe(train(HALF, CLASSES), [logits, shares]), 6);
  });

  test('row outputs from logits, with weights', async () => {
    const graph = new Graph([4, 3]);
    const rows = graph.after(0, dense(5));
    const fromLogits: OutputTraining = {
      ...CLASSES,
      loss: { ...CLASSES.loss, fromLogits: true },
      weight: -2,
    };
    await expectSameEverything(graph.describe(train(fromLogits), [rows]), 4, { weighted: true });
  });
});

describe('shared weights', () => {
  test('a dense layer on two inputs and on its own output', async () => {
    const graph = new Graph([5], [5]);
    const first = graph.after(0, dense(5));
    const second = graph.again(first, graph.after(1, activation('tanh')));
    const third = graph.again(first, graph.after(first, activation('tanh')));
    graph.after([second, third], add, dense(2));
    const { gradients } = await expectSameEverything(graph.describe(train(HALF)), 3);
    expect(gradients.map(({ length }) => length)).toEqual([25, 5, 10, 2]);
  });

  test.each([1, 3])('a convolution of %d groups, with its relu on both images', async (groups) => {
    const graph = new Graph([7, 6, 3], [7, 6, 3]);
    const conv = graph.after(0, conv2d([3, 3], 6, { padding: [1, 1, 1, 1], groups }));
    const left = graph.after(conv, activation('relu'));
    const right = graph.after(graph.again(conv, 1), activation('relu'));
    const pooled = graph.after(right, pool2d('max', [3, 3], { strides: [1, 1], padding: [1, 1, 1, 1] }));
    graph.after([left, pooled], add, reshape(252), dense(3));
    await expectSameEverything(graph.describe(train(SQUARED)), 4, { weighted: true });
  });

  test('without a loss after one use, or after the owner', async () => {
    const graph = new Graph([4], [4]);
    const first = graph.after(0, dense(4));
    const second = graph.again(first, 1);
    const third = graph.again(first, graph.after(1, activation('tanh')));
    for (const losses of [train(HALF, null, HALF), train(null, HALF, HALF), train(null, null, HALF)]) {
      const { gradients } = await expectSameEverything(graph.describe(losses, [first, second, third]), 3);
      expect(gradients[0].every((value) => value !== 0)).toBe(true);
    }
  });
});

describe('frozen weights', () => {
  test('get no update, while earlier layers train', async () => {
    const graph = new Graph([6, 6, 2]);
    const conv = graph.after(0, conv2d([3, 3], 4));
    const frozenConv = graph.after(graph.after(conv, activation('relu')), conv2d([2, 2], 3));
    const frozen = graph.after(graph.after(frozenConv, reshape(27)), dense(4));
    graph.after(frozen, activation('tanh'), dense(2));
    graph.freeze(frozenConv);
    graph.freeze(frozen);
    const description = graph.describe({ ...train(SQUARED), optimizer: ADAM });
    const { gradients, trained } = await expectSameEverything(description, 3);
    const learns = gradients.map((array) => array.some((value) => value !== 0));
    expect(learns).toEqual([true, true, false, false, false, false, true, true]);
    expect(trained).toHaveLength(8);
  });

  test('a frozen kernel with a trainable bias', async () => {
    const graph = new Graph([4]);
    const layer = graph.after(0, dense(3));
    graph.freeze(layer, 'kernel');
    const { gradients } = await expectSameEverything(graph.describe(train(HALF)), 3);
    expect(gradients.map((array) => array.some((value) => value !== 0))).toEqual([false, true]);
  });

  test.each(['kernel', 'bias'])('the %s of a second convolution', async (name) => {
    const graph = new Graph([5, 5, 2]);
    const conv = graph.after(graph.after(0, conv2d([3, 3], 2)), conv2d([2, 2], 3));
    graph.freeze(conv, name);
    const { gradients } = await expectSameEverything(graph.describe(train(HALF)), 3);
    const learns = gradients.map((array) => array.some((value) => value !== 0));
    expect(learns).toEqual([true, true, name !== 'kernel', name !== 'bias']);
  });

  test('a shared layer that is frozen', async () => {
    const graph = new Graph([4], [4]);
    const before = graph.after(0, dense(4));
    const layer = graph.after(before, dense(4));
    graph.freeze(layer);
    graph.after([graph.again(layer, 1), layer], add);
    const { gradients } = await expectSameEverything(graph.describe(train(HALF)), 3);
    expect(gradients.map((array) => array.some((value) => value !== 0))).toEqual([true, true, false, false]);
  });
});
