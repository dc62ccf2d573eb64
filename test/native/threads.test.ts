import { execFileSync } from 'node:child_process';
import path from 'node:path';
import loadAddon from 'node-gyp-build';
import { expect, test } from 'vitest';
import { resultOf } from './child.js';

// Node unloads an addon with the last thread that has it, and ends threads at any moment: neither may end the process.

test('workers can load the addon one after the other, without the main thread', async () => {
  const hashes = await resultOf(async (_, { worker, message, exit, print }) => {
    const results: unknown[] = [];
    for (let i = 0; i < 5; i++) {
      const thread = worker(async (_, { network, images, hash, parentPort }) => {
        const { x, y } = images(40);
        const model = network();
        await model.fit(x, y, { verbose: 0, seed: 1 });
        parentPort?.postMessage(hash(...model.getWeights().map((weight) => weight.dataSync())));
      });
      const ended = exit(thread);
      results.push(await message(thread), await ended);
    }
    print(results);
  });
  const [first] = hashes as string[];
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes).toEqual(Array.from({ length: 5 }, () => [first, 0]).flat());
});

// Some compilers' symbols keep a library loaded by chance, and hide that the flag is missing.
test.runIf(process.platform === 'linux')('the addon is marked to stay in memory', () => {
  const file = loadAddon.path(path.join(__dirname, '..', '..'));
  expect(execFileSync('readelf', ['--dynamic', file], { encoding: 'utf8' })).toMatch(/FLAGS_1.*NODELETE/);
});

test('8 workers that train at once get the same results as alone', async () => {
  const hashes = await resultOf(async (_, { worker, message, print }) => {
    const threads = Array.from({ length: 8 }, () =>
      worker(async (_, { network, images, hash, parentPort }) => {
        const { x, y } = images(200);
        const model = network();
        await model.fit(x, y, { verbose: 0, seed: 1, epochs: 2 });
        const outputs = await model.predict(x);
        parentPort?.postMessage(hash(outputs.dataSync()));
      }),
    );
    print(await Promise.all(threads.map(message)));
  });
  const alone = await resultOf(async (_, { network, images, hash, print }) => {
    const { x, y } = images(200);
    const model = network();
    await model.fit(x, y, { verbose: 0, seed: 1, epochs: 2 });
    print(hash((await model.predict(x)).dataSync()));
  });
  expect(hashes).toEqual(Array.from({ length: 8 }, () => alone));
});

test.each(['training', 'prediction', 'evaluation', 'snapshots', 'all of them'])(
  'workers terminated at some moment of: %s',
  async (activity) => {
    const codes = await resultOf(
      async (_, { worker, message, exit, sleep, print }) => {
        const codes: number[] = [];
        for (let i = 0; i < 5; i++) {
          const thread = worker(async (_, { network, images, parentPort }) => {
            const activity = process.env.ACTIVITY as string;
            const does = (what: string) => activity === what || activity === 'all of them';
            const { x, y } = images(2_000);
            const model = network();
            const jobs: PromiseLike<unknown>[] = [];
            // Minutes of it.
            if (does('training')) jobs.push(model.fit(x, y, { verbose: 0, epochs: 100_000 }));
            const repeat = async (start: () => PromiseLike<unknown>) => {
              for (;;) await Promise.all([start(), start()]);
            };
            if (does('prediction')) jobs.push(repeat(() => model.predict(x, { batchSize: 1 })));
            if (does('evaluation')) jobs.push(repeat(() => model.evaluate(x, y, { batchSize: 8 })));
            if (does('snapshots')) jobs.push(repeat(() => model.state.program.snapshot()));
            parentPort?.postMessage('started');
            await Promise.all(jobs);
          });
          await message(thread);
          const ended = exit(thread);
          await sleep((i * 13) % 40);
          await thread.terminate();
          codes.push(await ended);
        }
        print(codes);
      },
      { env: { ACTIVITY: activity } },
    );
    expect(codes).toEqual(Array(5).fill(1));
  },
);

test('a worker may be terminated while it loads the addon', async () => {
  const count = await resultOf(async (_, { worker, exit, sleep, print }) => {
    let count = 0;
    for (let i = 0; i < 10; i++) {
      const thread = worker(async (_, { network }) => {
        network().predict(new Float32Array(144) as never);
      });
      thread.on('error', () => undefined);
      const ended = exit(thread);
      await sleep((i * 17) % 90);
      await thread.terminate();
      await ended;
      count++;
    }
    print(count);
  });
  expect(count).toBe(10);
});

test('a worker may be terminated during a job of minutes while others go on', async () => {
  const result = await resultOf(async (_, { worker, message, network, images, hash, print }) => {
    const { x, y } = images(300);
    const alone = network();
    await alone.fit(x, y, { verbose: 0, seed: 1, epochs: 3 });

    const thread = worker(async (_, { network, parentPort }) => {
      const { engine, program } = network().state;
      const x = engine.allocateSamples([1, 12, 12, 1], 'float32');
      const y = engine.allocateSamples([1], 'int32');
      const order = new Uint32Array(20_000_000);
      const job = program.train({ x: [x], y: [y], order, batchSize: 1, seed: 1 });
      parentPort?.postMessage('started');
      await job;
    });
    await message(thread);
    const model = network();
    const training = model.fit(x, y, { verbose: 0, seed: 1, epochs: 3 });
    await thread.terminate();
    await training;
    print([model, alone].map((each) => hash(...each.getWeights().map((weight) => weight.dataSync()))));
  });
  const [together, alone] = result as string[];
  expect(together).toBe(alone);
});
