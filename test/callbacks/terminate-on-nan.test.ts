import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { terminateOnNaN } from '../../lib/callbacks/index.js';
import { layers, sequential, setEngine, type Sequential, tensor } from '../../lib/index.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

describe.each(ENGINES)('terminateOnNaN on %s', (engine) => {
  beforeEach(() => {
    setEngine(engine);
    vi.spyOn(console, 'warn').mockReturnValue();
  });
  afterEach(() => vi.restoreAllMocks());

  const options = { epochs: 3, batchSize: 2, verbose: 0, shuffle: false, seed: 1 } as const;

  /** x * first * second. */
  function twoFactors(): Sequential {
    const model = sequential({
      layers: [
        layers.dense({ units: 1, useBias: false, inputShape: [1], name: 'first' }),
        layers.dense({ units: 1, useBias: false, name: 'second' }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    return model;
  }

  it('names the step and the input that has a NaN', async () => {
    const { x, y } = tinySet(10);
    const spoilt = x.dataSync().slice();
    spoilt[7 * 4 + 1] = Number.NaN;
    const model = compiledClassifier();
    const terminating = terminateOnNaN();
    const { history } = await model.fit(tensor(spoilt, [10, 4]), y, { ...options, callbacks: terminating });
    expect(terminating.report).toMatchObject({ epoch: 0, step: 3, layer: model.signature.inputs[0].name });
    expect(terminating.report?.message).toMatch(
      /the loss of step 4 of 5 in epoch 1 is not a finite number: a value of the samples for '\w+' is NaN/,
    );
    expect(vi.mocked(console.warn).mock.calls).toEqual([
      [
        `convforge: tiny: ${terminating.report?.message} Training ends there, with the weights from before that step.`,
      ],
    ]);
    expect(history.loss).toEqual([Number.NaN]);

    // The weights are those before the step.
    const before = compiledClassifier();
    await before.fit(x.slice([0, 0], [6, 4]), y.slice([0], [6]), { ...options, epochs: 1 });
    expect(values(model.getWeights())).toEqual(values(before.getWeights()));
  });

  it("doesn't change a training with finite losses", async () => {
    const { x, y } = tinySet(10);
    const watched = compiledClassifier();
    const plain = compiledClassifier();
    const terminating = terminateOnNaN();
    const { history } = await watched.fit(x, y, { ...options, callbacks: terminating });
    expect((await plain.fit(x, y, options)).history).toEqual(history);
    expect(values(watched.getWeights())).toEqual(values(plain.getWeights()));
    expect(terminating.report).toBeUndefined();
    expect(console.warn).not.toHaveBeenCalled();
  });

  async function expectBlame(weights: number[], layer: string, description: string): Promise<void> {
    const model = twoFactors();
    model.setWeights(weights.map((weight) => tensor([weight], [1, 1])));
    const terminating = terminateOnNaN();
    const [x, y] = [tensor([1, 1], [2, 1]), tensor([0, 0], [2, 1])];
    await model.fit(x, y, { ...options, callbacks: terminating });
    expect(terminating.report).toMatchObject({ epoch: 0, step: 0, layer, description });
    expect(values(model.getWeights())).toEqual(weights.map((weight) => [Math.fround(weight)]));
  }

  it.each([
    [[Number.NaN, 1], 'first', "a weight of 'first', in its kernel, is NaN"],
    [[1, Number.POSITIVE_INFINITY], 'second', "a weight of 'second', in its kernel, is Infinity"],
    [[1e30, 1e30], 'second', "an output of 'second' is Infinity"],
  ])('with the weights %j names %s as the cause', expectBlame);

  // The reference engine's losses are float64.
  it.runIf(engine === 'native')('names the loss as the cause if outputs are finite', () =>
    expectBlame([1, 1e30], 'second', "the output of 'second' is finite, but its loss isn't"),
  );

  it("counts the epoch's steps also when batches run one by one", async () => {
    const { x, y } = tinySet(10);
    const spoilt = x.dataSync().slice();
    spoilt[5 * 4] = Number.NaN;
    const batches: number[] = [];
    const terminating = terminateOnNaN();
    const callbacks = [terminating, { onBatchEnd: (batch: number) => batches.push(batch) }];
    await compiledClassifier().fit(tensor(spoilt, [10, 4]), y, { ...options, callbacks });
    expect(batches).toEqual([0, 1, 2]);
    expect(terminating.report?.step).toBe(2);
  });
});
