import { expect, test } from 'vitest';
import { resultOf, runChild, SANITIZED } from './child.js';

// How a process with the addon idles, ends, and keeps its memory.

/** The share of the elapsed time. Four spinning threads would take several times all of it. */
const IDLE_SHARE = 0.5;

test('the processor is idle between predictions, and after training', async () => {
  const shares = await resultOf(
    async (_, { network, images, sleep, print }) => {
      const { x, y } = images(64);
      const one = x.slice(0, 1);
      const model = network();
      await model.fit(x, y, { verbose: 0 });
      const share = async (run: () => Promise<void>) => {
        const [started, before] = [performance.now(), process.cpuUsage()];
        await run();
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000 / (performance.now() - started);
      };
      const idle = await share(() => sleep(300));
      const now = await share(async () => {
        for (let i = 0; i < 30; i++) {
          await model.predict(one);
          await sleep(10);
        }
      });
      print([idle, now]);
    },
    { env: { CONVFORGE_THREADS: '4' } },
  );
  const [idle, now] = shares as number[];
  expect(idle).toBeLessThan(IDLE_SHARE);
  expect(now).toBeLessThan(IDLE_SHARE);
});

test('the process ends by itself when fit is done', async () => {
  const { code, out, err } = await runChild((_, { network, images }) => {
    const { x, y } = images(500);
    void network()
      .fit(x, y, { verbose: 0, epochs: 5 })
      .then(({ epoch }) => console.log(epoch.length));
  });
  expect({ code, out, err }).toEqual({ code: 0, out: '5\n', err: '' });
});

test("a prediction that isn't awaited keeps the process alive until it is done", async () => {
  const { code, out } = await runChild((_, { network, images }) => {
    network()
      .predict(images(2000).x, { batchSize: 1 })
      .then(({ shape }) => console.log(shape.join()));
  });
  expect({ code, out }).toEqual({ code: 0, out: '2000,3\n' });
});

test('process.exit during fit ends the process', async () => {
  const { code, signal, err } = await runChild(async (_, { network, images, sleep }) => {
    const { x, y } = images(2_000);
    void network().fit(x, y, { verbose: 0, epochs: 1_000_000 });
    await sleep(50);
    process.exit(7);
  });
  expect({ code, signal, err }).toEqual({ code: 7, signal: null, err: '' });
});

test('process.exit during a job of minutes ends the process', async () => {
  const { code, signal, err } = await runChild(async (_, { network, sleep }) => {
    const { engine, program } = network().state;
    const x = engine.allocateSamples([1, 12, 12, 1], 'float32');
    const y = engine.allocateSamples([1], 'int32');
    void program.train({ x: [x], y: [y], order: new Uint32Array(20_000_000), batchSize: 1, seed: 1 });
    await sleep(50);
    process.exit(8);
  });
  expect({ code, signal, err }).toEqual({ code: 8, signal: null, err: '' });
});

test('an uncaught error during fit ends the process', async () => {
  const { code, signal, err } = await runChild(async (_, { network, images, sleep }) => {
    const { x, y } = images(2_000);
    void network().fit(x, y, { verbose: 0, epochs: 1_000_000 });
    await sleep(50);
    throw new Error('of the caller');
  });
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  expect(err).toContain('of the caller');
});

test('SIGTERM during fit ends the process', async () => {
  const { code, signal } = await runChild(
    (_, { network, images }) => {
      const { x, y } = images(2_000);
      const onEpochEnd = (epoch: number) => void (epoch === 0 && console.log('started'));
      void network().fit(x, y, { verbose: 0, epochs: 1_000_000, callbacks: { onEpochEnd } });
    },
    { onOutput: (_, child) => void child.kill('SIGTERM') },
  );
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGTERM' });
});

test.skipIf(SANITIZED)('20,000 predictions leak no memory', async () => {
  const grown = await resultOf(
    async (_, { network, images, print }) => {
      const { x } = images(1);
      const model = network();
      const predict = async (times: number) => {
        for (let i = 0; i < times; i++) await model.predict(x);
        for (let i = 0; i < 3; i++) {
          gc?.();
          // Finalizers of tensors run in a turn of the event loop of their own.
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return process.memoryUsage().rss;
      };
      const before = await predict(10_000);
      print((await predict(20_000)) - before);
    },
    { flags: ['--expose-gc'], env: { CONVFORGE_THREADS: '1' } },
  );
  expect(grown).toBeLessThan(20 * 2 ** 20);
});
