import { beforeEach, describe, expect, it } from 'vitest';
import { reduceLROnPlateau } from '../../lib/callbacks/index.js';
import { setEngine } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { fakeModel, simulate } from '../support/simulated-logs.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

const losses = (...all: number[]) => all.map((val_loss) => ({ val_loss }));

/** The rate in each epoch's logs, and the final rate. */
async function rates(options: object, values: number[], rate = 1): Promise<number[]> {
  const model = fakeModel(rate);
  const logs = await simulate(reduceLROnPlateau(options), losses(...values), model);
  return [...logs.map(({ learningRate }) => learningRate), model.optimizer.learningRate];
}

describe('reduceLROnPlateau', () => {
  it('multiplies by factor after patience epochs without an improvement', async () => {
    const seen = await rates({ factor: 0.5, patience: 2 }, [5, 5, 5, 4, 4, 4, 4]);
    expect(seen).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]);
  });

  it("doesn't count the epochs of the cooldown", async () => {
    const seen = await rates({ factor: 0.5, patience: 1, cooldown: 2 }, [5, 5, 5, 5, 5, 5]);
    expect(seen).toEqual([1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]);
  });

  it('stops at minLR', async () => {
    expect(await rates({ factor: 0.1, patience: 1, minLR: 0.05 }, [5, 5, 5, 5])).toEqual([
      1, 1, 0.1, 0.05, 0.05,
    ]);
  });

  it('has a minDelta of 1e-4 and a patience of 10 by default', async () => {
    const seen = await rates({}, [5, ...Array.from({ length: 10 }, () => 4.99995)]);
    expect(seen.slice(-2)).toEqual([1, 0.1]);
  });

  it('refuses unknown options and invalid values', async () => {
    await expectError(
      () => reduceLROnPlateau({ minLr: 1 } as never),
      'UNKNOWN_OPTION',
      /no option 'minLr'; did you mean 'minLR'/,
    );
    await expectError(() => reduceLROnPlateau({ factor: 1 }), 'INVALID_ARGUMENT', /factor is 1; .*\(0, 1\)/);
    await expectError(() => reduceLROnPlateau({ cooldown: 0.5 }), 'INVALID_ARGUMENT', /cooldown is 0.5/);
    await expectError(() => reduceLROnPlateau({ minLR: -1 }), 'INVALID_ARGUMENT', /minLR is -1/);
  });
});

describe.each(ENGINES)('reduceLROnPlateau on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  it('changes the learning rate of the next epoch', async () => {
    const { x, y } = tinySet(6);
    const model = compiledClassifier();
    const before = model.optimizer.learningRate;
    const reducing = reduceLROnPlateau({
      monitor: 'loss',
      mode: 'max',
      patience: 1,
      factor: 1e-6,
      minDelta: 0,
    });
    const { history } = await model.fit(x, y, { epochs: 3, verbose: 0, shuffle: false, callbacks: reducing });
    expect(history.learningRate).toEqual([before, before, before * 1e-6]);
    expect(model.optimizer.learningRate).toBe(before * 1e-6 * 1e-6);
    const steps = [history.loss[0] - history.loss[1], history.loss[1] - history.loss[2]];
    // A batch has all samples, so an epoch's loss is from before its step, and each reduction shows one epoch
    // later.
    expect(steps[0]).toBeGreaterThan(1e-4);
    const { history: next } = await model.fit(x, y, { epochs: 2, verbose: 0, shuffle: false });
    expect(Math.abs(next.loss[0] - next.loss[1])).toBeLessThan(1e-6);
  });
});
