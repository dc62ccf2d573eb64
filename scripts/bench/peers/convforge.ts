import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { lenet } from '../../../lib/cli/lenet.js';
import { type Tensor, tensor1d, tensor4d } from '../../../lib/tensor/index.js';
import { setSeed } from '../../../lib/random/index.js';
import { VERSION } from '../../../lib/version.js';
import { summarize } from '../support/statistics.js';
import type { Measurement } from './measurement.js';

/** convforge's own part of bench:peers: convforge.ts lenet FOLDER; threads by CONVFORGE_THREADS. */

const BATCH = 128;
const EPOCHS = 2;

function print(measurement: Omit<Measurement, 'version'>): void {
  const { task, ...rest } = measurement;
  process.stdout.write(`${JSON.stringify({ task, version: VERSION, ...rest })}\n`);
}

/** Seconds of each of `count` runs, after one to warm up. */
async function seconds(run: () => Promise<unknown>, count: number): Promise<number[]> {
  await run();
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    await run();
    times.push((performance.now() - started) / 1000);
  }
  return times;
}

async function train(x: Tensor, y: Tensor): Promise<void> {
  const model = lenet([28, 28, 1], 10);
  let loss = 0;
  const epoch = async () => {
    const { history } = await model.fit(x, y, { batchSize: BATCH, epochs: 1, verbose: 0 });
    loss = history.loss[0] as number;
  };
  const values = (await seconds(epoch, EPOCHS)).map((time) => x.shape[0] / time);
  print({
    task: 'LeNet training, batch 128',
    unit: 'images/s',
    config: 'model.fit on bytes',
    values,
    loss,
  });
  model.dispose();
}

async function infer(x: Tensor): Promise<void> {
  const model = lenet([28, 28, 1], 10);
  const all = async () => (await model.predict(x, { batchSize: BATCH })).dispose();
  print({
    task: 'LeNet inference, batch 128',
    unit: 'images/s',
    config: 'model.predict on bytes',
    values: (await seconds(all, 5)).map((time) => x.shape[0] / time),
  });
  const ones = Array.from({ length: 300 }, (_, i) => x.slice([i], [1]));
  const awaited = async (one: Tensor) => (await model.predict(one)).dispose();
  const blocking = async (one: Tensor) => {
    const y = model.predict(one);
    y.dataSync();
    y.dispose();
  };
  for (const [config, run] of [
    ['await model.predict', awaited],
    ['model.predict, dataSync', blocking],
  ] as const) {
    print({ task: 'LeNet inference, batch 1, p50', unit: 'us', config, values: await latencies(ones, run) });
  }
  model.dispose();
}

/** Medians of five passes over `ones`, in microseconds. */
async function latencies(ones: readonly Tensor[], run: (one: Tensor) => Promise<void>): Promise<number[]> {
  const medians: number[] = [];
  for (let pass = 0; pass < 5; pass++) {
    const times: number[] = [];
    for (const one of ones) {
      const started = performance.now();
      await run(one);
      times.push(1000 * (performance.now() - started));
    }
    medians.push(summarize(times).median);
  }
  return medians;
}

async function main(folder: string): Promise<void> {
  setSeed(1);
  const images = Uint8Array.from(await readFile(path.join(folder, 'images.bin')));
  const labels = Int32Array.from(await readFile(path.join(folder, 'labels.bin')));
  const x = tensor4d(images, [labels.length, 28, 28, 1], 'uint8');
  await train(x, tensor1d(labels, 'int32'));
  await infer(x);
}

main(process.argv[3]);
