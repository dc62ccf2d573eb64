import type { MachineFacts } from './support/machine.js';
import { type Summary, summarize } from '../../lib/compare/statistics.js';

/** Units of rates and speed-ups (more is better), and of times and shares (less is better). */
export type Unit = 'GFLOP/s' | 'GB/s' | 'images/s' | 'times' | 'us' | '%' | 'MB';

export interface Result extends Summary {
  part: string;
  name: string;
  threads: number;
  unit: Unit;
  /** The algorithm of a pass. */
  algorithm?: string;
  /** The share of the machine's limit, measured beside it: multiply-adds on registers, or memcpy for GB/s. */
  share?: number;
}

/** The file that a run of the benchmark writes. */
export interface Report extends MachineFacts {
  command: string[];
  quick: boolean;
  results: Result[];
  /** What couldn't be measured, and why. */
  left: Record<string, string>;
}

export function isRate(unit: Unit): boolean {
  return unit.endsWith('/s') || unit === 'times';
}

export function result(facts: Omit<Result, keyof Summary>, values: readonly number[]): Result {
  return { ...facts, ...summarize(values) };
}
