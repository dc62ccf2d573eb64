import { describe, expect, it } from 'vitest';
import { losses } from '../../lib/index.js';
import type { LossIdentifier } from '../../lib/losses/index.js';
import { getLoss, isDefaultLoss, lossConfig, lossFromConfig } from '../../lib/losses/registry.js';
import { expectError } from '../support/convforge-error.js';

describe('names', () => {
  it.each([
    ['mae', 'meanAbsoluteError'],
    ['MSE', 'meanSquaredError'],
    ['MeanSquaredError', 'meanSquaredError'],
    ['mean_absolute_percentage_error', 'meanAbsolutePercentageError'],
    ['msle', 'meanSquaredLogarithmicError'],
    ['KLDivergence', 'klDivergence'],
    ['kl_divergence', 'klDivergence'],
    ['kullbackLeiblerDivergence', 'klDivergence'],
    ['kld', 'klDivergence'],
    ['log_cosh', 'logCosh'],
    ['logcosh', 'logCosh'],
    ['cosineProximity', 'cosineSimilarity'],
    ['binary_crossentropy', 'binaryCrossentropy'],
    ['BinaryFocalCrossentropy', 'binaryFocalCrossentropy'],
    ['squared_hinge', 'squaredHinge'],
  ])('%s is %s', (name, kind) => {
    expect(getLoss(name as LossIdentifier).kind).toBe(kind);
  });

  it('are refused if unknown, naming the nearest', async () => {
    await expectError(() => getLoss('hubber' as LossIdentifier), 'UNSUPPORTED', /did you mean 'huber'/);
  });
});

describe('options', () => {
  it('have the defaults of Keras', () => {
    expect(losses.binaryCrossentropy()).toEqual({
      kind: 'binaryCrossentropy',
      fromLogits: false,
      labelSmoothing: 0,
    });
    expect(losses.huber()).toEqual({ kind: 'huber', delta: 1 });
    expect(losses.categoricalFocalCrossentropy()).toMatchObject({ gamma: 2, alpha: 0.25 });
    expect(losses.binaryFocalCrossentropy({ alpha: 0.5 })).not.toHaveProperty('alpha');
    expect(losses.binaryFocalCrossentropy({ applyClassBalancing: true })).toMatchObject({ alpha: 0.25 });
  });

  it('are refused out of range and by unknown names', async () => {
    await expectError(() => losses.huber({ delta: 0 }), 'INVALID_ARGUMENT', /huber: delta is 0/);
    await expectError(
      () => losses.binaryCrossentropy({ labelSmoothing: 1.5 }),
      'INVALID_ARGUMENT',
      /labelSmoothing is 1.5/,
    );
    await expectError(
      () => losses.binaryFocalCrossentropy({ gamma: -1 }),
      'INVALID_ARGUMENT',
      /gamma is -1; it must be from 0 up/,
    );
    for (const ignoreClass of [0.5, 2 ** 31, Number.NaN])
      await expectError(
        () => losses.sparseCategoricalCrossentropy({ ignoreClass }),
        'INVALID_ARGUMENT',
        /ignoreClass is/,
      );
    await expectError(
      () => losses.categoricalCrossentropy({ ignoreClass: 1 } as never),
      'UNKNOWN_OPTION',
      /ignoreClass/,
    );
    const misnamed = { labelSmooting: 0.1 } as never;
    await expectError(
      () => losses.categoricalCrossentropy(misnamed),
      'UNKNOWN_OPTION',
      /did you mean 'labelSmoothing'/,
    );
    await expectError(() => losses.meanSquaredError({ labelSmoothing: 0.1 } as never), 'UNKNOWN_OPTION');
  });
});

it.each([
  losses.huber({ delta: 2 }),
  losses.categoricalCrossentropy({ labelSmoothing: 0.1, fromLogits: true }),
  losses.sparseCategoricalCrossentropy({ labelSmoothing: 0.1 }),
  losses.sparseCategoricalCrossentropy({ fromLogits: true }),
  losses.binaryFocalCrossentropy({ applyClassBalancing: true, alpha: 0.3, gamma: 1 }),
  losses.binaryFocalCrossentropy({ gamma: 1 }),
  losses.categoricalFocalCrossentropy({ alpha: 0.5 }),
])('$kind is rebuilt from its config, which may have other keys', (loss) => {
  const config = { ...lossConfig(loss), name: 'mine', reduction: 'sum_over_batch_size' };
  expect(lossFromConfig(loss.kind, config)).toEqual(loss);
  expect(isDefaultLoss(loss)).toBe(false);
  expect(isDefaultLoss(getLoss(loss.kind))).toBe(true);
});

it("sparseCategoricalCrossentropy writes labelSmoothing, which Keras lacks, only if it isn't 0", () => {
  const config = (options: losses.CrossentropyOptions) =>
    lossConfig(losses.sparseCategoricalCrossentropy(options));
  expect(config({ fromLogits: true })).toEqual({ fromLogits: true });
  expect(config({ labelSmoothing: 0.1 })).toEqual({ fromLogits: false, labelSmoothing: 0.1 });
});
