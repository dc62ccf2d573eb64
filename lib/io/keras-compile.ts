import { kerasClassName } from '../class-names.js';
import { isDefaultLoss, lossConfig } from '../losses/registry.js';
import type { Metric } from '../metrics/index.js';
import type { Model } from '../network/model.js';
import type { LossDescription } from '../program/description.js';
import { snakeWords, toPythonCase } from './casing.js';
import { unsupported } from './failures.js';
import type { KerasVersion } from './keras-config.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Keras's names of options that differ from ours in snake_case. */
const OPTIONS: Readonly<Record<string, string>> = {
  beta1: 'beta_1',
  beta2: 'beta_2',
  clip_norm: 'clipnorm',
  clip_value: 'clipvalue',
  global_clip_norm: 'global_clipnorm',
};

/** Schedules, losses and metrics that Keras lacks. */
const ABSENT: ReadonlySet<string> = new Set([
  'CosineProximity',
  'Huber',
  'LogCosh',
  'OneCycle',
  'halfSquaredError',
]);
const ADVICE = 'compile without it, or save with includeOptimizer: false';

/**
 * Writes optimizer, losses and metrics as Keras 3's compile_config. Throws UNSUPPORTED for those that Keras lacks;
 * NOT_COMPILED.
 *
 * @param file The file's name in messages.
 */
export function writeKerasCompile(file: string, model: Model, version: KerasVersion = 3): JsonObject {
  const { outputs, optimizer } = model.compiled;
  const losses = outputs.map((output) => output && writeLoss(file, output.loss));
  const metrics = outputs.map(
    (output) => output?.metrics.map((metric) => writeMetric(file, metric, version)) ?? [],
  );
  const weights = outputs.map((output) => output?.weight ?? 1);
  const isSingle = outputs.length === 1;
  return {
    optimizer: {
      module: 'keras.optimizers',
      class_name: optimizer.getClassName(),
      config: optimizerConfig(file, optimizer.getConfig()),
      registered_name: null,
    },
    loss: isSingle ? losses[0] : losses,
    loss_weights: weights.every((weight) => weight === 1) ? null : weights,
    metrics: isSingle ? metrics[0] : metrics,
    weighted_metrics: null,
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: 'auto',
  };
}

/** Optimizers, and options of them, that Keras 3 has and Keras 2 lacks. */
const NOT_IN_KERAS_2: ReadonlySet<string> = new Set(['Lion', 'gradient_accumulation_steps']);

/**
 * Writes optimizer, losses and metrics as Keras 2's training_config, which has no modules. Throws as
 * writeKerasCompile does.
 */
export function writeKeras2Training(file: string, model: Model): JsonObject {
  const { loss, loss_weights, metrics, optimizer } = withoutModules(
    writeKerasCompile(file, model, 2),
  ) as JsonObject;
  const { class_name: className, config } = optimizer as { class_name: string; config: JsonObject };
  const missing = [className, ...Object.keys(config)].find((name) => NOT_IN_KERAS_2.has(name));
  if (missing !== undefined)
    throw unsupported(file, `Keras 2 has no ${missing}; save to .keras, or ${ADVICE}`);
  return {
    loss,
    metrics,
    weighted_metrics: null,
    loss_weights,
    optimizer_config: { class_name: className, config: { ...config, is_legacy_optimizer: false } },
  };
}

function withoutModules(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutModules);
  if (!isObject(value)) return value;
  const { module, registered_name, ...rest } = value;
  return Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, withoutModules(each)]));
}

function optimizerConfig(file: string, given: JsonObject): JsonObject {
  const config: JsonObject = {};
  for (const [key, value] of Object.entries(toPythonCase(given)))
    config[Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : key] = value;
  const { learning_rate: rate } = config;
  if (!isObject(rate)) return config;
  const className = String(rate.class_name);
  if (ABSENT.has(className)) throw unsupported(file, `Keras has no schedule ${className}; ${ADVICE}`);
  config.learning_rate = { module: 'keras.optimizers.schedules', ...rate, registered_name: null };
  return config;
}

function writeLoss(file: string, loss: LossDescription): unknown {
  const name = snakeWords(loss.kind);
  if (ABSENT.has(loss.kind)) throw unsupported(file, `Keras has no loss ${name}; ${ADVICE}`);
  if (isDefaultLoss(loss)) return name;
  const className = kerasClassName(loss.kind);
  const config = snakeKeys(lossConfig(loss));
  return { module: 'keras.losses', class_name: className, config, registered_name: null };
}

function writeMetric(file: string, metric: Metric, version: KerasVersion): unknown {
  if (metric.logKey === 'acc' && metric.name.endsWith('Accuracy')) {
    // When tf-keras loads the plain name, it takes classes for one-hot.
    return version === 3
      ? 'accuracy'
      : { class_name: kerasClassName(metric.name), config: { name: 'accuracy' } };
  }
  const className = metric.getClassName();
  if (ABSENT.has(className)) throw unsupported(file, `Keras has no metric ${className}; ${ADVICE}`);
  const config = snakeKeys(metric.getConfig());
  return { module: 'keras.metrics', class_name: className, config, registered_name: null };
}

function snakeKeys(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => (value === undefined ? [] : [[snakeWords(key), value]])),
  );
}
