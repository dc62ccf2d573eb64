import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type LayersModel, type PendingTensors, tensor } from '../../../lib/index.js';

/** Files that Keras wrote, with Keras's answers. cases/make.py made them. */
export const CASES = join(__dirname, 'cases');

/** Models trained by each optimizer. scripts/golden/make-keras-optimizers.py made them. */
export const OPTIMIZERS = join(__dirname, 'optimizers');

/** A tensor as the JSON files hold it. */
export interface Values {
  shape: number[];
  values: number[];
}

/** One tensor, or a list of several. */
export function tensorsOf(given: readonly Values[]) {
  const [first, ...rest] = given.map(({ shape, values }) => tensor(values, shape));
  return rest.length > 0 ? [first, ...rest] : first;
}

/** Compares predictions; `tolerance` is relative to the greatest value, at least 1. */
export function checkOutputs(
  model: LayersModel,
  inputs: readonly Values[],
  outputs: readonly Values[],
  tolerance: number,
): void {
  const given = [model.predict<PendingTensors>(tensorsOf(inputs))].flat();
  expect(given.length).toBe(outputs.length);
  for (const [i, { shape, values }] of outputs.entries()) {
    expect(given[i].shape).toEqual(shape);
    const got = given[i].dataSync();
    const most = Math.max(1, ...values.map(Math.abs)) * tolerance;
    expect(Math.max(...values.map((value, j) => Math.abs(value - got[j])))).toBeLessThan(most);
  }
}

/** Trains as many steps as there are losses, and compares these. */
export async function checkLosses(
  model: LayersModel,
  inputs: readonly Values[],
  targets: readonly Values[],
  losses: readonly number[],
): Promise<void> {
  for (const loss of losses) {
    const [own] = [await model.trainOnBatch(tensorsOf(inputs), tensorsOf(targets))].flat();
    expect(Math.abs(own - loss)).toBeLessThan(1e-4 * Math.max(1, loss));
  }
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** Names, without the ending, of the files in a folder that have it. */
export function namesWith(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length));
}
