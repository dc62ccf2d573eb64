import { writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { type Body, resultOf, scriptOf } from '../native/child.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Processes made by fork and cluster: the primary trains while others predict, and some of these are killed.

const pathOf = temporaryFolder();

/** Trains as it starts, then answers each message, or each request over HTTP, with a hash of predictions. */
const worker: Body = async (_, { require, network, images, hash }) => {
  const { createServer } = require('node:http') as typeof import('node:http');
  const cluster = require('node:cluster') as typeof import('node:cluster').default;
  const { x, y } = images(60);
  const model = network();
  await model.fit(x, y, { verbose: 0, seed: 1, epochs: 2 });
  const answer = async () => hash((await model.predict(x)).dataSync());
  if (cluster.isWorker) {
    createServer(async (_, response) => response.end(`${process.pid} ${await answer()}`)).listen(0);
  } else {
    process.on('message', async () => process.send?.(await answer()));
    process.send?.('ready');
  }
};

const env = () => ({ WORKER: pathOf('worker.cjs') });
beforeEach(() => writeFileSync(pathOf('worker.cjs'), scriptOf(worker)));

test('a process trains while 4 forked ones train and predict, and killed ones hurt nobody', async () => {
  const result = await resultOf(
    async (_, { require, hashOfTraining, trainOn, print }) => {
      const { fork } = require('node:child_process') as typeof import('node:child_process');
      const { once } = require('node:events') as typeof import('node:events');
      const expected = await hashOfTraining();
      // The primary has threads of its own by now, and trains on while it forks.
      const endTraining = trainOn();
      const children = Array.from({ length: 4 }, () => fork(process.env.WORKER as string));
      const answers: unknown[] = [];
      const ask = async (child: (typeof children)[number]) => {
        child.send('predict');
        answers.push((await once(child, 'message'))[0]);
      };
      await Promise.all(children.map((child) => once(child, 'message')));
      await Promise.all(children.map(ask));
      // Two die while they predict.
      const signals = (['SIGKILL', 'SIGTERM'] as const).map(async (signal, i) => {
        children[i].send('predict');
        children[i].kill(signal);
        return (await once(children[i], 'exit'))[1];
      });
      const killed = await Promise.all(signals);
      await Promise.all(children.slice(2).map(ask));
      const hashes = await endTraining();
      for (const child of children.slice(2)) child.disconnect();
      const ended = await Promise.all(children.slice(2).map(async (child) => (await once(child, 'exit'))[0]));
      print({ expected, answers, killed, ended, hashes: [...new Set(hashes)] });
    },
    { env: env() },
  );
  const { expected, ...rest } = result as { expected: string };
  expect(rest).toEqual({
    answers: Array(6).fill(expected),
    killed: ['SIGKILL', 'SIGTERM'],
    ended: [0, 0],
    hashes: [expected],
  });
});

test("a cluster's workers serve predictions while the primary trains, and killed ones are replaced", async () => {
  const result = await resultOf(
    async (_, { require, hashOfTraining, trainOn, print }) => {
      const cluster = require('node:cluster') as typeof import('node:cluster').default;
      const { once } = require('node:events') as typeof import('node:events');
      const expected = await hashOfTraining();
      const endTraining = trainOn();
      // Without `-e` and this program's text.
      cluster.setupPrimary({ exec: process.env.WORKER, execArgv: [] });
      const start = async () => {
        const worker = cluster.fork();
        const [{ port }] = await once(worker, 'listening');
        return { worker, port: port as number };
      };
      const first = await start();
      const workers = [first, await start()];
      /** Asks on connections of their own, which the primary deals out in turns. */
      const ask = async (times: number) => {
        const answers: [string, string][] = [];
        for (let i = 0; i < times; i++) {
          const answer = await fetch(`http://127.0.0.1:${first.port}`, { headers: { connection: 'close' } });
          answers.push((await answer.text()).split(' ') as [string, string]);
        }
        const served = new Set(answers.map(([pid]) => Number(pid)));
        return { hashes: answers.map(([, each]) => each), served: [...served].sort() };
      };
      const pids = () =>
        workers
          .map(({ worker }) => worker.process.pid)
          .sort()
          .join();
      const before = await ask(6);
      const all = before.served.join() === pids();
      workers[1].worker.process.kill('SIGKILL');
      await once(workers[1].worker, 'exit');
      workers[1] = await start();
      const after = await ask(6);
      const replaced = after.served.join() === pids();
      const hashes = await endTraining();
      const wrong = [...before.hashes, ...after.hashes, ...hashes].filter((each) => each !== expected).length;
      await new Promise<void>((resolve) => cluster.disconnect(resolve));
      print({ all, replaced, wrong });
    },
    { env: env() },
  );
  expect(result).toEqual({ all: true, replaced: true, wrong: 0 });
});
