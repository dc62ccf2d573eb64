import type { MachineFacts } from './support/machine.js';
import { type Summary, summarize } from './support/statistics.js';

/** Rates, of which more is better, and times and shares, of which less is. */
export type Unit = 'GFLOP/s' | 'GB/s' | 'images/s' | 'us' | '%' | 'MB';

export interface Result extends Summary {
  part: string;
  name: string;
  threads: number;
  unit: Unit;
  /** Of a pass. */
  algorithm?: string;
  /** Of what the machine can do at most, measured beside it: multiply-adds on registers, or memcpy for GB/s. */
  share?: number;
}

/** What a run of the benchmark writes to its file. */
export interface Report extends MachineFacts {
  command: string[];
  quick: boolean;
  results: Result[];
  /** What couldn't be measured, and why. */
  left: Record<string, string>;
}

export function isRate(unit: Unit): boolean {
  return unit.endsWith('/s');
}

export function result(facts: Omit<Result, keyof Summary>, values: readonly number[]): Result {
  return { ...facts, ...summarize(values) };
}
