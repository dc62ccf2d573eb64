import { expect, test } from 'vitest';
import { resultOf } from '../native/child.js';

// Eight workers of one process load the package at once, train and predict, and are terminated at some moment
// of it, round after round. The main thread's results must not change.

const ROUNDS = 3;
const WORKERS = 8;

test('8 workers load, train and predict at once, and are terminated, in a loop', async () => {
  const result = await resultOf(
    async (_, { worker, exit, sleep, network, images, hash, print }) => {
      const [rounds, workers] = [Number(process.env.ROUNDS), Number(process.env.WORKERS)];
      const trained = async () => {
        const { x, y } = images(100);
        const model = network();
        await model.fit(x, y, { verbose: 0, seed: 1, epochs: 2 });
        const outputs = await model.predict(x);
        return hash(outputs.dataSync(), ...model.getWeights().map((weight) => weight.dataSync()));
      };
      const hashes = [await trained()];
      const codes: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const threads = Array.from({ length: workers }, () =>
          worker(async (_, { network, images, parentPort }) => {
            parentPort?.postMessage('loaded');
            const { x, y } = images(60);
            const model = network();
            void model.fit(x, y, { verbose: 0, epochs: 1_000_000 });
            for (;;) {
              await network(2).predict(x, { batchSize: 20 });
              parentPort?.postMessage('predicted');
            }
          }),
        );
        const ended = threads.map(exit);
        // The first round ends while most of them load, the others after more and more predictions.
        let messages = 0;
        for (const thread of threads) thread.on('message', () => messages++);
        const training = trained();
        while (messages < 1 + 2 * round * workers) await sleep(1);
        for (const thread of threads) {
          void thread.terminate();
          await sleep(1);
        }
        codes.push(...(await Promise.all(ended)));
        hashes.push(await training);
      }
      print({ codes, hashes });
    },
    { env: { ROUNDS: String(ROUNDS), WORKERS: String(WORKERS) } },
  );
  const { codes, hashes } = result as { codes: number[]; hashes: string[] };
  expect(codes).toHaveLength(ROUNDS * WORKERS);
  // 0: terminated before it had begun.
  expect(codes.filter((code) => code !== 0 && code !== 1)).toEqual([]);
  expect(hashes).toEqual(Array(ROUNDS + 1).fill(hashes[0]));
});
