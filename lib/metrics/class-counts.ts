import { OptionChecks, show } from '../options.js';
import type { SampleShape } from '../tensor/shapes.js';
import { Metric, type MetricOptions, ratio } from './metric.js';
import { type MetricFunction, metricFunction } from './metric-function.js';

/** Options of {@link precision} and {@link recall}. */
export interface PrecisionOptions extends MetricOptions {
  /** Outputs above it count as positive. Default 0.5. */
  thresholds?: number;
  /** The index in the last axis of the only class that counts. Default: all classes together. */
  classId?: number;
}

/** Options of {@link f1Score}. */
export interface F1ScoreOptions extends MetricOptions {
  /**
   * How the scores of the classes are combined. 'macro' is their mean; 'weighted' is their mean weighted by
   * how often each class is true; 'micro' is the score of all counts together. Default 'macro', since a log
   * entry is one number; Keras's default, null, returns one a class.
   */
  average?: 'micro' | 'macro' | 'weighted';
  /** Outputs above it count as positive. Default null: only a row's largest output does. */
  threshold?: number | null;
}

/** True positives, false positives and false negatives. */
type Counts = [tp: number, fp: number, fn: number];

function byClass(counts: readonly number[]): Counts[] {
  return Array.from({ length: counts.length / 3 }, (_, i) => counts.slice(3 * i, 3 * i + 3) as Counts);
}

function sumOf(counts: readonly Counts[]): Counts {
  const sum = (i: number) => counts.reduce((total, each) => total + each[i], 0);
  return [sum(0), sum(1), sum(2)];
}

/**
 * Precision: the share of positive outputs that are true, tp / (tp + fp). Targets are values (true above 0.5)
 * or classes.
 */
export const precision: MetricFunction<PrecisionOptions> = metricFunction((options) =>
  ofCounts('precision', ([tp, fp]) => ratio(tp, tp + fp), options),
);

/**
 * Recall: the share of true targets whose outputs are positive, tp / (tp + fn). Targets as for {@link
 * precision}.
 */
export const recall: MetricFunction<PrecisionOptions> = metricFunction((options) =>
  ofCounts('recall', ([tp, , fn]) => ratio(tp, tp + fn), options),
);

function ofCounts(name: string, value: (counts: Counts) => number, options: PrecisionOptions = {}): Metric {
  const checks = new OptionChecks(name);
  checks.keys(options, ['name', 'thresholds', 'classId']);
  const { thresholds = 0.5, classId, ...rest } = options;
  checks.number('thresholds', thresholds, () => true, 'a finite number');
  if (classId !== undefined) checks.whole('classId', classId, 0);
  const checkOutput = (shape: SampleShape) => {
    const classes = shape[shape.length - 1] ?? Number.POSITIVE_INFINITY;
    if (classId === undefined || classId < classes) return;
    checks.fail('INVALID_ARGUMENT', `classId is ${classId}, but there are ${classes} classes.`);
  };
  const result = (counts: readonly number[]) => {
    const classes = byClass(counts);
    return value(classId === undefined ? sumOf(classes) : classes[classId]);
  };
  const config = { thresholds, classId };
  const description = { kind: 'classCounts', threshold: thresholds } as const;
  return new Metric({ name, logKey: name, description, result, config, checkOutput }, rest);
}

/**
 * The F1 score of each class, 2 / (1 / precision + 1 / recall), combined by `average`. Targets as for {@link
 * precision}.
 */
export const f1Score: MetricFunction<F1ScoreOptions> = metricFunction((options = {}) => {
  const name = 'f1Score';
  const checks = new OptionChecks(name);
  checks.keys(options, ['name', 'average', 'threshold']);
  const { average = 'macro', threshold = null, ...rest } = options;
  if (!Object.hasOwn(AVERAGES, average))
    checks.fail(
      'INVALID_ARGUMENT',
      `average is ${show(average)}; it must be ${Object.keys(AVERAGES).join(', ')}.`,
    );
  if (threshold !== null) checks.number('threshold', threshold, () => true, 'null, or a finite number');
  const description = { kind: 'classCounts', ...(threshold !== null && { threshold }) } as const;
  const result = (counts: readonly number[]) => AVERAGES[average](byClass(counts));
  return new Metric({ name, logKey: name, description, result, config: { average, threshold } }, rest);
});

const f1 = ([tp, fp, fn]: Counts) => ratio(2 * tp, 2 * tp + fp + fn);

const AVERAGES: Readonly<Record<string, (classes: readonly Counts[]) => number>> = {
  micro: (classes) => f1(sumOf(classes)),
  macro: (classes) => classes.reduce((sum, counts) => sum + f1(counts), 0) / classes.length,
  weighted(classes) {
    const all = classes.reduce((sum, [tp, , fn]) => sum + tp + fn, 0);
    return classes.reduce((sum, counts) => sum + ratio(f1(counts) * (counts[0] + counts[2]), all), 0);
  },
};
