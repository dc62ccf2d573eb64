import { spawn } from 'node:child_process';
import { type Summary, summarize } from './statistics.js';

/** Units of rates (more is better), of times and of memory (less is better). */
export type Unit = 'images/s' | 'GFLOP/s' | 'us' | 'ms' | 'MB';

/** A line that a peer's process prints: the measurement of a task in one configuration. */
export interface Measurement {
  task: string;
  unit: Unit;
  /** The configuration: layouts, fusion, libraries. */
  config: string;
  version: string;
  /** One value a repeat. */
  values: number[];
  /** For training, the mean loss of the last epoch. */
  loss?: number;
}

/** The repeats of all rounds or turns together. */
export interface Result extends Measurement, Summary {
  peer: string;
  threads: number;
  /** The turn of each value, if peers took turns. */
  turns?: number[];
}

/** A process to start and its environment variables; undefined removes a variable. */
export interface Command {
  file: string;
  args: readonly string[];
  env?: Record<string, string | undefined>;
}

/**
 * Runs a peer's process and parses the lines that it printed. If it failed, rejects with the end of its
 * output.
 */
export function measure({ file, args, env }: Command): Promise<Measurement[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(readMeasurements(output));
      else reject(new Error(`${file} ended with ${signal ?? code}: ${errors.trim().slice(-500)}`));
    });
  });
}

/** Libraries print too, so lines that are no measurements are skipped. */
export function readMeasurements(output: string): Measurement[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"task"'))
    .map((line) => JSON.parse(line) as Measurement);
}

export interface Round {
  peer: string;
  threads: number;
  /** Of a kernel, the turn, counted from 0. */
  turn?: number;
  measurements: readonly Measurement[];
}

/**
 * Pools the repeats of each peer, task, number of threads and configuration, in the order of their first
 * occurrence.
 */
export function combine(rounds: readonly Round[]): Result[] {
  const pools = new Map<string, Omit<Result, keyof Summary>>();
  for (const { peer, threads, turn, measurements } of rounds) {
    for (const measurement of measurements) {
      const key = JSON.stringify([peer, threads, measurement.task, measurement.config]);
      const before = pools.get(key);
      const values = [...(before?.values ?? []), ...measurement.values];
      const turns = turn === undefined ? {} : { turns: [...(before?.turns ?? []), turn] };
      pools.set(key, { peer, threads, ...measurement, values, ...turns });
    }
  }
  return [...pools.values()].map((pool) => ({ ...pool, ...summarize(pool.values) }));
}

/** How many times as fast `a` is as `b`. */
export function speedup(a: Result, b: Result): number {
  return ratio(a.unit, a.median, b.median);
}

/**
 * How many times as fast `a` is as `b` in each turn in which both were measured. The machine's speed may change
 * from turn to turn, but hardly within one.
 */
export function turnRatios(a: Result, b: Result): number[] {
  return (a.turns ?? []).flatMap((turn, i) => {
    const j = b.turns?.indexOf(turn) ?? -1;
    return j < 0 ? [] : [ratio(a.unit, a.values[i], b.values[j])];
  });
}

function ratio(unit: Unit, a: number, b: number): number {
  const isRate = unit === 'images/s' || unit === 'GFLOP/s';
  return isRate ? a / b : b / a;
}

/** The fastest configuration of each peer, task and number of threads. */
export function fastest(results: readonly Result[]): Result[] {
  const best = new Map<string, Result>();
  for (const result of results) {
    const key = JSON.stringify([result.peer, result.threads, result.task]);
    const rival = best.get(key);
    if (!rival || speedup(result, rival) > 1) best.set(key, result);
  }
  return [...best.values()];
}
