import { ConvforgeError } from '../../errors.js';
import { isInt32Array } from '../../realms.js';
import type { MetricDescription } from '../description.js';
import { type LossCall, makeLoss, type Targets } from './losses/index.js';
import { requireNumber } from './losses/numbers.js';

type ScoreCall = Omit<LossCall, 'losses' | 'gradient' | 'rowWeights'>;

export interface Metric {
  /** The required type of targets, if any. */
  readonly targets?: 'values' | 'classes';
  /** Counts the metric's sums for a batch, as description.ts defines them. */
  count(call: ScoreCall): number[];
}

/** Throws UNSUPPORTED or INVALID_ARGUMENT for an invalid description. */
export function makeMetric(description: MetricDescription): Metric {
  switch (description.kind) {
    case 'categoricalAccuracy':
    case 'sparseCategoricalAccuracy':
      return {
        targets: description.kind === 'categoricalAccuracy' ? 'values' : 'classes',
        count: (call) => countRows(call, (row, truth) => isFirstMaximum(call, row, truth)),
      };
    case 'topKCategoricalAccuracy':
    case 'sparseTopKCategoricalAccuracy':
      checkWhole('k', description.k, 1);
      return {
        targets: description.kind === 'topKCategoricalAccuracy' ? 'values' : 'classes',
        count: (call) => countRows(call, (row, truth) => isInTop(call, row, truth, description.k)),
      };
    case 'binaryAccuracy':
      checkFinite('threshold', description.threshold);
      return { targets: 'values', count: (call) => binaryAccuracy(call, Math.fround(description.threshold)) };
    case 'classCounts':
      if (description.threshold !== undefined) checkFinite('threshold', description.threshold);
      return { count: (call) => classCounts(call, description.threshold) };
    case 'scoreCounts':
      checkWhole('thresholds', description.thresholds, 2);
      return { count: (call) => scoreCounts(call, description.thresholds - 1) };
    case 'mean': {
      const loss = makeLoss(description.loss);
      const logits = description.loss.fromLogits === true;
      return {
        targets: loss.targets,
        count(call) {
          const losses = new Float64Array(call.samples);
          loss.compute({ ...call, losses, gradient: new Float64Array(call.outputs.length) }, logits);
          return [losses.reduce((sum, value) => sum + value, 0), call.samples];
        },
      };
    }
    default: {
      const { kind } = description as { kind: string };
      throw new ConvforgeError('UNSUPPORTED', `there is no metric '${kind}'.`);
    }
  }
}

/** The number of the metric's sums for outputs with `classes` classes. */
export function countsOf(metric: Metric, classes: number): number {
  const nothing = { samples: 0, classes, outputs: new Float32Array(0) };
  return metric.count({ ...nothing, targets: new Float32Array(0) }).length;
}

function countRows(call: ScoreCall, isRight: (row: number, truth: number) => boolean): number[] {
  const { outputs, targets, classes } = call;
  const rows = outputs.length / classes;
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const truth = isInt32Array(targets) ? targets[row] : argmax(targets, row, classes);
    if (isRight(row, truth)) right++;
  }
  return [right, rows];
}

/** Index of the first maximum of a row. */
function argmax(values: Targets, row: number, classes: number): number {
  const start = row * classes;
  let best = 0;
  for (let i = 1; i < classes; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}

/** Whether the first maximum of a row is at `index`. A row with a NaN has no maximum. */
function isFirstMaximum({ outputs, classes }: ScoreCall, row: number, index: number): boolean {
  const scores = outputs.subarray(row * classes, (row + 1) * classes);
  return scores.every((score, i) => (i < index ? score < scores[index] : score <= scores[index]));
}

function isInTop({ outputs, classes }: ScoreCall, row: number, truth: number, k: number): boolean {
  if (truth < 0 || truth >= classes) return false;
  const scores = outputs.subarray(row * classes, (row + 1) * classes);
  let larger = 0;
  // Not ">": a NaN must count as larger, so that it is never in the top k.
  for (const score of scores) if (!(score <= scores[truth])) larger++;
  return larger < k;
}

function binaryAccuracy({ outputs, targets }: ScoreCall, threshold: number): number[] {
  let equal = 0;
  for (let i = 0; i < outputs.length; i++) {
    if (!Number.isNaN(outputs[i]) && outputs[i] > threshold === targets[i] > 0.5) equal++;
  }
  return [equal, outputs.length];
}

function isTrue({ targets, classes }: ScoreCall, row: number, index: number): boolean {
  return isInt32Array(targets) ? targets[row] === index : targets[row * classes + index] > 0.5;
}

function classCounts(call: ScoreCall, threshold: number | undefined): number[] {
  const { outputs, classes } = call;
  const counts = new Array<number>(3 * classes).fill(0);
  for (let row = 0; row * classes < outputs.length; row++) {
    const scores = outputs.subarray(row * classes, (row + 1) * classes);
    const largest = Math.max(...scores);
    scores.forEach((score, i) => {
      const positive = threshold === undefined ? score >= largest : score > Math.fround(threshold);
      if (isTrue(call, row, i)) counts[3 * i + (positive ? 0 : 2)]++;
      else if (positive) counts[3 * i + 1]++;
    });
  }
  return counts;
}

function scoreCounts(call: ScoreCall, ranges: number): number[] {
  const { outputs, classes } = call;
  const counts = new Array<number>(2 * ranges).fill(0);
  outputs.forEach((score, i) => {
    const bin = Math.ceil(score * ranges) - 1;
    const range = bin > 0 ? Math.min(bin, ranges - 1) : 0;
    counts[2 * range + (isTrue(call, Math.floor(i / classes), i % classes) ? 0 : 1)]++;
  });
  return counts;
}

function checkWhole(name: string, value: number, minimum: number): void {
  const fits = Number.isSafeInteger(value) && value >= minimum && value <= 1e6;
  requireNumber(`a metric's ${name}`, value, fits, `a whole number from ${minimum} to 1000000`);
}

function checkFinite(name: string, value: number): void {
  requireNumber(`a metric's ${name}`, value, true, 'a finite number');
}
