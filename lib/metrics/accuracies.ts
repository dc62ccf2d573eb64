import { OptionChecks } from '../options.js';
import { Metric, type MetricOptions, ratio } from './metric.js';
import { type MetricFunction, metricFunction } from './metric-function.js';

/** Options of {@link binaryAccuracy}. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Outputs above it are taken for 1. Default 0.5. */
  threshold?: number;
}

/** Options of {@link topKCategoricalAccuracy} and {@link sparseTopKCategoricalAccuracy}. */
export interface TopKOptions extends MetricOptions {
  /** How many of the largest outputs count. Default 5. */
  k?: number;
}

const share = ([right, all]: readonly number[]) => ratio(right, all);

/** Share of outputs with (p > threshold) == (t > 0.5). */
export const binaryAccuracy: MetricFunction<BinaryAccuracyOptions> = metricFunction((options = {}) => {
  const name = 'binaryAccuracy';
  const checks = new OptionChecks(name);
  checks.keys(options, ['name', 'threshold']);
  const { threshold = 0.5, ...rest } = options;
  checks.number('threshold', threshold, () => true, 'a finite number');
  const description = { kind: name, threshold } as const;
  return new Metric({ name, logKey: name, description, result: share, config: { threshold } }, rest);
});

/** Share of rows whose largest output is where the one-hot target is largest. */
export const categoricalAccuracy: MetricFunction = metricFunction((options = {}) => {
  const name = 'categoricalAccuracy';
  return new Metric({ name, logKey: name, description: { kind: name }, result: share }, options);
});

/** Share of rows whose largest output is at the target, a class as a whole number. */
export const sparseCategoricalAccuracy: MetricFunction = metricFunction((options = {}) => {
  const name = 'sparseCategoricalAccuracy';
  return new Metric({ name, logKey: name, description: { kind: name }, result: share }, options);
});

/** Share of rows in which less than k outputs are larger than that of the class, where the one-hot target is largest. */
export const topKCategoricalAccuracy: MetricFunction<TopKOptions> = metricFunction((options) =>
  topK('topKCategoricalAccuracy', options),
);

/** The same with the class as a whole number. */
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
