import { camelCase } from '../camel-case.js';
import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import type { LossDescription, MetricKind, Shape } from '../program/description.js';
import * as metrics from './index.js';
import type { Metric } from './metric.js';

/** 'accuracy' or 'acc' (which accuracy depends on loss and outputs), a metric's name, or a value of `metrics`. */
export type MetricIdentifier = 'accuracy' | 'acc' | keyof typeof metrics | (string & {}) | Metric;

const METRICS: ReadonlyMap<string, Metric> = new Map(Object.entries(metrics));

/**
 * `outputShape` is without the batch. Throws UNSUPPORTED for a name that isn't there, INVALID_ARGUMENT for what is no metric or
 * needs other targets than the loss.
 */
export function getMetric(identifier: MetricIdentifier, loss: LossDescription, outputShape: Shape): Metric {
  if (identifier === 'accuracy' || identifier === 'acc') {
    return { kind: accuracyKind(loss, outputShape), logKey: 'acc' };
  }
  const metric = typeof identifier === 'string' ? METRICS.get(camelCase(identifier)) : identifier;
  if (typeof identifier === 'string' && !metric) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      unknownName('metric', identifier, ['accuracy', 'acc', ...METRICS.keys()]),
    );
  }
  if (![...METRICS.values()].includes(metric as Metric)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `metrics has ${show(identifier)}; give a name, such as 'accuracy', or a value of metrics.`,
    );
  }
  checkTargets(metric as Metric, loss);
  return metric as Metric;
}

/** As Keras resolves it: by the form of the targets, and binary where there is a single output. */
function accuracyKind(loss: LossDescription, outputShape: Shape): MetricKind {
  if (loss.kind === 'sparseCategoricalCrossentropy') return 'sparseCategoricalAccuracy';
  return outputShape[outputShape.length - 1] === 1 ? 'binaryAccuracy' : 'categoricalAccuracy';
}

/** One set of targets serves loss and metrics: classes, or values of the outputs' shape. */
function checkTargets(metric: Metric, loss: LossDescription): void {
  const lossTakesClasses = loss.kind === 'sparseCategoricalCrossentropy';
  const metricTakesClasses = metric.kind === 'sparseCategoricalAccuracy';
  if (lossTakesClasses === metricTakesClasses) return;
  const [metricTakes, lossTakes] = metricTakesClasses
    ? ['whole-number classes', "values of the outputs' shape"]
    : ["values of the outputs' shape", 'whole-number classes'];
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `The metric ${metric.kind} takes ${metricTakes}, but the loss ${loss.kind} takes ${lossTakes}; 'accuracy' chooses the one that fits.`,
  );
}
