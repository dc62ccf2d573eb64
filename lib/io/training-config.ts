import { lossFromConfig } from '../losses/registry.js';
import { show } from '../options.js';
import type { CompileOptions } from '../network/compile.js';
import { fromPythonCase } from './casing.js';
import { blaming, corrupt } from './failures.js';
import { readOptimizer } from './optimizer-config.js';
import { isObject, type JsonObject } from './read-model-json.js';

/**
 * How to compile the model, as the file's trainingConfig says; undefined if it has none. Losses, metrics and weights may be by output:
 * the names of outputs stay as they are.
 */
export function readTrainingConfig(path: string, json: JsonObject): CompileOptions | undefined {
  const written = json.trainingConfig;
  if (written === undefined || written === null) return undefined;
  if (!isObject(written)) throw corrupt(path, 'trainingConfig is no object');
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

/** A loss, or by output a list (null for none) or an object. */
function readLosses(path: string, written: unknown): unknown {
  const read = (loss: unknown) => (loss === null ? null : readLoss(path, loss));
  if (Array.isArray(written)) return written.map(read);
  return isByOutput(written) ? mapValues(written, read) : readLoss(path, written);
}

function readLoss(path: string, written: unknown): unknown {
  if (typeof written === 'string') return written;
  const { className, config } = readClass(path, written) ?? {};
  if (className === undefined) throw corrupt(path, `the loss is ${show(written)}`);
  return blaming(path, () => lossFromConfig(className, config ?? {}));
}

/** A metric, a list of them, or by output a list or an object of these. */
function readMetrics(path: string, written: unknown): unknown {
  if (Array.isArray(written)) return written.map((each) => readMetrics(path, each));
  if (isByOutput(written)) return mapValues(written, (each) => readMetrics(path, each));
  return readClass(path, written) ?? written;
}

/** A list by output of lists. */
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

/** {class_name, config} of a loss or a metric; undefined if it is none. */
function readClass(path: string, written: unknown): { className: string; config?: JsonObject } | undefined {
  if (!isObject(written)) return undefined;
  const { className, config } = fromPythonCase(path, written);
  if (typeof className !== 'string') return undefined;
  return { className, ...(isObject(config) && { config }) };
}
