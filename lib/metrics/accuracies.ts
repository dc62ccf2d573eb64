import { OptionChecks } from '../options.js';
import { Metric, type MetricOptions, ratio } from './metric.js';
import { type MetricFunction, metricFunction } from './metric-function.js';

/** Options of {@link binaryAccuracy}. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Outputs above it count as 1. Default 0.5. */
  threshold?: number;
}

/** Options of {@link topKCategoricalAccuracy} and {@link sparseTopKCategoricalAccuracy}. */
export interface TopKOptions extends MetricOptions {
  /** The number of largest outputs in which the class must be. Default 5. */
  k?: number;
}

const share = ([right, all]: readonly number[]) => ratio(right, all);

/** The share of outputs with (p > threshold) == (t > 0.5). Targets t and outputs p have one shape. */
export const binaryAccuracy: MetricFunction<BinaryAccuracyOptions> = metricFunction((options = {}) => {
  const name = 'binaryAccuracy';
  const checks = new OptionChecks(name);
  checks.keys(options, ['name', 'threshold']);
  const { threshold = 0.5, ...rest } = options;
  checks.number('threshold', threshold, () => true, 'a finite number');
  const description = { kind: name, threshold } as const;
  return new Metric({ name, logKey: name, description, result: share, config: { threshold } }, rest);
});

/** The share of rows in which output and one-hot target are largest at the same index. */
export const categoricalAccuracy: MetricFunction = metricFunction((options = {}) => {
  const name = 'categoricalAccuracy';
  return new Metric({ name, logKey: name, description: { kind: name }, result: share }, options);
});

/** The share of rows whose largest output is at the target, a whole-number class. */
export const sparseCategoricalAccuracy: MetricFunction = metricFunction((options = {}) => {
  const name = 'sparseCategoricalAccuracy';
  return new Metric({ name, logKey: name, description: { kind: name }, result: share }, options);
});

/**
 * The share of rows in which fewer than k outputs are larger than that of the true class. Targets are
 * one-hot.
 */
export const topKCategoricalAccuracy: MetricFunction<TopKOptions> = metricFunction((options) =>
  topK('topKCategoricalAccuracy', options),
);

/** As {@link topKCategoricalAccuracy}, with targets that are whole-number classes. */
export const sparseTopKCategoricalAccuracy: MetricFunction<TopKOptions> = metricFunction((options) =>
  topK('sparseTopKCategoricalAccuracy', options),
);

function topK(
  name: 'topKCategoricalAccuracy' | 'sparseTopKCategoricalAccuracy',
  options: TopKOptions = {},
): Metric {
  const checks = new OptionChecks(name);
  checks.keys(options, ['name', 'k']);
  const { k = 5, ...rest } = options;
  checks.whole('k', k, 1);
  return new Metric(
    { name, logKey: name, description: { kind: name, k }, result: share, config: { k } },
    rest,
  );
}
