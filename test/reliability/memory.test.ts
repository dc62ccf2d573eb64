import { expect, test } from 'vitest';
import { resultOf } from '../native/child.js';

// Results larger than the memory that is left, and the memory budget.

test.skipIf(process.platform !== 'linux')(
  'results that V8 has no memory for are OUT_OF_MEMORY, and the process goes on',
  async () => {
    const outcomes = await resultOf(
      async (tf, { print }) => {
        const outcome = async (call: () => unknown) => {
          try {
            await call();
            return 'ok';
          } catch (error) {
            return (error as { code?: string }).code ?? String(error);
          }
        };
        const options = { units: 200_000, inputShape: [1000], kernelInitializer: 'zeros', useBias: false };
        const wide = tf.sequential({ layers: [tf.layers.dense(options as never)] });
        await wide.predict(tf.ones([1, 1000]));
        const kept: unknown[] = [];
        const copies: string[] = [];
        for (let i = 0; i < 5; i++) copies.push(await outcome(() => kept.push(wide.getWeights())));
        kept.length = 0;
        wide.dispose();
        const large = tf.sequential({
          layers: [tf.layers.upSampling2d({ size: 512, inputShape: [1, 1, 1] })],
        });
        const predictions: string[] = [];
        for (const n of [10, 1500, 4000])
          predictions.push(await outcome(() => large.predict(tf.ones([n, 1, 1, 1]), { batchSize: 1 })));
        const after = await large.predict(tf.ones([2, 1, 1, 1]));
        print({ copies, predictions, after: after.shape });
      },
      { addressSpace: 3_800_000 },
    );
    const { copies, predictions, after } = outcomes as Record<string, string[]>;
    expect(copies[0]).toBe('ok');
    expect(copies[4]).toBe('OUT_OF_MEMORY');
    expect(predictions).toEqual(['ok', expect.stringMatching(/ok|OUT_OF_MEMORY/), 'OUT_OF_MEMORY']);
    expect(after).toEqual([2, 512, 512, 1]);
  },
);

test('what exceeds the memory budget is refused with TOO_LARGE before it is taken', async () => {
  const result = await resultOf(
    async (tf, { print }) => {
      const code = async (call: () => unknown) => {
        try {
          await call();
          return 'ok';
        } catch (error) {
          return `${(error as { code?: string }).code}: ${(error as Error).message}`;
        }
      };
      const before = process.memoryUsage().rss;
      const layers = [tf.layers.conv2d({ filters: 64, kernelSize: 3, inputShape: [2048, 2048, 3] })];
      const activations = await code(() => tf.sequential({ layers }).predict(tf.zeros([1, 2048, 2048, 3])));
      const weights = await code(() =>
        tf
          .sequential({ layers: [tf.layers.dense({ units: 50_000, inputShape: [10_000] })] })
          .predict(tf.zeros([1, 10_000])),
      );
      const grown = process.memoryUsage().rss - before;
      const small = () =>
        tf.sequential({ layers: [tf.layers.dense({ units: 5, inputShape: [4] })] }).predict(tf.ones([1, 4]));
      const fits = await code(small);
      const { memoryBudget, memoryUsed } = tf.engineInfo();
      tf.setMemoryBudget(1000);
      const refused = await code(small);
      tf.setMemoryBudget(2 ** 40);
      print({
        activations,
        weights,
        grown,
        fits,
        refused,
        memoryBudget,
        memoryUsed,
        again: await code(small),
      });
    },
    { env: { CONVFORGE_MEMORY: '256M' } },
  );
  const is = result as Record<string, string | number>;
  expect(is.activations).toMatch(/^TOO_LARGE: .*takes 1\.\d GB more.*of the 268\.4 MB/);
  expect(is.weights).toMatch(/^TOO_LARGE: .*takes 2\.0 GB more/);
  expect(is.grown).toBeLessThan(200 * 2 ** 20);
  expect(is.fits).toBe('ok');
  expect(is.refused).toMatch(/^TOO_LARGE/);
  expect(is.memoryBudget).toBe(256 * 2 ** 20);
  expect(is.memoryUsed).toBeGreaterThan(0);
  expect(is.again).toBe('ok');
});
