import { describe, expect, test } from 'vitest';
import type { LossDescription, MetricDescription } from '../../lib/program/description.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  dropout,
  type Link,
  pool2d,
  rescaling,
  reshape,
  training,
} from '../support/chain.js';
import { ADAM, MOMENTUM } from '../support/engine-runs.js';
import { expectClose, randomIntegers, randomNumbers } from '../support/numeric.js';
import { type Data, trainBoth } from '../support/training-comparison.js';

// Training: losses, metrics, optimizers and the trained network, on the native engine in float32 and the
// reference engine in float64.

describe('losses and optimizers', () => {
  const count = 17;
  const classes = 11;
  const x = new Float32Array(randomNumbers(count * 6, 1));
  const labels = Int32Array.from(randomIntegers(count, 2, 0, classes - 1));
  const shares = new Float32Array(randomNumbers(count * classes, 3, 0, 1));
  for (let row = 0; row < count; row++) {
    const cells = shares.subarray(row * classes, (row + 1) * classes);
    const sum = cells.reduce((total, value) => total + value, 0);
    cells.forEach((value, i) => {
      cells[i] = value / sum;
    });
  }

  const heads: [string, Link[], LossDescription][] = [
    [
      'softmax, classes',
      [activation('softmax')],
      { kind: 'sparseCategoricalCrossentropy', fromLogits: false },
    ],
    ['logits, classes', [], { kind: 'sparseCategoricalCrossentropy', fromLogits: true }],
    [
      'probabilities, classes',
      [activation('sigmoid')],
      { kind: 'sparseCategoricalCrossentropy', fromLogits: false },
    ],
    ['softmax, shares', [activation('softmax')], { kind: 'categoricalCrossentropy', fromLogits: false }],
    ['logits, shares', [], { kind: 'categoricalCrossentropy', fromLogits: true }],
    [
      'probabilities, shares',
      [activation('sigmoid')],
      { kind: 'categoricalCrossentropy', fromLogits: false },
    ],
    ['mean squared error', [activation('tanh')], { kind: 'meanSquaredError', fromLogits: false }],
    ['half squared error', [], { kind: 'halfSquaredError', fromLogits: false }],
    [
      'half squared error of a softmax',
      [activation('softmax')],
      { kind: 'halfSquaredError', fromLogits: false },
    ],
  ];
  const optimizers: [string, OptimizerDescription][] = [
    ['sgd', { kind: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false }],
    ['momentum', { kind: 'sgd', learningRate: 0.1, momentum: 0.8, nesterov: false }],
    ['Nesterov', MOMENTUM],
    ['adam', ADAM],
  ];
  const cases = heads.flatMap((head) =>
    optimizers.map(([name, optimizer]) => [head[0], name, head, optimizer] as const),
  );

  test.each(cases)('%s, %s', async (_, __, [, links, loss], optimizer) => {
    const sparse = loss.kind === 'sparseCategoricalCrossentropy';
    const metrics: MetricDescription[] = sparse
      ? [{ kind: 'sparseCategoricalAccuracy' }]
      : [
          { kind: 'categoricalAccuracy' },
          { kind: 'binaryAccuracy', threshold: 0.5 },
          { kind: 'mean', loss: { kind: 'meanSquaredError' } },
        ];
    const description = chain([6], [dense(classes), ...links], { outputs: [{ loss, metrics }], optimizer });
    const data = { x, y: sparse ? labels : shares, count };
    const [native, reference] = await trainBoth(description, data, { steps: 6, batchSize: 7 });
    const close = { absolute: 2e-6, relative: 2e-5 };
    expectClose(native.losses, reference.losses, { ...close, what: 'loss' });
    expectClose(native.metrics.flat(2), reference.metrics.flat(2), { ...close, what: 'metric' });
    expectClose(native.outputs, reference.outputs, { ...close, what: 'output' });
    expectClose([native.evaluated.loss], [reference.evaluated.loss], { ...close, what: 'evaluated loss' });
    expectClose(native.evaluated.metrics.flat(), reference.evaluated.metrics.flat(), {
      ...close,
      what: 'evaluated metric',
    });
    const arrays = ({ state: { weights, optimizer } }: typeof native) => [
      ...weights,
      ...Object.entries(optimizer?.slots ?? {}).flatMap(([, slot]) => slot),
    ];
    expect(native.state.optimizer?.iterations).toBe(6);
    arrays(native).forEach((array, index) => {
      expectClose(array, arrays(reference)[index], { ...close, what: `array ${index}, element` });
    });
  });
});

/** Images of horizontal or vertical bars. The class is the bar's position and direction. */
function bars(count: number, size: number, classes: number): Data {
  const x = new Uint8Array(randomIntegers(count * size * size, 21, 0, 90));
  const y = Int32Array.from(randomIntegers(count, 22, 0, classes - 1));
  y.forEach((label, n) => {
    for (let i = 0; i < size; i++) x[(n * size + i) * size + 2 * label + 1] = 255;
  });
  return { x, y, count };
}

describe("the loss curve equals the reference engine's step by step", () => {
  const ends = [activation('softmax')];
  const compiled = (learningRate: number) =>
    training('sparseCategoricalCrossentropy', { optimizer: { ...ADAM, learningRate } });
  const largestDifference = (a: number[], b: number[]) =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]) / Math.abs(b[i])));

  test('a small LeNet over 60 steps', async () => {
    const body = [
      rescaling(1 / 255, 0),
      conv2d([3, 3], 8),
      activation('relu'),
      pool2d('max', [2, 2]),
      conv2d([3, 3], 16),
      activation('relu'),
      pool2d('max', [2, 2], { strides: [1, 1] }),
      reshape(64),
      dense(32),
      activation('relu'),
      dropout(0.2),
      dense(5),
    ];
    const description = chain([12, 12, 1], [...body, ...ends], compiled(0.005));
    const [native, reference] = await trainBoth(description, bars(320, 12, 5), {
      steps: 60,
      batchSize: 16,
      scale: 0.25,
    });
    expect(largestDifference(native.losses, reference.losses)).toBeLessThan(1e-4);
    expect(reference.losses[59]).toBeLessThan(reference.losses[0] / 2);
  });

  test("the tutorial's LeNet over 3 steps", async () => {
    const body = [
      rescaling(1 / 255, 0),
      conv2d([5, 5], 32),
      activation('relu'),
      pool2d('max', [2, 2]),
      conv2d([5, 5], 64),
      activation('relu'),
      pool2d('max', [2, 2]),
      reshape(1024),
      dense(1000),
      activation('relu'),
      dense(10),
    ];
    const description = chain([28, 28, 1], [...body, ...ends], compiled(0.001));
    const [native, reference] = await trainBoth(description, bars(24, 28, 10), {
      steps: 3,
      batchSize: 8,
      scale: 0.06,
    });
    expect(largestDifference(native.losses, reference.losses)).toBeLessThan(1e-5);
  });
});
