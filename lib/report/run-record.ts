import type { LayerNorm } from './layer-norms.js';

/** What an epoch gave. Values that aren't finite are null, as JSON has no others. */
export interface EpochRecord {
  /** Index, from 0. */
  epoch: number;
  /** Duration with validation, in seconds. */
  seconds: number;
  /** Throughput of training, without validation. */
  samplesPerSecond: number;
  learningRate: number;
  /** By key, as callbacks get them. */
  logs: Record<string, number | null>;
  /** Of each layer with trainable weights, at the epoch's end. */
  norms: readonly LayerNorm[];
}

/** The loss within epochs: the mean over the samples since the point before. */
export interface LossTrace {
  /** Time in epochs: 1.5 is the middle of the second. */
  at: number[];
  loss: (number | null)[];
}

/** 'running' also stays in a page whose training was killed. */
export type RunState = 'running' | 'finished' | 'stopped' | 'failed';

/** All that a page shows of a training but the model and its predictions. Pages contain it as JSON. */
export interface RunRecord {
  /** Marks the JSON of pages, and its version. */
  convforgeRun: 1;
  title: string;
  state: RunState;
  /** The message of the error, if it failed. */
  problem?: string;
  /** ISO 8601. */
  started: string;
  /** Epochs that are wanted. */
  epochCount: number;
  /** "images" or "samples". */
  unit: string;
  /** The table at the top, by name. */
  facts: Record<string, string>;
  epochs: EpochRecord[];
  trace: LossTrace;
}

/** A number for JSON: null if it isn't finite. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** A list for each log key, as History has it. Values that aren't finite are NaN. */
export function historyOf({ epochs }: Pick<RunRecord, 'epochs'>): Record<string, number[]> {
  const keys = [...new Set(epochs.flatMap(({ logs }) => Object.keys(logs)))];
  return Object.fromEntries(keys.map((key) => [key, epochs.map(({ logs }) => logs[key] ?? Number.NaN)]));
}

/** The most epochs, and points of the loss within epochs, that a page has. */
const MOST_EPOCHS = 500;
const MOST_POINTS = 1000;

/** The record with some of its epochs and points, at equal distances, if there are too many for a page. */
export function thinned(run: RunRecord): RunRecord {
  const { at, loss } = run.trace;
  const kept = spread(at.length, MOST_POINTS);
  return {
    ...run,
    epochs: spread(run.epochs.length, MOST_EPOCHS).map((i) => run.epochs[i]),
    trace: { at: kept.map((i) => at[i]), loss: kept.map((i) => loss[i]) },
  };
}

/** At most `most` of the indexes below `count`, at equal distances, the first and the last among them. */
export function spread(count: number, most: number): number[] {
  if (count <= most) return [...Array(count).keys()];
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}
