import { expect, test } from 'vitest';
import { resultOf } from '../native/child.js';

// Graph models in worker threads: shared weights in one thread, datasets in each, and termination at any
// moment.

test('4 workers that train graphs with shared weights and nested models get the same results as alone', async () => {
  const hashes = (await resultOf(async (_, { worker, message, print }) => {
    const threads = Array.from({ length: 4 }, () =>
      worker(async (tf, { images, hash, parentPort }) => {
        tf.setSeed(3);
        const image = () => tf.input({ shape: [12, 12, 1] });
        const seen = image();
        const conv = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' });
        const body = tf.layers.globalAveragePooling2d().apply(conv.apply(seen));
        const inner = tf.model({ inputs: seen, outputs: body });
        const x = image();
        const flipped = tf.layers.rescaling({ scale: -1, offset: 1 }).apply(x);
        const joined = tf.layers.concatenate().apply([inner.apply(x), inner.apply(flipped)]);
        const net = tf.model({
          inputs: x,
          outputs: tf.layers.dense({ units: 3, activation: 'softmax' }).apply(joined),
        });
        net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
        const data = images(60);
        await net.fit(data.x, data.y, { verbose: 0, seed: 1, epochs: 2 });
        const { xs, ys } = { xs: Array.from({ length: 60 }, (_, i) => i), ys: data.y };
        const rows = tf.data
          .array(xs)
          .map((i) => ({ xs: data.x.slice(i, 1).reshape([12, 12, 1]), ys: ys.dataSync()[i] }))
          .batch(20);
        await net.fitDataset(rows as never, { epochs: 1, verbose: 0, seed: 1 });
        parentPort?.postMessage(hash(...net.getWeights().map((weight) => weight.dataSync())));
      }),
    );
    print(await Promise.all(threads.map(message)));
  })) as string[];
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes).toEqual(Array(4).fill(hashes[0]));
});

test('workers may be terminated during fitDataset', async () => {
  const codes = await resultOf(async (_, { worker, message, exit, sleep, print }) => {
    const codes: number[] = [];
    for (let i = 0; i < 5; i++) {
      const thread = worker(async (tf, { network, images, parentPort }) => {
        const { x: xs, y: ys } = images(8);
        const endless = tf.data.generator(function* () {
          for (;;) yield { xs, ys };
        });
        const training = network().fitDataset(endless, { epochs: 1, verbose: 0 });
        parentPort?.postMessage('started');
        await training;
      });
      await message(thread);
      await sleep(5 * i);
      const ended = exit(thread);
      await thread.terminate();
      codes.push(await ended);
    }
    print(codes);
  });
  expect(codes).toEqual([1, 1, 1, 1, 1]);
});
