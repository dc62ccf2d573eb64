import { beforeEach, describe, expect, it, vi } from 'vitest';
import { earlyStopping } from '../../lib/callbacks/index.js';
import { setEngine } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { simulate } from '../support/simulated-logs.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

const losses = (...all: number[]) => all.map((val_loss) => ({ val_loss }));

describe('earlyStopping', () => {
  it('stops after patience epochs without an improvement', async () => {
    const stopping = earlyStopping({ patience: 2 });
    expect(await simulate(stopping, losses(5, 4, 4, 3, 3, 3.5, 1))).toHaveLength(6);
    expect([stopping.stoppedEpoch, stopping.bestEpoch, stopping.best]).toEqual([5, 3, 3]);
    // The next fit starts counting again.
    expect(await simulate(stopping, losses(9, 8, 7))).toHaveLength(3);
    expect([stopping.stoppedEpoch, stopping.bestEpoch, stopping.best]).toEqual([undefined, 2, 7]);
  });

  it('stops at the first epoch without an improvement if patience is 0', async () => {
    expect(await simulate(earlyStopping(), losses(5, 4, 4, 1))).toHaveLength(3);
    expect(await simulate(earlyStopping({ minDelta: 0.5 }), losses(5, 4.4, 4, 1))).toHaveLength(3);
    const logs = [{ acc: 0.1 }, { acc: 0.2 }, { acc: 0.15 }, { acc: 0.9 }];
    expect(await simulate(earlyStopping({ monitor: 'acc' }), logs)).toHaveLength(3);
    expect(await simulate(earlyStopping({ monitor: 'acc', mode: 'min' }), logs)).toHaveLength(2);
  });

  it('resets patience only for a value better than the baseline', async () => {
    const stopping = earlyStopping({ patience: 3, baseline: 2 });
    expect(await simulate(stopping, losses(5, 4, 4, 1))).toHaveLength(3);
    expect(await simulate(stopping, losses(5, 1, 4, 4, 4, 4))).toHaveLength(5);
  });

  it('ignores the epochs before startFromEpoch', async () => {
    expect(await simulate(earlyStopping({ startFromEpoch: 3 }), losses(1, 2, 3, 9, 8, 8, 7))).toHaveLength(6);
  });

  it('prints what it does', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await simulate(earlyStopping({ verbose: 1 }), losses(1, 2));
    const told = write.mock.calls;
    write.mockRestore();
    expect(told).toEqual([['earlyStopping: stopped after epoch 2.\n']]);
  });

  it('refuses unknown options and invalid values', async () => {
    await expectError(
      () => earlyStopping({ pacience: 3 } as never),
      'UNKNOWN_OPTION',
      /earlyStopping: there is no option 'pacience'; did you mean 'patience'/,
    );
    await expectError(() => earlyStopping({ patience: -1 }), 'INVALID_ARGUMENT', /patience is -1/);
    await expectError(() => earlyStopping({ baseline: Number.NaN }), 'INVALID_ARGUMENT', /baseline is NaN/);
    await expectError(() => earlyStopping({ verbose: 2 as never }), 'INVALID_ARGUMENT', /verbose is 2/);
    await expectError(() => earlyStopping({ restoreBestWeights: 1 as never }), 'INVALID_ARGUMENT', /is 1/);
  });
});

describe.each(ENGINES)('earlyStopping on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  it.each([true, false])('leaves the weights of the best epoch: restoreBestWeights %s', async (restores) => {
    const { x, y } = tinySet(9);
    const model = compiledClassifier();
    const weights: number[][][] = [];
    const noting = { onEpochEnd: () => weights.push(values(model.getWeights())) };
    // Training makes acc rise or stay, so that monitoring its minimum stops after `patience` epochs.
    const stopping = earlyStopping({
      monitor: 'loss',
      mode: 'max',
      patience: 2,
      restoreBestWeights: restores,
    });
    const { epoch } = await model.fit(x, y, {
      epochs: 9,
      verbose: 0,
      seed: 1,
      callbacks: [noting, stopping],
    });
    expect(epoch).toEqual([0, 1, 2]);
    expect(weights[0]).not.toEqual(weights[2]);
    expect(values(model.getWeights())).toEqual(restores ? weights[0] : weights[2]);
  });

  it('restores the best weights also after the last epoch', async () => {
    const { x, y } = tinySet(9);
    const model = compiledClassifier();
    let first: number[][] = [];
    const noting = {
      onEpochEnd: (epoch: number) => {
        if (epoch === 0) first = values(model.getWeights());
      },
    };
    const stopping = earlyStopping({ monitor: 'loss', mode: 'max', patience: 9, restoreBestWeights: true });
    await model.fit(x, y, { epochs: 3, verbose: 0, callbacks: [noting, stopping] });
    expect(stopping.stoppedEpoch).toBeUndefined();
    expect(values(model.getWeights())).toEqual(first);
  });

  it('restores all weights even if a layer was frozen during training', async () => {
    const { x, y } = tinySet(9);
    const model = compiledClassifier();
    let first: number[][] = [];
    const freezing = {
      onEpochEnd: (epoch: number) => {
        if (epoch === 0) first = model.layers.flatMap((layer) => values(layer.getWeights()));
        model.layers[0].trainable = epoch === 0;
      },
    };
    const stopping = earlyStopping({ monitor: 'loss', mode: 'max', patience: 9, restoreBestWeights: true });
    await model.fit(x, y, { epochs: 3, verbose: 0, callbacks: [freezing, stopping] });
    expect(model.layers[0].trainable).toBe(false);
    expect(model.layers.flatMap((layer) => values(layer.getWeights()))).toEqual(first);
  });

  it("refuses a monitor that isn't in the logs", async () => {
    const { x, y } = tinySet(3);
    await expectError(
      () => compiledClassifier().fit(x, y, { verbose: 0, callbacks: earlyStopping() }),
      'UNKNOWN_OPTION',
      /no log key 'val_loss'.*validationData/,
    );
  });
});
