/**
 * Sends the server 200 requests a second, and prints what becomes of them.
 *
 *     npx tsx examples/server/load.ts [seconds of each row, default 10]
 *
 * /health is a route that does nothing; /predict decodes a small PNG and predicts with a LeNet. Training is
 * that of another LeNet at batch 128 in the server's process. This process sends the requests, and so takes
 * its share of the machine. Latencies are those that clients see; a request that comes late since those
 * before it are late counts as late. The loop's delay is that of the server's event loop.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';
import * as tf from 'convforge';
import type { LoopDelay } from './load-server.js';

const RATE = 200;
const CONNECTIONS = 10;

const COLUMNS = [
  'threads',
  'work',
  'route',
  'p50 ms',
  'p99 ms',
  'served/s',
  'errors',
  'loop p99 ms',
  'loop max ms',
];

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 10);
  const image = Buffer.from(await tf.node.encodePng(tf.randomUniform([28, 28, 1], 0, 256, 'uint8', 1)));
  print(COLUMNS);
  print(COLUMNS.map(() => '---'));
  for (const threads of [1, 2]) {
    for (const work of ['idle', 'training']) {
      const server = fork(join(__dirname, 'load-server.ts'), [String(threads), work]);
      const [url] = (await once(server, 'message')) as [string];
      for (const route of ['/health', '/predict']) {
        // A short load beforehand compiles the route's code.
        await load(`${url}${route}`, image, 1);
        server.send('begin');
        const result = await load(`${url}${route}`, image, seconds);
        const delay = await loopDelay(server);
        print([
          threads,
          work,
          route,
          ...figures(result, seconds),
          delay.p99.toFixed(1),
          delay.max.toFixed(1),
        ]);
      }
      server.disconnect();
      await once(server, 'exit');
    }
  }
}

function load(url: string, image: Buffer, duration: number): Promise<autocannon.Result> {
  const post = { method: 'POST', body: image, headers: { 'content-type': 'image/png' } } as const;
  const rate = { connections: CONNECTIONS, overallRate: RATE, duration };
  return autocannon({ url, ...rate, ...(url.endsWith('/predict') ? post : {}) });
}

function figures({ latency, errors, non2xx, ...result }: autocannon.Result, seconds: number): string[] {
  const served = (result['2xx'] / seconds).toFixed(1);
  return [latency.p50.toFixed(0), latency.p99.toFixed(0), served, String(errors + non2xx)];
}

async function loopDelay(server: ChildProcess): Promise<LoopDelay> {
  server.send('end');
  const [delay] = (await once(server, 'message')) as [LoopDelay];
  return delay;
}

function print(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
