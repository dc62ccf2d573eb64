import type { Missing, Side } from './contestants.js';
import { type Result, turnRatios } from './measurement.js';
import type { NetworkSpec } from './network.js';
import type { Task } from './protocol.js';
import { type Summary, summarize } from './statistics.js';

/** The speed of one contestant at one task. */
export interface Row extends Result {
  side: Side;
  unit: 'images/s';
  /** Images a turn. */
  images: number;
  /** Images a step. */
  batch: number;
  /** The share of the peak of fused multiply-adds on as many threads, counted densely; null without FLOPs. */
  peakShare: number | null;
  remark?: string;
}

/** A row beside the fastest JavaScript library. */
export interface ComparedRow extends Row {
  /** How many times as fast it is, turn by turn; null where that can't be said. */
  speedup: Summary | null;
}

/** A network, or a layer alone, at one task. */
export interface Comparison {
  title: string;
  task: Task;
  network: NetworkSpec;
  /** FLOPs of an image, counted densely. */
  flops: number;
  /** The contestant that the others are compared with; null if there is none. */
  baseline: { name: string; side: Side } | null;
  /** The fastest first. */
  rows: ComparedRow[];
}

export interface Machine {
  processor: string;
  threads: number;
  /** Instruction sets, best first. */
  isas: readonly string[];
  /** GB */
  memory: number;
  system: string;
  node: string;
  /** GFLOP/s of fused multiply-adds by number of threads: the most that was measured. */
  peak: Record<string, number>;
  /** The load average of the minute before. Above 0.2, other processes were running. */
  load: number;
}

/** All that `convforge compare` writes as JSON. */
export interface CompareReport {
  convforge: string;
  date: string;
  command: string;
  seed: number;
  isQuick: boolean;
  seconds: number;
  machine: Machine;
  checks: {
    outputs: number;
    losses: number;
    outputTolerance: number;
    lossTolerance: number;
    agreed: string[];
  };
  comparisons: Comparison[];
  missing: Missing[];
  /** What was left out, and why. */
  left: { name: string; reason: string }[];
}

/** Sorts rows and compares them with the fastest JavaScript library, else with the reference engine. */
export function compareRows(rows: readonly Row[]): Pick<Comparison, 'baseline' | 'rows'> {
  const sorted = [...rows].sort((a, b) => b.median - a.median);
  const baseline =
    sorted.find(({ side }) => side === 'javascript') ?? sorted.find(({ side }) => side === 'reference');
  return {
    baseline: baseline ? { name: baseline.peer, side: baseline.side } : null,
    rows: sorted.map((row) => {
      const ratios = baseline && row !== baseline ? turnRatios(row, baseline) : [];
      return { ...row, speedup: ratios.length > 0 ? summarize(ratios) : null };
    }),
  };
}

/** The fastest row of convforge's addon on all threads or fewer. */
export function bestOwn({ rows }: Comparison): ComparedRow | undefined {
  return rows.find(({ side }) => side === 'convforge');
}
