import { isDefaultLoss } from '../losses/registry.js';
import type { Metric } from '../metrics/index.js';
import { hasDefaultOptions } from '../metrics/registry.js';
import type { LossDescription, LossKind } from '../program/description.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** TF.js's names of the losses that it has; the others have no name there. */
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

/** TF.js's names of the metrics that it has by name. */
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

/** What TF.js computes as this loss; undefined if it has no such loss, or not with these options. */
export function tfjsLoss(loss: LossDescription): string | undefined {
  return isDefaultLoss(loss) ? LOSSES[loss.kind] : undefined;
}

/** What TF.js computes as this metric; undefined if it has no such metric, or not with these options. */
export function tfjsMetric(metric: Metric): string | undefined {
  return Object.hasOwn(METRICS, metric.name) && hasDefaultOptions(metric) ? METRICS[metric.name] : undefined;
}

/**
 * A model's config with the names that TF.js knows: its only class of regularizers is L1L2, silu is called swish, and a truncated normal
 * distribution is normal.
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
