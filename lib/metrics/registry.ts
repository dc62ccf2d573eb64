import { functionName } from '../class-names.js';
import { ConvforgeError } from '../errors.js';
import type { SampleShape } from '../tensor/shapes.js';
import { show, unknownName } from '../options.js';
import type { Serialized } from '../serialized.js';
import type { Spelled } from '../spelling.js';
import type { LossDescription } from '../program/description.js';
import * as metrics from './list.js';
import { Metric } from './metric.js';

/** The name of a metric. */
export type MetricName =
  | 'accuracy'
  | 'acc'
  | 'crossentropy'
  | 'ce'
  | 'cosine'
  | Exclude<keyof typeof metrics, 'Metric' | 'confusionMatrix'>;

/**
 * 'accuracy' or 'acc', 'crossentropy' or 'ce' (which one depends on loss and outputs), 'cosine' for cosineProximity, a metric's name, a
 * function of `metrics`, what one returned, or class name and config.
 */
export type MetricIdentifier = Spelled<MetricName> | (() => Metric) | Metric | Serialized;

type MetricFunction = (options?: Readonly<Record<string, unknown>>) => Metric;

const { Metric: _class, confusionMatrix: _matrix, ...FUNCTIONS } = metrics;
const METRICS: ReadonlyMap<string, MetricFunction> = new Map(Object.entries(FUNCTIONS));

/**
 * `outputShape` is without the batch. Throws UNSUPPORTED for a name that isn't there, INVALID_ARGUMENT for what is no metric, or
 * needs other targets than the loss or another output.
 */
export function getMetric(
  identifier: MetricIdentifier,
  loss: LossDescription,
  outputShape: SampleShape,
): Metric {
  const metric = readMetric(identifier, loss, outputShape);
  checkTargets(metric, loss);
  metric.checkOutput(outputShape);
  checkClasses(metric, outputShape);
  return metric;
}

/** What is counted for each class must be as much in every batch. */
function checkClasses({ name, description }: Metric, outputShape: SampleShape): void {
  if (description.kind !== 'classCounts' || outputShape[outputShape.length - 1] !== null) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `The metric ${name} counts by class, but how many there are isn't known: the output is [${outputShape.map(String).join(', ')}].`,
  );
}

function readMetric(identifier: MetricIdentifier, loss: LossDescription, outputShape: SampleShape): Metric {
  if (identifier === 'accuracy' || identifier === 'acc') return accuracy(loss, outputShape);
  if (identifier === 'crossentropy' || identifier === 'ce') return crossentropy(loss, outputShape);
  if (identifier === 'cosine') return metrics.cosineProximity({ name: 'cosine' });
  if (typeof identifier === 'string') return metricFunction(identifier)();
  if (identifier instanceof Metric) return identifier;
  if (typeof identifier === 'function' && [...METRICS.values()].includes(identifier)) return identifier();
  if (identifier !== null && typeof identifier === 'object' && typeof identifier.className === 'string') {
    return metricFromConfig(identifier.className, identifier.config ?? {});
  }
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `metrics has ${show(identifier)}; give a name, such as 'accuracy', or one of the functions of metrics.`,
  );
}

function metricFunction(name: string): MetricFunction {
  const metric = METRICS.get(functionName(name));
  if (metric) return metric;
  const known = ['accuracy', 'acc', 'crossentropy', 'ce', 'cosine', ...METRICS.keys()];
  throw new ConvforgeError('UNSUPPORTED', unknownName('metric', name, known));
}

/** With those of the options that it has; others, such as 'dtype' in Keras's files, don't matter here. */
function metricFromConfig(name: string, config: Readonly<Record<string, unknown>>): Metric {
  const make = metricFunction(name);
  const known = ['name', ...Object.keys(make().getConfig())];
  return make(Object.fromEntries(Object.entries(config).filter(([key]) => known.includes(key))));
}

/** Whether all but its key in logs is as its function makes it. */
export function hasDefaultOptions(metric: Metric): boolean {
  const { name: _, ...config } = metric.getConfig();
  const plain = metricFunction(metric.name)().getConfig();
  return Object.keys(config).every((key) => config[key] === plain[key]);
}

/** As TF.js resolves it: by the form of the targets, and binary where each output is a class of its own. */
function accuracy(loss: LossDescription, outputShape: SampleShape): Metric {
  const name = 'acc';
  if (loss.kind === 'sparseCategoricalCrossentropy') return metrics.sparseCategoricalAccuracy({ name });
  if (!isBinary(loss, outputShape)) return metrics.categoricalAccuracy({ name });
  // The sigmoid of a logit above 0 is above 0.5.
  return metrics.binaryAccuracy({ name, threshold: loss.fromLogits ? 0 : 0.5 });
}

function crossentropy(loss: LossDescription, outputShape: SampleShape): Metric {
  const options = { name: 'crossentropy', fromLogits: loss.fromLogits ?? false };
  if (loss.kind === 'sparseCategoricalCrossentropy')
    return metrics.sparseCategoricalCrossentropy({ ...options, ignoreClass: loss.ignoreClass });
  if (isBinary(loss, outputShape)) return metrics.binaryCrossentropy(options);
  return metrics.categoricalCrossentropy(options);
}

function isBinary({ kind }: LossDescription, outputShape: SampleShape): boolean {
  const isBinaryLoss = kind === 'binaryCrossentropy' || kind === 'binaryFocalCrossentropy';
  return isBinaryLoss || outputShape[outputShape.length - 1] === 1;
}

/** Whether the targets are classes; undefined where they may be either. */
function takesClasses({ description }: Metric): boolean | undefined {
  if (description.kind === 'classCounts' || description.kind === 'scoreCounts') return undefined;
  if (description.kind === 'mean') return description.loss.kind === 'sparseCategoricalCrossentropy';
  return description.kind.startsWith('sparse');
}

/** One set of targets serves loss and metrics: classes, or values of the outputs' shape. */
function checkTargets(metric: Metric, loss: LossDescription): void {
  const lossTakesClasses = loss.kind === 'sparseCategoricalCrossentropy';
  const metricTakesClasses = takesClasses(metric) ?? lossTakesClasses;
  if (lossTakesClasses === metricTakesClasses) return;
  const [metricTakes, lossTakes] = metricTakesClasses
    ? ['whole-number classes', "values of the outputs' shape"]
    : ["values of the outputs' shape", 'whole-number classes'];
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `The metric ${metric.name} takes ${metricTakes}, but the loss ${loss.kind} takes ${lossTakes}; 'accuracy' chooses the one that fits.`,
  );
}
