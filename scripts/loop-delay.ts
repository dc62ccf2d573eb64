/**
 * How long each call on a model of many weights holds up the event loop: `npx tsx scripts/loop-delay.ts
 * [millions of weights]`, default 100. Prints the duration of each call, and of the loop's delays the 99th
 * percentile and the longest, beside those of an idle loop. It decides nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import * as tf from '../lib/index.js';

const millions = Number(process.argv[2] ?? 100);
const units = Math.round(Math.sqrt(millions * 1e6));

function makeModel(): tf.Sequential {
  const model = tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [units] })] });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}

async function measure(name: string, call: () => unknown): Promise<void> {
  await sleep(50);
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  // Delays are counted from the first tick on.
  await sleep(20);
  const start = performance.now();
  await call();
  const seconds = (performance.now() - start) / 1000;
  // The last delay is seen at the next tick.
  await sleep(20);
  histogram.disable();
  const [p99, longest] = [histogram.percentile(99), histogram.max].map((ns) => (ns / 1e6).toFixed(1));
  console.log(
    `${name.padEnd(34)}${seconds.toFixed(2).padStart(8)} s${p99.padStart(9)}${longest.padStart(9)}`,
  );
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-delay-'));
  const x = tf.ones([1, units]);
  let model = makeModel();
  console.log(`${(units * units) / 1e6} million weights, ${tf.engineInfo().threads} threads`);
  console.log(`${'call'.padEnd(34)}${'takes'.padStart(10)}${'p99 ms'.padStart(9)}${'max ms'.padStart(9)}`);
  await measure('nothing for 2 s', () => sleep(2000));
  await measure('the first predict', () => model.predict(x));
  await measure('predict', () => model.predict(x));
  let weights: tf.Tensor[] = [];
  await measure('getWeightsAsync', async () => {
    weights = await model.getWeightsAsync();
  });
  await measure('setWeightsAsync', () => model.setWeightsAsync(weights));
  weights = [];
  await measure('evaluate', () => model.evaluate(x, x));
  await measure('explain', () => model.explain());
  await measure('fit, a step', () => model.fit(x, x, { verbose: 0 }));
  await measure('predict while it trains', async () => {
    const training = model.fit(x, x, { verbose: 0, epochs: 3 });
    await sleep(100);
    await model.predict(x);
    await training;
  });
  await measure('save', () => model.save(folder));
  await measure('dispose, and a second after it', () => {
    model.dispose();
    return sleep(1000);
  });
  await measure('loadLayersModel', async () => {
    model = (await tf.loadLayersModel(folder)) as tf.Sequential;
  });
  await measure('the first predict of the loaded', () => model.predict(x));
  rmSync(folder, { recursive: true });
}

void main();
