import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { resultOf, runChild, SANITIZED } from '../native/child.js';

// A process ends in the middle of training on datasets, of checkpoints, and of graph models.

const pathOf = temporaryFolder();

test('process.exit and SIGTERM during fitDataset end the process', async () => {
  const exited = await runChild(async (tf, { network, images, sleep }) => {
    const { x: xs, y: ys } = images(8);
    const endless = tf.data.array([{ xs, ys }]).repeat();
    void network().fitDataset(endless, { batchesPerEpoch: 10, epochs: 1_000_000, verbose: 0 });
    await sleep(50);
    process.exit(7);
  });
  expect(exited).toMatchObject({ code: 7, signal: null, err: '' });

  const killed = await runChild(
    (tf, { network, images }) => {
      const { x: xs, y: ys } = images(8);
      const endless = tf.data.array([{ xs, ys }]).repeat();
      const onEpochEnd = (epoch: number) => void (epoch === 0 && console.log('started'));
      const options = {
        batchesPerEpoch: 10,
        epochs: 1_000_000,
        verbose: 0,
        callbacks: { onEpochEnd },
      } as const;
      void network().fitDataset(endless, options);
    },
    { onOutput: (_, child) => void child.kill('SIGTERM') },
  );
  expect(killed).toMatchObject({ code: null, signal: 'SIGTERM' });
});

test('kill -9 at any time leaves only complete checkpoints', async () => {
  const env = { CHECKPOINTS: pathOf('kept') };
  for (let i = 0; i < 3; i++) {
    const { signal } = await runChild(
      (tf, { network, images }) => {
        const { x, y } = images(60);
        const filepath = `${process.env.CHECKPOINTS}/{epoch}`;
        const told = { onEpochEnd: (epoch: number) => console.log(epoch) };
        const callbacks = [tf.callbacks.modelCheckpoint({ filepath }), told];
        void network().fit(x, y, { verbose: 0, epochs: 1_000_000, callbacks });
      },
      { env, onOutput: (out, child) => void (out.includes(`\n${3 + i}\n`) && child.kill('SIGKILL')) },
    );
    expect(signal).toBe('SIGKILL');
  }
  const loaded = await resultOf(
    async (tf, { require, print }) => {
      const { existsSync, readdirSync } = require('node:fs') as typeof import('node:fs');
      const folder = process.env.CHECKPOINTS as string;
      let loaded = 0;
      for (const epoch of readdirSync(folder)) {
        // model.json is written last.
        if (!existsSync(`${folder}/${epoch}/model.json`)) continue;
        const model = await tf.loadLayersModel(`${folder}/${epoch}`);
        if (model.getWeights().every((weight) => weight.dataSync().every(Number.isFinite))) loaded++;
        else throw new Error(`epoch ${epoch} has weights that are none`);
      }
      print(loaded);
    },
    { env },
  );
  expect(loaded).toBeGreaterThanOrEqual(4);
});

test.skipIf(SANITIZED)('creating and disposing graphs, models and batches leaks no memory', async () => {
  const grown = (await resultOf(
    async (tf, { images, print }) => {
      const { x: xs, y: ys } = images(4);
      const make = () => {
        const x = tf.input({ shape: [12, 12, 1] });
        const seen = tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }).apply(x);
        const pooled = tf.layers.globalMaxPooling2d().apply(seen);
        const mean = tf.layers.globalAveragePooling2d().apply(seen);
        const joined = tf.layers.concatenate().apply([pooled, mean]);
        const outputs = tf.layers.dense({ units: 3, activation: 'softmax' }).apply(joined);
        const net = tf.model({ inputs: x, outputs });
        net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
        return net;
      };
      const kept = make();
      const work: Record<string, (times: number) => Promise<void>> = {
        predictions: async (times) => {
          for (let i = 0; i < times; i++) await kept.predict(xs);
        },
        batches: async (times) => {
          const batches = tf.data.array([{ xs, ys }]).repeat(times);
          await kept.fitDataset(batches, { epochs: 1, verbose: 0 });
        },
        models: async (times) => {
          for (let i = 0; i < times / 20; i++) await make().trainOnBatch(xs, ys);
        },
      };
      const memory = async () => {
        for (let i = 0; i < 5; i++) {
          gc?.();
          // Finalizers of tensors and programs run in a turn of the event loop of their own.
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return process.memoryUsage().rss;
      };
      const grown: Record<string, number> = {};
      for (const [name, run] of Object.entries(work)) {
        await run(10_000);
        const before = await memory();
        await run(6_000);
        grown[name] = (await memory()) - before;
      }
      print(grown);
    },
    { flags: ['--expose-gc'], env: { CONVFORGE_THREADS: '1' } },
  )) as Record<string, number>;
  for (const [name, bytes] of Object.entries(grown)) expect(bytes, name).toBeLessThan(20 * 2 ** 20);
});
