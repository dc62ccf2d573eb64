import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import loadAddon from 'node-gyp-build';
import { beforeEach, expect, test } from 'vitest';
import { resultOf } from '../native/child.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Several copies of the package in one process, as npm installs them when dependencies want different versions: each
// has classes, an addon and a compute thread of its own.

const ROOT = path.join(__dirname, '..', '..');
const pathOf = temporaryFolder();

/** Copies what is published, with the addon in use, into two folders. Dependencies are found above them. */
beforeEach(() => {
  symlinkSync(path.join(ROOT, 'node_modules'), pathOf('node_modules'));
  for (const name of ['one', 'two']) {
    const copy = pathOf(`${name}/node_modules/convforge`);
    mkdirSync(`${copy}/build/Release`, { recursive: true });
    cpSync(path.join(ROOT, 'package.json'), `${copy}/package.json`);
    cpSync(path.join(ROOT, 'dist'), `${copy}/dist`, { recursive: true });
    cpSync(loadAddon.path(ROOT), `${copy}/build/Release/convforge.node`);
  }
}, 60_000);

/** The copies' own addons are loaded, even where a variable names another one. */
const env = () => ({ COPIES: ['one', 'two'].map(pathOf).join(), CONVFORGE_PREBUILD: undefined });

test('copies train at once with the same results, and tell their classes apart', async () => {
  const result = await resultOf(
    async (tf, { require, hash, print }) => {
      const [one, two] = (process.env.COPIES as string)
        .split(',')
        .map((folder) => require(`${folder}/node_modules/convforge`) as typeof tf);
      const copies = [tf, one, two];
      const train = async ({ layers, sequential, setSeed, tensor }: typeof tf) => {
        setSeed(7);
        const model = sequential({
          layers: [
            layers.conv2d({ filters: 9, kernelSize: 3, activation: 'relu', inputShape: [12, 12, 1] }),
            layers.flatten(),
            layers.dense({ units: 3, activation: 'softmax' }),
          ],
        });
        model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
        const x = tensor(
          Float32Array.from({ length: 60 * 144 }, (_, i) => (i % 11) / 11),
          [60, 12, 12, 1],
        );
        const y = tensor(
          Int32Array.from({ length: 60 }, (_, i) => i % 3),
          [60],
          'int32',
        );
        await model.fit(x, y, { verbose: 0, seed: 1, epochs: 3 });
        return hash((await model.predict(x)).dataSync());
      };
      const hashes = await Promise.all(copies.map(train));
      const addons = Object.keys(require.cache).filter((file) => file.endsWith('.node')).length;

      const error = (() => {
        try {
          one.layers.dense({ units: -1 });
        } catch (error) {
          return error as Error;
        }
      })();
      const told = {
        name: error?.name,
        own: error instanceof one.ConvforgeError,
        other: error instanceof two.ConvforgeError,
      };

      const model = two.sequential({ layers: [two.layers.dense({ units: 1, inputShape: [2] })] });
      const given = (() => {
        try {
          return model.predict(one.ones([1, 2])).shape.join();
        } catch (error) {
          return (error as { code?: string }).code;
        }
      })();
      print({ hashes, addons, told, given });
    },
    { env: env() },
  );
  const { hashes, ...rest } = result as { hashes: string[] };
  expect(hashes).toEqual(Array(3).fill(hashes[0]));
  expect(rest).toEqual({
    addons: 3,
    told: { name: 'ConvforgeError', own: true, other: false },
    given: 'INVALID_ARGUMENT',
  });
});

test('workers load copies that the main thread has, or has not, and end before it', async () => {
  const hashes = await resultOf(
    async (_, { worker, message, exit, print }) => {
      const folders = (process.env.COPIES as string).split(',');
      const results: unknown[] = [];
      for (let round = 0; round < 2; round++) {
        const threads = folders.map(() =>
          worker(async (tf, { require, hash, parentPort }) => {
            const all = (process.env.COPIES as string)
              .split(',')
              .map((folder) => require(`${folder}/node_modules/convforge`) as typeof tf);
            const outputs = [];
            for (const { layers, sequential, setSeed, ones } of all) {
              setSeed(3);
              const model = sequential({ layers: [layers.dense({ units: 5, inputShape: [4] })] });
              outputs.push((await model.predict(ones([2, 4]))).dataSync());
            }
            parentPort?.postMessage(outputs.map((values) => hash(values)).join());
          }),
        );
        const ended = threads.map(exit);
        results.push(...(await Promise.all(threads.map(message))));
        await Promise.all(ended);
      }
      print(results);
    },
    { env: env() },
  );
  const [first, ...others] = (hashes as string[]).flatMap((each) => each.split(','));
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(others).toEqual(Array(7).fill(first));
});
