import { describe, expect, it } from 'vitest';
import { Monitor } from '../../lib/callbacks/monitor.js';
import { OptionChecks } from '../../lib/options.js';
import { expectError } from '../support/convforge-error.js';
import { params } from '../support/simulated-logs.js';

const checks = new OptionChecks('watching');

describe('Monitor', () => {
  it('derives the mode from the name of the metric', () => {
    const direction = (monitor: string) => new Monitor(checks, { monitor }).worst;
    for (const key of [
      'val_loss',
      'loss',
      'val_mse',
      'mae',
      'accident_loss',
      'meanAbsoluteError',
      'val_msle',
    ])
      expect(direction(key), key).toBe(Number.POSITIVE_INFINITY);
    for (const key of ['acc', 'val_acc', 'head_acc', 'val_auc', 'precision', 'f1Score', 'cosineSimilarity'])
      expect(direction(key), key).toBe(Number.NEGATIVE_INFINITY);
    expect(() => direction('val_score')).toThrow(/'val_score' doesn't say whether lower or higher is better/);
    expect(new Monitor(checks, { monitor: 'val_score', mode: 'max' }).worst).toBe(-Infinity);
  });

  it('ignores improvements up to minDelta', () => {
    const less = new Monitor(checks, { monitor: 'loss', minDelta: 0.5 });
    expect([0.4, 0.5, 0.6, Number.NaN].map((value) => less.isBetter(value, 1))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const more = new Monitor(checks, { monitor: 'acc', minDelta: 0.5 });
    expect([1.4, 1.5, 1.6, Number.NaN].map((value) => more.isBetter(value, 1))).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it("refuses a key that isn't in the logs and names the nearest, unless the epoch was cut short", async () => {
    const monitor = new Monitor(checks, { monitor: 'val_los', mode: 'min' });
    await expectError(
      () => monitor.read({ loss: 1, val_loss: 2 }),
      'UNKNOWN_OPTION',
      /watching: monitor: there is no log key 'val_los'; did you mean 'val_loss'/,
    );
    const valLoss = new Monitor(checks, {});
    await expectError(() => valLoss.read({ loss: 1 }), 'UNKNOWN_OPTION', /Give fit validationData/);
    expect(valLoss.read({ loss: 1 }, params(['loss', 'val_loss']))).toBeUndefined();
    expect(valLoss.read({ val_loss: 3 })).toBe(3);
  });

  it('refuses invalid options', async () => {
    const make = (options: object) => () => new Monitor(checks, options);
    await expectError(make({ mode: 'most' }), 'INVALID_ARGUMENT', /mode is 'most'/);
    await expectError(make({ monitor: 3 }), 'INVALID_ARGUMENT', /monitor is 3/);
    await expectError(make({ minDelta: -1 }), 'INVALID_ARGUMENT', /minDelta is -1/);
  });
});
