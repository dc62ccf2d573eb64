import { describe, expect, it } from 'vitest';
import { layers, losses, metrics, optimizers, sequential, train } from '../../lib/index.js';
import type { OptimizerIdentifier } from '../../lib/optimizers/index.js';
import type { CompileOptions } from '../../lib/network/compile.js';
import { expectError } from '../support/convforge-error.js';
import { tinyClassifier } from '../support/tiny.js';

function compile(options: Partial<CompileOptions>) {
  const model = tinyClassifier();
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', ...options });
  const { optimizer, outputs } = model.compiled;
  return { optimizer, ...(outputs[0] as NonNullable<(typeof outputs)[0]>) };
}

describe('optimizers', () => {
  it.each([
    ['sgd', { kind: 'sgd', learningRate: 0.01, momentum: 0, nesterov: false }],
    ['Adam', { kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    [train.sgd(0.5), { kind: 'sgd', learningRate: 0.5, momentum: 0, nesterov: false }],
    [train.momentum(0.5, 0.9, true), { kind: 'sgd', learningRate: 0.5, momentum: 0.9, nesterov: true }],
    [train.adam(), { kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    [
      train.adam(0.1, 0.8, 0.9, 1e-8),
      { kind: 'adam', learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-8 },
    ],
    [
      train.adam(0.1, null, null, null),
      { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    ],
    [
      new optimizers.SGD({ momentum: 0.5 }),
      { kind: 'sgd', learningRate: 0.01, momentum: 0.5, nesterov: false },
    ],
    [
      { className: 'Adam', config: { learningRate: 0.2 } },
      { kind: 'adam', learningRate: 0.2, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    ],
  ] as const)('%j', (optimizer, description) => {
    expect(compile({ optimizer: optimizer as OptimizerIdentifier }).optimizer.describe()).toEqual(
      description,
    );
  });

  it('are rebuilt from class name and config', () => {
    const adam = optimizers.adam({ learningRate: 0.3, beta1: 0.5 });
    const identifier = { className: adam.getClassName(), config: adam.getConfig() };
    expect(compile({ optimizer: identifier }).optimizer.describe()).toEqual(adam.describe());
  });

  it('refuse rates and factors out of range', async () => {
    for (const rate of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expectError(() => train.sgd(rate), 'INVALID_ARGUMENT', /sgd: learningRate is/);
    }
    await expectError(() => train.momentum(0.1, 1), 'INVALID_ARGUMENT', /momentum is 1/);
    await expectError(() => train.adam(0.1, 1), 'INVALID_ARGUMENT', /beta1 is 1/);
    await expectError(() => optimizers.adam({ epsilon: 0 }), 'INVALID_ARGUMENT', /epsilon is 0/);
    await expectError(
      () => optimizers.sgd({ nesterov: true }),
      'INVALID_ARGUMENT',
      /nesterov needs a momentum/,
    );
    await expectError(
      () => optimizers.adam({ learningrate: 1 } as never),
      'UNKNOWN_OPTION',
      /did you mean 'learningRate'/,
    );
    const adam = train.adam();
    await expectError(
      () => {
        adam.learningRate = Number.NaN;
      },
      'INVALID_ARGUMENT',
      /learningRate is NaN/,
    );
    expect(adam.learningRate).toBe(0.001);
  });

  it('refuses what is none', async () => {
    await expectError(
      () => compile({ optimizer: 'adan' as 'adam' }),
      'UNSUPPORTED',
      /no optimizer 'adan'; did you mean 'adam'/,
    );
    await expectError(
      () => compile({ optimizer: 'constructor' as 'adam' }),
      'UNSUPPORTED',
      /no optimizer 'constructor'/,
    );
    await expectError(() => compile({ optimizer: undefined }), 'INVALID_ARGUMENT', /optimizer is undefined/);
  });
});

describe('losses', () => {
  it.each([
    ['categoricalCrossentropy', 'categoricalCrossentropy', false],
    ['categorical_crossentropy', 'categoricalCrossentropy', false],
    ['sparse_categorical_crossentropy', 'sparseCategoricalCrossentropy', false],
    ['mse', 'meanSquaredError', undefined],
    ['mean_squared_error', 'meanSquaredError', undefined],
    ['halfSquaredError', 'halfSquaredError', undefined],
    [losses.categoricalCrossentropy, 'categoricalCrossentropy', false],
    [losses.categoricalCrossentropy({ fromLogits: true }), 'categoricalCrossentropy', true],
    [losses.sparseCategoricalCrossentropy({ fromLogits: true }), 'sparseCategoricalCrossentropy', true],
  ] as const)('%s is %s', (loss, kind, fromLogits) => {
    expect(compile({ loss }).loss).toMatchObject(fromLogits === undefined ? { kind } : { kind, fromLogits });
  });

  it('refuses what is none', async () => {
    await expectError(
      () => compile({ loss: 'crossentropy' as 'mse' }),
      'UNSUPPORTED',
      /no loss 'crossentropy'/,
    );
    await expectError(() => compile({ loss: 'toString' as 'mse' }), 'UNSUPPORTED', /no loss 'toString'/);
    await expectError(() => compile({ loss: undefined }), 'INVALID_ARGUMENT', /loss is undefined/);
    await expectError(
      () => compile({ loss: (() => 1) as never }),
      'UNSUPPORTED',
      /a custom loss can't be compiled/,
    );
    const unknown = { fromLogit: true } as never;
    await expectError(
      () => losses.categoricalCrossentropy(unknown),
      'UNKNOWN_OPTION',
      /did you mean 'fromLogits'/,
    );
  });
});

describe('metrics', () => {
  it("resolve 'accuracy' by loss and outputs", () => {
    const acc = (options: Partial<CompileOptions>) => compile({ metrics: ['accuracy'], ...options }).metrics;
    expect(acc({})).toMatchObject([{ name: 'categoricalAccuracy', logKey: 'acc' }]);
    expect(acc({ loss: 'sparseCategoricalCrossentropy' })).toMatchObject([
      { name: 'sparseCategoricalAccuracy', logKey: 'acc' },
    ]);
    const single = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
    single.compile({ optimizer: 'sgd', loss: 'mse', metrics: 'acc' });
    expect(single.compiled.outputs[0]?.metrics).toMatchObject([{ name: 'binaryAccuracy', logKey: 'acc' }]);
  });

  it('accept names and values', () => {
    const given = ['categorical_accuracy', metrics.binaryAccuracy, 'mse'] as const;
    expect(compile({ metrics: given }).metrics.map((metric) => metric.logKey)).toEqual([
      'categoricalAccuracy',
      'binaryAccuracy',
      'mse',
    ]);
    expect(compile({ metrics: 'meanSquaredError' }).metrics).toMatchObject([
      { name: 'meanSquaredError', logKey: 'mse' },
    ]);
    expect(compile({}).metrics).toEqual([]);
  });

  it('refuse other values, duplicates, and metrics that need other targets than the loss', async () => {
    const sparse: Partial<CompileOptions> = {
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['categoricalAccuracy'],
    };
    await expectError(() => compile(sparse), 'INVALID_ARGUMENT', /'accuracy' chooses the one that fits/);
    await expectError(
      () => compile({ metrics: ['sparseCategoricalAccuracy'] }),
      'INVALID_ARGUMENT',
      /whole-number classes/,
    );
    await expectError(
      () => compile({ metrics: ['acc', 'accuracy'] }),
      'INVALID_ARGUMENT',
      /two metrics would be 'acc'/,
    );
    await expectError(
      () => compile({ metrics: ['acuracy' as 'acc'] }),
      'UNSUPPORTED',
      /did you mean 'accuracy'/,
    );
    await expectError(() => compile({ metrics: [3 as never] }), 'INVALID_ARGUMENT', /metrics has 3/);
  });
});

describe('compile', () => {
  it('refuses unknown options and models without layers', async () => {
    await expectError(
      () => compile({ optimiser: 'sgd' } as never),
      'UNKNOWN_OPTION',
      /did you mean 'optimizer'/,
    );
    const options = { optimizer: 'sgd', loss: 'mse' } as const;
    await expectError(() => sequential().compile(options), 'INVALID_ARGUMENT', /has no layers yet/);
  });

  it('is required before training, and again after a layer was added', async () => {
    const model = tinyClassifier();
    await expectError(() => model.fit([[1, 2, 3, 4]], [0]), 'NOT_COMPILED', /tiny has no loss/);
    await expectError(() => model.evaluate([[1, 2, 3, 4]], [0]), 'NOT_COMPILED');
    await expectError(() => model.trainOnBatch([[1, 2, 3, 4]], [0]), 'NOT_COMPILED');
    await expectError(() => model.optimizer, 'NOT_COMPILED');
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    model.add(layers.dense({ units: 1 }));
    expect(model.isCompiled).toBe(false);
    await expectError(() => model.fit([[1, 2, 3, 4]], [0]), 'NOT_COMPILED');
  });
});
