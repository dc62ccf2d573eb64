import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { makeRealm } from '../support/realm.js';

// Test runners make a realm for each file, several at a time, and drop it at its end. All of them share the addon.

/** Trains a model in a realm, on values of the outer realm. */
async function train(tf: ReturnType<typeof makeRealm>['convforge'], epochs: number): Promise<string> {
  tf.setSeed(5);
  const model = tf.sequential([
    tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [4, 4, 1] }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const x = Float32Array.from({ length: 24 * 16 }, (_, i) => ((i * 7) % 11) / 11);
  const y = Int32Array.from({ length: 24 }, (_, i) => i % 3);
  await model.fit(tf.tensor(x, [24, 4, 4, 1]), tf.tensor(y), { epochs, batchSize: 8, verbose: 0, seed: 1 });
  return Array.from(model.predict(tf.tensor(x, [24, 4, 4, 1])).dataSync()).join();
}

test('6 realms train at once with the results of the outer one', async () => {
  const outer = (await import('../../lib/index.js')) as ReturnType<typeof makeRealm>['convforge'];
  const expected = await train(outer, 3);
  const realms = Array.from({ length: 6 }, (_, i) => makeRealm(i % 2 === 0 ? undefined : []));
  const results = await Promise.all(realms.map(({ convforge }) => train(convforge, 3)));
  expect(results).toEqual(Array(6).fill(expected));
});

test('a realm may be dropped and collected while its job runs', async () => {
  setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  let done = 0;
  for (let i = 0; i < 8; i++) {
    void train(makeRealm().convforge, 20).then(() => done++);
    collect();
  }
  // Nothing refers to the realms any more but their jobs.
  while (done < 8) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { convforge } = makeRealm();
  expect((await train(convforge, 1)).split(',')).toHaveLength(72);
});
