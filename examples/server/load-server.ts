/**
 * The server of load.ts, in a process of its own. Arguments: the number of threads, and 'training' or 'idle'.
 * It tells its address, and the event loop's delay when it is asked.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as tf from 'convforge';
import { createServer } from './app.js';
import { lenet } from './model.js';

/** Milliseconds between two samples of the delay, which Node counts as part of it. */
const RESOLUTION = 1;

export interface LoopDelay {
  p99: number;
  max: number;
}

async function main(): Promise<void> {
  const [threads, work] = process.argv.slice(2);
  const predictor = tf.createPredictor(lenet(), { threads: Number(threads) });
  await predictor.ready();
  const url = await createServer(predictor).listen({ port: 0 });
  if (work === 'training') await startTraining();
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  process.on('message', (message) => {
    if (message === 'begin') delay.reset();
    else process.send?.({ p99: delay.percentile(99) / 1e6 - RESOLUTION, max: delay.max / 1e6 - RESOLUTION });
  });
  process.on('disconnect', () => process.exit());
  process.send?.(url);
}

/** Trains another LeNet at batch 128 as long as the process lives. Resolves when it has begun. */
async function startTraining(): Promise<void> {
  const model = lenet();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const x = tf.randomUniform([2560, 28, 28, 1], 0, 256, 'uint8', 1);
  const y = tf.tensor(Int32Array.from({ length: 2560 }, (_, i) => i % 10));
  await new Promise<void>((resolve, reject) => {
    const options = { batchSize: 128, epochs: Number.MAX_SAFE_INTEGER, verbose: 0 } as const;
    model.fit(x, y, { ...options, callbacks: { onEpochEnd: () => resolve() } }).catch(reject);
  });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
