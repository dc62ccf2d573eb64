import { expect, test } from 'vitest';
import { resultOf } from './child.js';

// Models share one compute thread. Their results and their order must not depend on it.

test('models that train and predict concurrently get the same results as alone', async () => {
  const result = await resultOf(async (_, { network, images, hash, print }) => {
    const { x, y } = images(150);
    const train = async (seed: number) => {
      const model = network(seed);
      const { history } = await model.fit(x, y, { verbose: 0, seed, epochs: 3, batchSize: 16 });
      const outputs = await model.predict(x, { batchSize: 7 });
      const weights = model.getWeights().map((weight) => weight.dataSync());
      return hash(...weights, outputs.dataSync(), history.loss, history.acc);
    };
    const seeds = [1, 2, 3, 4, 5];
    const together = await Promise.all(seeds.map(train));
    const alone: string[] = [];
    for (const seed of seeds) alone.push(await train(seed));
    print({ together, alone });
  });
  const { together, alone } = result as Record<string, string[]>;
  expect(together).toEqual(alone);
  expect(new Set(alone).size).toBe(5);
});

test('predictions and the event loop run while another model trains a long epoch', async () => {
  const result = await resultOf(async (_, { network, images, print }) => {
    const { x, y } = images(8_000);
    const idle = network(2);
    const expected = Array.from((await idle.predict(x.slice(0, 3))).dataSync());
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    let trained = false;
    let begun = () => {};
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const callbacks = { onEpochBegin: () => begun() };
    const training = network(1)
      .fit(x, y, { verbose: 0, batchSize: 4, callbacks })
      .then(() => {
        trained = true;
      });
    await beginning;
    let served = 0;
    while (served < 10) {
      const outputs = Array.from((await idle.predict(x.slice(0, 3))).dataSync());
      if (!trained && outputs.every((value, i) => value === expected[i])) served++;
      if (trained) break;
    }
    await training;
    clearInterval(timer);
    print({ served, ticks });
  });
  const { served, ticks } = result as Record<string, number>;
  expect(served).toBe(10);
  expect(ticks).toBeGreaterThan(5);
});
