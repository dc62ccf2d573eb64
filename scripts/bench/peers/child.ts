import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { summarize } from '../../../lib/compare/statistics.js';
import type { Measurement } from '../../../lib/compare/measurement.js';

/** Shared by the peers' processes that are written in TypeScript. */

export const BATCH = 128;
export const PIXELS = 28 * 28;

export interface Inputs {
  count: number;
  /** uint8 [count, 28, 28, 1]. */
  images: Uint8Array;
  /** The same images as floats from 0 to 1. */
  pixels: Float32Array;
  labels: Uint8Array;
}

export async function readInputs(folder: string): Promise<Inputs> {
  const images = Uint8Array.from(await readFile(path.join(folder, 'images.bin')));
  const labels = Uint8Array.from(await readFile(path.join(folder, 'labels.bin')));
  return { count: labels.length, images, pixels: Float32Array.from(images, (byte) => byte / 255), labels };
}

/** Prints measurements in images a second, or in microseconds for `latency`. */
type Figures = Pick<Measurement, 'config' | 'values' | 'loss'>;

export function printTraining(version: string, figures: Figures): void {
  print({ task: 'LeNet training, batch 128', unit: 'images/s', version, ...figures });
}

export function printInference(version: string, figures: Figures): void {
  print({ task: 'LeNet inference, batch 128', unit: 'images/s', version, ...figures });
}

export function printLatency(version: string, figures: Figures): void {
  print({ task: 'LeNet inference, batch 1, p50', unit: 'us', version, ...figures });
}

export function print(measurement: Measurement): void {
  process.stdout.write(`${JSON.stringify(measurement)}\n`);
}

/** Images a second of each of `repeats` runs over `count` images, after one run to warm up. */
export async function imageRates(count: number, run: () => unknown, repeats: number): Promise<number[]> {
  await run();
  const rates: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    await run();
    rates.push((1000 * count) / (performance.now() - started));
  }
  return rates;
}

/** The median microseconds of `calls` calls, for each of `passes` passes. */
export async function latencies(
  run: (image: number) => unknown,
  { calls = 300, passes = 5 } = {},
): Promise<number[]> {
  const medians: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const times: number[] = [];
    for (let i = 0; i < calls; i++) {
      const started = performance.now();
      await run(i);
      times.push(1000 * (performance.now() - started));
    }
    medians.push(summarize(times).median);
  }
  return medians;
}
