import type { LossDescription } from '../program/description.js';
import {
  type CrossentropyOptions,
  type HuberOptions,
  type LogitsOptions,
  binaryCrossentropy as binaryCrossentropyLoss,
  categoricalCrossentropy as categoricalCrossentropyLoss,
  huber as huberLoss,
  sparseCategoricalCrossentropy as sparseCategoricalCrossentropyLoss,
} from '../losses/index.js';
import { describeLoss } from '../losses/describe.js';
import { lossConfig } from '../losses/registry.js';
import { Metric, type MetricOptions, ratio } from './metric.js';

// The means of losses over samples, without their weights. Formulas are those of the losses of the same names.

const mean = ([sum, samples]: readonly number[]) => ratio(sum, samples);

function meanOf(
  loss: LossDescription,
  options: MetricOptions,
  logKey: string = loss.kind,
  { name = loss.kind as string, result = mean } = {},
): Metric {
  const description = { kind: 'mean', loss } as const;
  return new Metric({ name, logKey, description, result, config: lossConfig(loss) }, options);
}

/** Mean of (p - t)^2; 'mse' in logs. */
export function meanSquaredError(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('meanSquaredError'), options, 'mse');
}

/** Root of the mean of (p - t)^2 over all samples; 'rmse' in logs. */
export function rootMeanSquaredError(options: MetricOptions = {}): Metric {
  const result = (counts: readonly number[]) => Math.sqrt(mean(counts));
  return meanOf(describeLoss('meanSquaredError'), options, 'rmse', { name: 'rootMeanSquaredError', result });
}

/** Mean of |p - t|; 'mae' in logs. */
export function meanAbsoluteError(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('meanAbsoluteError'), options, 'mae');
}

/** 100 times the mean of |p - t| / |t|; 'mape' in logs. */
export function meanAbsolutePercentageError(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('meanAbsolutePercentageError'), options, 'mape');
}

/** Mean of (log(1 + p) - log(1 + t))^2; 'msle' in logs. */
export function meanSquaredLogarithmicError(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('meanSquaredLogarithmicError'), options, 'msle');
}

/** As the loss `huber`. */
export function huber(options: HuberOptions & MetricOptions = {}): Metric {
  const { name, ...rest } = options;
  return meanOf(huberLoss(rest), { name });
}

/** Mean of log(cosh(p - t)). */
export function logCosh(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('logCosh'), options);
}

/** As the loss `hinge`. */
export function hinge(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('hinge'), options);
}

/** As the loss `squaredHinge`. */
export function squaredHinge(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('squaredHinge'), options);
}

/** As the loss `categoricalHinge`. */
export function categoricalHinge(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('categoricalHinge'), options);
}

/** As the loss `klDivergence`. */
export function klDivergence(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('klDivergence'), options);
}

/** As the loss `poisson`. */
export function poisson(options: MetricOptions = {}): Metric {
  return meanOf(describeLoss('poisson'), options);
}

/** Cosine of the angle between t and p along the last axis: 1 where they point the same way. The loss is minus it. */
export function cosineSimilarity(options: MetricOptions = {}): Metric {
  const result = (counts: readonly number[]) => -mean(counts);
  return meanOf(describeLoss('cosineSimilarity'), options, undefined, { result });
}

/** As the loss `categoricalCrossentropy`. */
export function categoricalCrossentropy(options: CrossentropyOptions & MetricOptions = {}): Metric {
  const { name, ...rest } = options;
  return meanOf(categoricalCrossentropyLoss(rest), { name });
}

/** As the loss `sparseCategoricalCrossentropy`. */
export function sparseCategoricalCrossentropy(options: LogitsOptions & MetricOptions = {}): Metric {
  const { name, ...rest } = options;
  return meanOf(sparseCategoricalCrossentropyLoss(rest), { name });
}

/** As the loss `binaryCrossentropy`. */
export function binaryCrossentropy(options: CrossentropyOptions & MetricOptions = {}): Metric {
  const { name, ...rest } = options;
  return meanOf(binaryCrossentropyLoss(rest), { name });
}
