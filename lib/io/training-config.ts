import type { LayersModel } from '../models/index.js';
import { kerasClassName } from '../class-names.js';
import { isDefaultLoss, lossConfig, lossFromConfig } from '../losses/registry.js';
import type { Metric } from '../metrics/index.js';
import { isDefaultMetric } from '../metrics/registry.js';
import type { Optimizer } from '../optimizers/index.js';
import { show } from '../options.js';
import type { LossDescription } from '../program/description.js';
import type { CompileOptions, Compiled } from '../training/compile.js';
import { fromPythonCase, snakeWords } from './casing.js';
import { blaming, corrupt } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** What compile settled, as TF.js writes it: its optimizers' options stay in camelCase. Several outputs have lists, null for no loss. */
export function writeTrainingConfig({ outputs, optimizer }: Compiled): JsonObject {
  const losses = outputs.map((output) => output && writeLoss(output.loss));
  const metrics = outputs.map((output) => (output ? output.metrics.map(writeMetric) : []));
  const weights = outputs.map((output) => output?.weight ?? 1);
  return {
    loss: losses.length === 1 ? losses[0] : losses,
    metrics: metrics.length === 1 ? metrics[0] : metrics,
    ...(weights.some((weight) => weight !== 1) && { loss_weights: weights }),
    optimizer_config: writeOptimizer(optimizer),
  };
}

/** A name; with options, which TF.js can't write, an object as Keras has it. */
function writeMetric(metric: Metric): unknown {
  if (metric.logKey === 'acc' && metric.name.endsWith('Accuracy')) return 'accuracy';
  if (isDefaultMetric(metric)) return snakeWords(metric.name);
  return { class_name: metric.getClassName(), config: snakeKeys(metric.getConfig()) };
}

/** As a metric. */
function writeLoss(loss: LossDescription): unknown {
  if (isDefaultLoss(loss)) return snakeWords(loss.kind);
  return { class_name: kerasClassName(loss.kind), config: snakeKeys(lossConfig(loss)) };
}

function snakeKeys(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [snakeWords(key), value]));
}

/** SGD with momentum is a class of its own in TF.js, and RMSProp has other names for its class and its rho. */
function writeOptimizer(optimizer: Optimizer): JsonObject {
  const className = optimizer.getClassName();
  const config = optimizer.getConfig();
  if (className === 'RMSprop') {
    const { rho, ...rest } = config;
    return { class_name: 'RMSProp', config: { ...rest, decay: rho } };
  }
  if (className !== 'SGD') return { class_name: className, config };
  const { momentum, nesterov, ...rest } = config;
  if (momentum === 0) return { class_name: 'SGD', config: rest };
  return { class_name: 'Momentum', config: { ...rest, momentum, useNesterov: nesterov } };
}

/** Compiles the model as the file's trainingConfig says; false if it has none. */
export function readTrainingConfig(path: string, json: JsonObject, model: LayersModel): boolean {
  const written = json.trainingConfig;
  if (written === undefined || written === null) return false;
  if (!isObject(written)) throw corrupt(path, 'trainingConfig is no object');
  const config = fromPythonCase(path, written);
  if (!isObject(config.optimizerConfig)) throw corrupt(path, 'trainingConfig has no optimizer_config');
  const options = {
    loss: Array.isArray(config.loss)
      ? config.loss.map((loss) => (loss === null ? null : readLoss(path, loss)))
      : readLoss(path, config.loss),
    ...(config.lossWeights !== undefined &&
      config.lossWeights !== null && { lossWeights: config.lossWeights }),
    metrics: config.metrics ?? [],
    optimizer: readOptimizer(path, config.optimizerConfig),
  } as CompileOptions;
  blaming(path, () => model.compile(options));
  return true;
}

function readLoss(path: string, loss: unknown): unknown {
  if (typeof loss === 'string') return loss;
  if (!isObject(loss) || typeof loss.className !== 'string') throw corrupt(path, `the loss is ${show(loss)}`);
  const { className, config } = loss;
  return blaming(path, () => lossFromConfig(className, isObject(config) ? config : {}));
}

function readOptimizer(path: string, written: JsonObject): { className: string; config: JsonObject } {
  const { className, config = {} } = written;
  if (typeof className !== 'string' || !isObject(config)) {
    throw corrupt(path, 'optimizer_config has no class_name and config');
  }
  if (className === 'Momentum') {
    const { useNesterov = false, ...rest } = config;
    return { className: 'SGD', config: { ...rest, nesterov: useNesterov } };
  }
  if (className === 'RMSProp') {
    const { decay, ...rest } = config;
    return { className, config: { ...rest, rho: decay } };
  }
  if (className === 'Adamax' && config.decay === 0) {
    const { decay, ...rest } = config;
    return { className, config: rest };
  }
  return { className, config };
}
