import { functionName } from '../class-names.js';
import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import type { LossDescription } from '../program/description.js';
import type { Serialized } from '../serialized.js';
import type { Spelled } from '../spelling.js';
import type { SampleShape } from '../tensor/shapes.js';
import * as metrics from './list.js';
import { Metric } from './metric.js';

/** The name of a metric. */
export type MetricName = 'accuracy' | 'acc' | 'crossentropy' | 'ce' | 'cosine' | keyof typeof FUNCTIONS;

/**
 * A metric's name, a function of `metrics`, its result, or a class name and config. 'accuracy' ('acc') and
 * 'crossentropy' ('ce') stand for the metric that fits the loss and the outputs, and 'cosine' for
 * cosineProximity.
 */
export type MetricIdentifier = Spelled<MetricName> | (() => Metric) | Metric | Serialized;

type MetricFunction = (options?: Readonly<Record<string, unknown>>) => Metric;

const { Metric: _class, confusionMatrix: _matrix, ...FUNCTIONS } = metrics;
const METRICS: ReadonlyMap<string, MetricFunction> = new Map(Object.entries(FUNCTIONS));

/**
 * Makes a metric for an output. `outputShape` is without the batch. Throws UNSUPPORTED for an unknown name,
 * INVALID_ARGUMENT for a value that is no metric, or for a metric that needs other targets than the loss or
 * another output.
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

/** Counts by class need the same number of classes in every batch. */
function checkClasses({ name, description }: Metric, outputShape: SampleShape): void {
  if (description.kind !== 'classCounts' || outputShape[outputShape.length - 1] !== null) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `The metric ${name} counts by class, but the number of classes isn't known: the output is [${outputShape.map(String).join(', ')}].`,
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

/**
 * Makes a metric from a file's name and config. Ignores options that it lacks, such as 'dtype' of Keras's
 * files.
 */
function metricFromConfig(name: string, config: Readonly<Record<string, unknown>>): Metric {
  const make = metricFunction(name);
  const known = ['name', ...Object.keys(make().getConfig())];
  return make(Object.fromEntries(Object.entries(config).filter(([key]) => known.includes(key))));
}

/** Whether the metric has default options, apart from its key in logs. */
export function hasDefaultOptions(metric: Metric): boolean {
  const { name: _, ...config } = metric.getConfig();
  const plain = metricFunction(metric.name)().getConfig();
  return Object.keys(config).every((key) => config[key] === plain[key]);
}

/**
 * Chooses the accuracy as TF.js does: by the form of the targets, and binary if each output is a class of its
 * own.
 */
function accuracy(loss: LossDescription, outputShape: SampleShape): Metric {
  const name = 'acc';
  if (loss.kind === 'sparseCategoricalCrossentropy') return metrics.sparseCategoricalAccuracy({ name });
  if (!isBinary(loss, outputShape)) return metrics.categoricalAccuracy({ name });
  // The sigmoid is above 0.5 for a logit above 0.
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

/** Whether the targets are classes; undefined if they may be either. */
function takesClasses({ description }: Metric): boolean | undefined {
  if (description.kind === 'classCounts' || description.kind === 'scoreCounts') return undefined;
  if (description.kind === 'mean') return description.loss.kind === 'sparseCategoricalCrossentropy';
  return description.kind.startsWith('sparse');
}

/** The loss and the metrics share one set of targets: classes, or values of the outputs' shape. */
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
