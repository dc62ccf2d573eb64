import { kerasClassName } from '../class-names.js';
import { isDefaultLoss, lossConfig, lossFromConfig } from '../losses/registry.js';
import type { Metric } from '../metrics/index.js';
import { getMetric, hasDefaultOptions, type MetricIdentifier } from '../metrics/registry.js';
import type { CompiledOutput, CompileOptions } from '../network/compile.js';
import type { Model } from '../network/model.js';
import { show } from '../options.js';
import type { LossDescription } from '../program/description.js';
import { fromPythonCase, snakeWords } from './casing.js';
import { errorsNaming, corrupt } from './failures.js';
import { readOptimizer, writeOptimizer } from './optimizer-config.js';
import { isObject, type JsonObject } from './read-model-json.js';
import { tfjsLoss, tfjsMetric } from './tfjs-names.js';

/**
 * Reads compile options from the file's trainingConfig; undefined if it has none. Losses, metrics and weights
 * may be objects by output; names of outputs keep their case.
 */
export function readTrainingConfig(path: string, json: JsonObject): CompileOptions | undefined {
  const written = json.trainingConfig;
  if (written === undefined || written === null) return undefined;
  if (!isObject(written)) throw corrupt(path, 'trainingConfig is not an object');
  const { optimizerConfig } = fromPythonCase(path, written);
  if (!isObject(optimizerConfig)) throw corrupt(path, 'trainingConfig has no optimizer_config');
  const own = isObject(written.convforge) ? written.convforge : {};
  const weights = written.loss_weights;
  return {
    loss: own.loss === undefined ? readLosses(path, written.loss) : readLosses(path, own.loss),
    ...(weights !== undefined && weights !== null && { lossWeights: weights }),
    metrics:
      own.metrics === undefined ? readMetrics(path, written.metrics ?? []) : readOwn(path, own.metrics),
    optimizer: readOptimizer(path, optimizerConfig),
  } as CompileOptions;
}

/** Reads one loss, or the losses of several outputs: a list (null for none) or an object. */
function readLosses(path: string, written: unknown): unknown {
  const read = (loss: unknown) => (loss === null ? null : readLoss(path, loss));
  if (Array.isArray(written)) return written.map(read);
  return isByOutput(written) ? mapValues(written, read) : readLoss(path, written);
}

function readLoss(path: string, written: unknown): unknown {
  if (typeof written === 'string') return written;
  const { className, config } = readClass(path, written) ?? {};
  if (className === undefined) throw corrupt(path, `the loss is ${show(written)}`);
  return errorsNaming(path, () => lossFromConfig(className, config ?? {}));
}

/** Reads a metric, a list of metrics, or, for several outputs, a list or an object of these. */
function readMetrics(path: string, written: unknown): unknown {
  if (Array.isArray(written)) return written.map((each) => readMetrics(path, each));
  if (isByOutput(written)) return mapValues(written, (each) => readMetrics(path, each));
  return readClass(path, written) ?? written;
}

/** Reads a list of metrics for each output. */
function readOwn(path: string, written: unknown): unknown {
  const metrics = readMetrics(path, written);
  return Array.isArray(metrics) && metrics.length === 1 ? metrics[0] : metrics;
}

function isByOutput(written: unknown): written is JsonObject {
  return isObject(written) && typeof written.class_name !== 'string';
}

function mapValues(record: JsonObject, read: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, read(value)]));
}

/** Reads {class_name, config} of a loss or a metric; undefined for anything else. */
function readClass(path: string, written: unknown): { className: string; config?: JsonObject } | undefined {
  if (!isObject(written)) return undefined;
  const { className, config } = fromPythonCase(path, written);
  if (typeof className !== 'string') return undefined;
  return { className, ...(isObject(config) && { config }) };
}

type Outputs = readonly (CompiledOutput | null)[];

/**
 * Writes the compilation as TF.js does. Options that TF.js's names can't express are written in full once
 * more under `convforge`, which TF.js ignores. TF.js refuses such a loss by its name, and skips metrics that
 * it lacks.
 */
export function writeTrainingConfig(model: Model): JsonObject {
  const { outputs, optimizer } = model.compiled;
  const weights = outputs.map((output) => output?.weight ?? 1);
  const own = {
    ...(outputs.some((output) => output && !isDefaultLoss(output.loss)) && {
      loss: outputs.map((output) => output && describeLoss(output.loss)),
    }),
    ...(!metricsAreNamed(model) && {
      metrics: outputs.map((output) => output?.metrics.map(describeMetric) ?? []),
    }),
  };
  return {
    loss: writeLosses(outputs),
    metrics: writeMetrics(outputs),
    ...(weights.some((weight) => weight !== 1) && { loss_weights: weights }),
    optimizer_config: writeOptimizer(optimizer),
    ...(Object.keys(own).length > 0 && { convforge: own }),
  };
}

/**
 * Writes the loss of the only output, a list for several, or an object if an output has none, as TF.js knows
 * no null.
 */
function writeLosses(outputs: Outputs): unknown {
  const trained = outputs.filter((output) => output !== null);
  if (trained.length < outputs.length)
    return Object.fromEntries(trained.map(({ name, loss }) => [name, lossName(loss)]));
  const losses = trained.map(({ loss }) => lossName(loss));
  return losses.length === 1 ? losses[0] : losses;
}

/** TF.js's name of a loss. If TF.js lacks the loss, a name that it doesn't know. */
function lossName(loss: LossDescription): string {
  const name = tfjsLoss(loss);
  if (name !== undefined) return snakeWords(name);
  return isDefaultLoss(loss) ? snakeWords(loss.kind) : `convforge>${snakeWords(loss.kind)}`;
}

/**
 * Writes the metrics that TF.js has: one list for all outputs, or lists by name; TF.js keeps the case of the
 * latter.
 */
function writeMetrics(outputs: Outputs): unknown {
  const names = outputs.map((output) => output?.metrics.map(metricName).filter((name) => name !== undefined));
  const [first = []] = names;
  if (names.every((list) => list?.join() === first.join())) return first.map(snakeWords);
  return Object.fromEntries(outputs.flatMap((output, i) => (output ? [[output.name, names[i]]] : [])));
}

function metricName(metric: Metric): string | undefined {
  if (metric.logKey === 'acc' && metric.name.endsWith('Accuracy')) return 'accuracy';
  if (metric.logKey === 'crossentropy') return 'crossentropy';
  return tfjsMetric(metric);
}

/** Whether reading TF.js's names of the model's metrics gives the same metrics. */
function metricsAreNamed(model: Model): boolean {
  return model.compiled.outputs.every(
    (output, i) =>
      output?.metrics.every((metric) => {
        const name = metricName(metric);
        if (name === undefined) return false;
        const read = getMetric(name as MetricIdentifier, output.loss, model.signature.outputs[i].shape);
        return JSON.stringify(describeMetric(read)) === JSON.stringify(describeMetric(metric));
      }) ?? true,
  );
}

/** Writes a metric as its name or, with options, as an object, as Keras does. */
function describeMetric(metric: Metric): unknown {
  const config = metric.getConfig();
  if (hasDefaultOptions(metric) && config.name === undefined) return snakeWords(metric.name);
  return { class_name: metric.getClassName(), config: snakeKeys(config) };
}

/** Writes a loss as its name or, with options, as an object, as Keras does. */
function describeLoss(loss: LossDescription): unknown {
  if (isDefaultLoss(loss)) return snakeWords(loss.kind);
  return { class_name: kerasClassName(loss.kind), config: snakeKeys(lossConfig(loss)) };
}

function snakeKeys(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [snakeWords(key), value]));
}
