import { beforeEach, describe, expect, it } from 'vitest';
import { learningRateScheduler } from '../../lib/callbacks/index.js';
import { setEngine } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

describe.each(ENGINES)('learningRateScheduler on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(6);

  it("sets each epoch's rate, given the previous one", async () => {
    const model = compiledClassifier();
    model.optimizer.learningRate = 0.5;
    const asked: [number, number][] = [];
    const scheduler = learningRateScheduler((epoch, rate) => {
      asked.push([epoch, rate]);
      return rate / 2;
    });
    const { history } = await model.fit(x, y, {
      epochs: 3,
      initialEpoch: 1,
      verbose: 0,
      callbacks: scheduler,
    });
    expect(asked).toEqual([
      [1, 0.5],
      [2, 0.25],
    ]);
    expect(history.learningRate).toEqual([0.25, 0.125]);
  });

  it('trains with the rate that it sets', async () => {
    const model = compiledClassifier();
    const before = values(model.getWeights());
    await model.fit(x, y, { verbose: 0, callbacks: learningRateScheduler(() => 0) });
    expect(values(model.getWeights())).toEqual(before);
    await model.fit(x, y, { verbose: 0, callbacks: learningRateScheduler(() => 0.1) });
    expect(values(model.getWeights())).not.toEqual(before);
  });

  it('refuses invalid rates, schedules and options', async () => {
    await expectError(
      () =>
        compiledClassifier().fit(x, y, { verbose: 0, callbacks: learningRateScheduler(() => Number.NaN) }),
      'INVALID_ARGUMENT',
      /learningRateScheduler: the rate that schedule gives for epoch 0 is NaN/,
    );
    await expectError(() => learningRateScheduler(0.1 as never), 'INVALID_ARGUMENT', /schedule is 0.1/);
    await expectError(
      () => learningRateScheduler(() => 1, { verbos: 1 } as never),
      'UNKNOWN_OPTION',
      /did you mean 'verbose'/,
    );
  });
});
