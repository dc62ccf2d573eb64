import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  callbacks,
  input,
  type LayersModel,
  layers,
  losses,
  model,
  sequential,
  setEngine,
  tensor,
  zeros,
} from '../../lib/index.js';
import type { Layer } from '../../lib/layers/base-layer.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue());
afterEach(() => vi.restoreAllMocks());

/** Warnings except those of a non-finite loss, which such mistakes may cause. */
const warnings = () => {
  const told = vi.mocked(console.warn).mock.calls.map(([message]) => String(message));
  return told.filter((message) => !message.includes('not a finite number'));
};
const quiet = { verbose: 0, seed: 1 } as const;

type Loss = Parameters<LayersModel['compile']>[0]['loss'];
type Activation = Parameters<typeof layers.activation>[0]['activation'];

function net(loss: Loss, activation: Activation = 'linear', units = 3): LayersModel {
  const made = sequential({
    name: 'net',
    layers: [
      layers.dense({ units: 4, activation: 'relu', inputShape: [4] }),
      layers.dense({ units, activation, name: 'scores' }),
    ],
  });
  made.compile({ optimizer: 'sgd', loss });
  return made;
}

const x = tensor([1, 2, 3, 4, 4, 3, 2, 1], [2, 4]);

describe("a loss that doesn't suit the outputs", () => {
  const classes = tensor([0, 2], [2]);
  const oneHot = tensor([1, 0, 0, 0, 0, 1], [2, 3]);

  it.each<[losses.LossName, Activation, string, string]>([
    ['sparseCategoricalCrossentropy', 'linear', 'any numbers', 'softmax'],
    ['categoricalCrossentropy', 'linear', 'any numbers', 'softmax'],
    ['categoricalCrossentropy', 'logSoftmax', 'negative numbers', 'softmax'],
    ['categoricalFocalCrossentropy', 'tanh', 'negative numbers', 'softmax'],
    ['binaryCrossentropy', 'linear', 'any numbers', 'sigmoid'],
    ['binaryCrossentropy', 'relu', 'numbers above 1', 'sigmoid'],
    ['binaryFocalCrossentropy', 'tanh', 'negative numbers', 'sigmoid'],
  ])('warns: %s after %s', async (loss, activation, numbers, better) => {
    const made = net(loss, activation);
    const y = loss.startsWith('sparse') ? classes : oneHot;
    await made.fit(x, y, quiet);
    await made.fit(x, y, quiet);
    await made.trainOnBatch(x, y);
    expect(warnings()).toEqual([
      `convforge: net: the loss ${loss} takes probabilities, but 'scores' may give ${numbers}. Give it the activation '${better}', or the loss fromLogits: losses.${loss}({ fromLogits: true }).`,
    ]);
  });

  it('warns in fitDataset and trainOnBatch, and again after another compile', async () => {
    const made = net('sparseCategoricalCrossentropy');
    await made.trainOnBatch(x, classes);
    made.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const dataset = {
      async *[Symbol.asyncIterator]() {
        yield { xs: x, ys: classes };
      },
    };
    await made.fitDataset(dataset, quiet);
    expect(warnings()).toHaveLength(2);
  });

  it.each<[string, Loss, Activation, number]>([
    ['softmax', 'sparseCategoricalCrossentropy', 'softmax', 3],
    ['logits', losses.sparseCategoricalCrossentropy({ fromLogits: true }), 'linear', 3],
    [
      'log-probabilities as logits',
      losses.sparseCategoricalCrossentropy({ fromLogits: true }),
      'logSoftmax',
      3,
    ],
    ['positive numbers, which are divided by their sum', 'sparseCategoricalCrossentropy', 'softplus', 3],
    ['sigmoid', 'sparseCategoricalCrossentropy', 'sigmoid', 3],
  ])("doesn't warn: %s", async (_name, loss, activation, units) => {
    await net(loss, activation, units).fit(x, classes, quiet);
    expect(warnings()).toEqual([]);
  });

  it('warns if softmax or sigmoid comes before a loss on logits', async () => {
    const logits = losses.sparseCategoricalCrossentropy({ fromLogits: true });
    await net(logits, 'softmax').fit(x, classes, quiet);
    expect(warnings()).toEqual([
      "convforge: net: the loss sparseCategoricalCrossentropy has fromLogits: true, but 'scores' gives numbers from 0 to 1; leave out fromLogits, or the activation.",
    ]);
  });

  it('warns about a softmax of a single unit', async () => {
    await net('binaryCrossentropy', 'softmax', 1).fit(x, tensor([0, 1], [2, 1]), quiet);
    expect(warnings()).toEqual([
      "convforge: net: 'scores' gives the softmax of a single number, which is always 1: use 'sigmoid', or more units.",
    ]);
  });

  it('is checked at each output with a loss', async () => {
    const start = input({ shape: [4] });
    const outputs = ['a', 'b', 'c'].map((name) => layers.dense({ units: 3, name }).apply(start));
    const made = model({ inputs: start, outputs, name: 'three' });
    made.compile({
      optimizer: 'sgd',
      loss: { a: 'meanSquaredError', b: 'sparseCategoricalCrossentropy' },
    });
    await made.fit(x, { a: oneHot, b: classes }, quiet);
    expect(warnings()).toEqual([expect.stringMatching(/^convforge: three: .* but 'b' may give any numbers/)]);
  });
});

describe.each(ENGINES)('labels on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const binary = (loss: Loss = 'binaryCrossentropy') => net(loss, 'sigmoid', 1);

  it.each([
    [[1, -1], 1, /^y: element 1 is -1, but binaryCrossentropy takes labels from 0 to 1; for -1 and 1 use/],
    [[1, 2], 1, /element 1 is 2,/],
    [[0.5, 255], 1, /element 1 is 255,.*divide bytes by 255/],
  ])(
    'of a binary cross-entropy that are classes or bytes are errors: %j',
    async (labels, _place, message) => {
      await expectError(() => binary().fit(x, tensor(labels, [2, 1]), quiet), 'INVALID_LABEL', message);
      await expectError(
        () => binary('binaryFocalCrossentropy').trainOnBatch(x, tensor(labels, [2, 1])),
        'INVALID_LABEL',
        /binaryFocalCrossentropy takes labels from 0 to 1/,
      );
    },
  );

  it('of a binary cross-entropy outside [0, 1] warn once', async () => {
    const made = binary();
    for (const labels of [
      [0, 1],
      [0.3, 1.000000119],
      [1.2, 0.7],
      [1.2, 0.7],
    ])
      await made.fit(x, tensor(labels, [2, 1]), quiet);
    expect(warnings()).toEqual([
      expect.stringMatching(
        /^convforge: net: y: element 0 is 1\.2\d*, but binaryCrossentropy takes labels from 0 to 1\.$/,
      ),
    ]);
  });

  it('outside [0, 1] are fine for other losses', async () => {
    await binary('meanSquaredError').fit(x, tensor([-1, 255], [2, 1]), quiet);
    await binary('hinge').fit(x, tensor([-1, 1], [2, 1]), quiet);
    expect(warnings()).toEqual([]);
  });

  it.each<[losses.LossName, number, number[], RegExp]>([
    [
      'sparseCategoricalCrossentropy',
      3,
      [2, 3],
      /for one-hot targets use the loss 'categoricalCrossentropy'/,
    ],
    [
      'categoricalCrossentropy',
      3,
      [2],
      /use the loss 'sparseCategoricalCrossentropy', or oneHot\(labels, 3\)/,
    ],
    ['categoricalCrossentropy', 3, [2, 1], /use the loss 'sparseCategoricalCrossentropy', or oneHot/],
    [
      'binaryCrossentropy',
      3,
      [2],
      /for one class of 3 a sample use the loss 'sparse.*', for a yes or no 1 unit/,
    ],
  ])(
    'of another form than %s takes: the loss that takes them is named',
    async (loss, units, shape, message) => {
      await expectError(
        () => net(loss, 'softmax', units).fit(x, zeros(shape), quiet),
        'SHAPE_MISMATCH',
        message,
      );
    },
  );
});

describe('a dense layer on an image', () => {
  const images = zeros([2, 6, 6, 1]);
  const make = (loss: Loss, ...between: Layer[]) => {
    const made = sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 1] }),
        ...between,
        layers.dense({ units: 5, activation: 'relu', name: 'hidden' }),
        layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
      ],
    });
    made.compile({ optimizer: 'sgd', loss });
    return made;
  };

  it.each<[Loss, number[]]>([
    ['sparseCategoricalCrossentropy', [2]],
    ['categoricalCrossentropy', [2, 3]],
    ['meanSquaredError', [2, 3]],
  ])("without flatten is mentioned if labels of %s don't fit", async (loss, shape) => {
    await expectError(
      () => make(loss).fit(images, zeros(shape), quiet),
      'SHAPE_MISMATCH',
      /'hidden' works on the last axis of 4x4x4 alone: put layers\.flatten\(\), or a global pooling, before it\.$/,
    );
  });

  it('gives no advice if labels fit, or without dense layers', async () => {
    await make('sparseCategoricalCrossentropy').fit(images, zeros([2, 4, 4]), quiet);
    await make('sparseCategoricalCrossentropy', layers.flatten()).fit(images, zeros([2]), quiet);
    const error = await expectError(
      () => make('sparseCategoricalCrossentropy', layers.flatten()).fit(images, zeros([2, 4]), quiet),
      'SHAPE_MISMATCH',
    );
    expect(error.message).not.toContain('flatten');
    expect(warnings()).toEqual([]);
  });
});

describe("a key that won't be in the logs", () => {
  const { x, y } = tinySet(6);

  it.each<[string, () => callbacks.CallbackLike, RegExp]>([
    ['earlyStopping', () => callbacks.earlyStopping(), /'val_loss'.*Give fit validationData for val_ keys/],
    ['earlyStopping', () => callbacks.earlyStopping({ monitor: 'val_acc' }), /no log key 'val_acc'/],
    [
      'reduceLROnPlateau',
      () => callbacks.reduceLROnPlateau({ monitor: 'lss', mode: 'min' }),
      /did you mean 'loss'/,
    ],
    [
      'modelCheckpoint',
      () => callbacks.modelCheckpoint({ filepath: '/nowhere', saveBestOnly: true, monitor: 'accuracy' }),
      /no log key 'accuracy'/,
    ],
    [
      'modelCheckpoint',
      () => callbacks.modelCheckpoint({ filepath: '/nowhere/{epoch}-{val_loss:.2f}' }),
      /filepath: there is no log key 'val_loss'/,
    ],
    [
      'modelCheckpoint',
      () => callbacks.modelCheckpoint({ filepath: '/nowhere/{batch}' }),
      /filepath: there is no log key 'batch'/,
    ],
  ])('is refused by %s before the first epoch', async (name, make, message) => {
    const epochs: number[] = [];
    const onEpochBegin = (epoch: number) => epochs.push(epoch);
    const made = compiledClassifier();
    const rate = callbacks.learningRateScheduler((_, rate) => rate);
    const options = { ...quiet, callbacks: [rate, { onEpochBegin }, make()] };
    await expectError(() => made.fit(x, y, options), 'UNKNOWN_OPTION', message);
    const error = await expectError(() => made.fit(x, y, options), 'UNKNOWN_OPTION');
    expect([epochs, error.message.startsWith(`${name}: `)]).toEqual([[], true]);
  });

  it('may be added by earlier callbacks', async () => {
    const made = compiledClassifier();
    const rate = callbacks.earlyStopping({ monitor: 'learningRate', mode: 'min' });
    const scheduler = callbacks.learningRateScheduler((_, rate) => rate);
    await made.fit(x, y, { ...quiet, callbacks: [scheduler, rate] });
    await expectError(() => made.fit(x, y, { ...quiet, callbacks: [rate, scheduler] }), 'UNKNOWN_OPTION');

    const seen: boolean[] = [];
    const adding = {
      setParams: ({ mayHaveOthers }: callbacks.CallbackParams) => seen.push(mayHaveOthers),
      onEpochEnd: (_epoch: number, logs: Record<string, number> = {}) => {
        logs.own = 1;
      },
    };
    const own = callbacks.earlyStopping({ monitor: 'own', mode: 'min' });
    await made.fit(x, y, { ...quiet, callbacks: [adding, adding, own] });
    expect(seen).toEqual([false, true]);
    class Adding extends callbacks.EarlyStopping {
      override onEpochEnd(epoch: number, logs: Record<string, number> = {}): void {
        logs.own = 1;
        super.onEpochEnd(epoch, logs);
      }
    }
    await made.fit(x, y, { ...quiet, callbacks: [new Adding({ monitor: 'loss' }), own] });
    expect(made.stopTraining).toBe(false);
  });
});
