import { isDefaultLoss } from '../losses/registry.js';
import type { Metric } from '../metrics/index.js';
import { hasDefaultOptions } from '../metrics/registry.js';
import type { LossDescription, LossKind } from '../program/description.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** TF.js's names of losses. Losses that TF.js lacks are absent. */
const LOSSES: Partial<Readonly<Record<LossKind, string>>> = {
  categoricalCrossentropy: 'categoricalCrossentropy',
  sparseCategoricalCrossentropy: 'sparseCategoricalCrossentropy',
  binaryCrossentropy: 'binaryCrossentropy',
  meanSquaredError: 'meanSquaredError',
  meanAbsoluteError: 'meanAbsoluteError',
  meanAbsolutePercentageError: 'meanAbsolutePercentageError',
  meanSquaredLogarithmicError: 'meanSquaredLogarithmicError',
  logCosh: 'logcosh',
  hinge: 'hinge',
  squaredHinge: 'squaredHinge',
  categoricalHinge: 'categoricalHinge',
  klDivergence: 'kullbackLeiblerDivergence',
  poisson: 'poisson',
  cosineSimilarity: 'cosineProximity',
};

/** TF.js's names of metrics. */
const METRICS: Readonly<Record<string, string>> = {
  binaryAccuracy: 'binaryAccuracy',
  categoricalAccuracy: 'categoricalAccuracy',
  precision: 'precision',
  categoricalCrossentropy: 'categoricalCrossentropy',
  sparseCategoricalCrossentropy: 'sparseCategoricalCrossentropy',
  meanSquaredError: 'mse',
  meanAbsoluteError: 'mae',
  meanAbsolutePercentageError: 'mape',
  cosineProximity: 'cosine',
};

/** TF.js's name of a loss; undefined if TF.js lacks the loss or its options. */
export function tfjsLoss(loss: LossDescription): string | undefined {
  return isDefaultLoss(loss) ? LOSSES[loss.kind] : undefined;
}

/** TF.js's name of a metric; undefined if TF.js lacks the metric or its options. */
export function tfjsMetric(metric: Metric): string | undefined {
  return Object.hasOwn(METRICS, metric.name) && hasDefaultOptions(metric) ? METRICS[metric.name] : undefined;
}

/**
 * Converts a model's config to the names that TF.js knows: its only regularizer class is L1L2, silu is called
 * swish, and a truncated normal distribution is called normal.
 */
export function tfjsConfig(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, tfjsValue(key, value)]));
}

function tfjsValue(key: string, value: unknown): unknown {
  if (key === 'activation' && value === 'silu') return 'swish';
  if (key === 'distribution' && value === 'truncatedNormal') return 'normal';
  if (key.endsWith('Regularizer') && isObject(value)) {
    return { className: 'L1L2', config: { l1: 0, l2: 0, ...(value.config as JsonObject) } };
  }
  if (Array.isArray(value)) return value.map((item) => tfjsValue('', item));
  return isObject(value) ? tfjsConfig(value) : value;
}
