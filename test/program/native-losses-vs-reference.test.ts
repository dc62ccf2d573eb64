import { describe, expect, test } from 'vitest';
import type {
  LossDescription,
  MetricDescription,
  ProgramDescription,
} from '../../lib/program/description.js';
import { activation, chain, dense, type Link, reshape, UNIT_SGD } from '../support/chain.js';
import { expectClose, randomIntegers, randomNumbers } from '../support/numeric.js';
import { trainBoth } from '../support/training-comparison.js';

// Losses and metrics: the native engine in float32 and the reference engine in float64.

const COUNT = 19;
const CLASSES = 7;
const ROWS = 2;
const SIZE = CLASSES * ROWS;
const CLOSE = { absolute: 4e-6, relative: 4e-5 };

const x = new Float32Array(randomNumbers(COUNT * 5, 1));
const labels = Int32Array.from(randomIntegers(COUNT * ROWS, 2, 0, CLASSES - 1));
const shares = new Float32Array(randomNumbers(COUNT * SIZE, 3, 0, 1));
const signs = shares.map((share) => (share > 0.5 ? 1 : -1));
const oneHot = new Float32Array(COUNT * SIZE);
labels.forEach((label, row) => {
  oneHot[row * CLASSES + label] = 1;
});

/** Two rows of outputs after `links`. */
function program(loss: LossDescription, links: Link[], metrics: MetricDescription[]): ProgramDescription {
  const training = { outputs: [{ loss, metrics }], optimizer: { ...UNIT_SGD, learningRate: 0.05 } };
  return chain([5], [dense(SIZE), reshape(ROWS, CLASSES), ...links], training);
}

async function expectSame(
  loss: LossDescription,
  links: Link[],
  y: Float32Array | Int32Array,
  metrics: MetricDescription[] = [],
) {
  const description = program(loss, links, metrics);
  const [native, reference] = await trainBoth(
    description,
    { x, y, count: COUNT },
    { steps: 4, batchSize: 9 },
  );
  expectClose(native.losses, reference.losses, { ...CLOSE, what: 'loss' });
  native.state.weights.forEach((array, i) => {
    expectClose(array, reference.state.weights[i], { ...CLOSE, what: `weight ${i}, element` });
  });
  expectClose(native.evaluated.metrics.flat(), reference.evaluated.metrics.flat(), {
    ...CLOSE,
    what: 'count',
  });
  return native;
}

const sigmoid = [activation('sigmoid')];
const softmax = [activation('softmax')];
const smooth = { labelSmoothing: 0.15 };
const focal = { gamma: 1.5, alpha: 0.3 };

describe('losses', () => {
  test.each<[string, LossDescription, Link[], Float32Array | Int32Array]>([
    ['of a sigmoid', { kind: 'binaryCrossentropy', ...smooth }, sigmoid, shares],
    ['of logits', { kind: 'binaryCrossentropy', fromLogits: true }, [], oneHot],
    ['of shares', { kind: 'binaryCrossentropy' }, softmax, oneHot],
    ['of a sigmoid', { kind: 'binaryFocalCrossentropy', ...focal, ...smooth }, sigmoid, oneHot],
    ['of logits', { kind: 'binaryFocalCrossentropy', fromLogits: true, gamma: 0 }, [], oneHot],
    ['of shares', { kind: 'binaryFocalCrossentropy' }, softmax, oneHot],
    ['of a softmax', { kind: 'categoricalCrossentropy', ...smooth }, softmax, oneHot],
    ['of shares', { kind: 'categoricalCrossentropy', ...smooth }, sigmoid, oneHot],
    ['of a softmax', { kind: 'categoricalFocalCrossentropy', ...focal }, softmax, oneHot],
    ['of logits', { kind: 'categoricalFocalCrossentropy', ...smooth, fromLogits: true }, [], oneHot],
    ['of shares', { kind: 'categoricalFocalCrossentropy', ...focal }, sigmoid, oneHot],
    ['of a softmax', { kind: 'sparseCategoricalCrossentropy', ...smooth }, softmax, labels],
    ['of logits', { kind: 'sparseCategoricalCrossentropy', ...smooth, fromLogits: true }, [], labels],
    ['of shares', { kind: 'sparseCategoricalCrossentropy', ...smooth }, sigmoid, labels],
    ['of shares', { kind: 'sparseCategoricalCrossentropy' }, sigmoid, labels],
    ['', { kind: 'meanSquaredError' }, [], shares],
    ['', { kind: 'halfSquaredError' }, [], shares],
    ['', { kind: 'meanAbsoluteError' }, [], shares],
    ['', { kind: 'meanAbsolutePercentageError' }, [], shares.map((share) => share + 1)],
    ['', { kind: 'meanSquaredLogarithmicError' }, sigmoid, shares],
    ['', { kind: 'huber', delta: 0.4 }, [], shares],
    ['', { kind: 'logCosh' }, [], shares],
    ['', { kind: 'hinge' }, [], signs],
    ['of 0 and 1', { kind: 'squaredHinge' }, [], oneHot],
    ['', { kind: 'categoricalHinge' }, [], oneHot],
    ['', { kind: 'klDivergence' }, softmax, shares],
    ['', { kind: 'poisson' }, sigmoid, shares],
    ['', { kind: 'cosineSimilarity' }, [], shares],
  ])('%s %o', async (_, loss, links, y) => {
    await expectSame(loss, links, y);
  });
});

test('class indices give the same bits as one-hot rows, with label smoothing', async () => {
  for (const links of [softmax, sigmoid]) {
    const sparse = await expectSame({ kind: 'sparseCategoricalCrossentropy', ...smooth }, links, labels);
    const dense = await expectSame({ kind: 'categoricalCrossentropy', ...smooth }, links, oneHot);
    expect(sparse.losses).toEqual(dense.losses);
    expect(sparse.state.weights).toEqual(dense.state.weights);
  }
});

test('metric counts of values', async () => {
  const mean = (loss: LossDescription): MetricDescription => ({ kind: 'mean', loss });
  const { evaluated } = await expectSame({ kind: 'categoricalCrossentropy' }, softmax, oneHot, [
    { kind: 'categoricalAccuracy' },
    { kind: 'topKCategoricalAccuracy', k: 3 },
    { kind: 'binaryAccuracy', threshold: 0.2 },
    { kind: 'classCounts', threshold: 0.2 },
    { kind: 'classCounts' },
    { kind: 'scoreCounts', thresholds: 9 },
    mean({ kind: 'binaryCrossentropy' }),
    mean({ kind: 'categoricalFocalCrossentropy', fromLogits: true, ...focal }),
    mean({ kind: 'categoricalCrossentropy', fromLogits: true, ...smooth }),
    mean({ kind: 'cosineSimilarity' }),
  ]);
  const rows = COUNT * ROWS;
  expect(evaluated.metrics.slice(0, 3).map(([, all]) => all)).toEqual([rows, rows, rows * CLASSES]);
  expect(evaluated.metrics[3]).toHaveLength(3 * CLASSES);
  expect(evaluated.metrics[5].reduce((sum, count) => sum + count)).toBe(rows * CLASSES);
  expect(evaluated.metrics[6][1]).toBe(COUNT);
});

test('metric counts of classes', async () => {
  await expectSame({ kind: 'sparseCategoricalCrossentropy' }, softmax, labels, [
    { kind: 'sparseCategoricalAccuracy' },
    { kind: 'sparseTopKCategoricalAccuracy', k: 2 },
    { kind: 'classCounts' },
    { kind: 'scoreCounts', thresholds: 5 },
    { kind: 'mean', loss: { kind: 'sparseCategoricalCrossentropy' } },
  ]);
});
