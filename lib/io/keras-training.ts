import { corrupt } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Keys of an optimizer's config that change nothing here. */
const IGNORED: ReadonlySet<string> = new Set([
  'name',
  'jit_compile',
  'is_legacy_optimizer',
  'loss_scale_factor',
]);

/** Keras's spellings of options. */
const RENAMED: Readonly<Record<string, string>> = {
  lr: 'learning_rate',
  clipnorm: 'clip_norm',
  clipvalue: 'clip_value',
  global_clipnorm: 'global_clip_norm',
};

/** Options that count only with use_ema; Keras writes them always. */
const OF_AVERAGES: ReadonlySet<string> = new Set(['ema_momentum', 'ema_overwrite_frequency']);

/** Rewrites the compile settings of Keras 2 or 3 in the form that a model.json has. Throws CORRUPT_FILE. */
export function kerasTraining(file: string, written: JsonObject): JsonObject {
  const optimizer = unscaled(written.optimizer ?? written.optimizer_config);
  if (!isObject(optimizer) || !isObject(optimizer.config) || typeof optimizer.class_name !== 'string') {
    throw corrupt(file, 'the compile settings have no optimizer with class_name and config');
  }
  const { loss, loss_weights, metrics } = written;
  return {
    loss,
    metrics: namedMetrics(metrics) ?? [],
    ...(loss_weights !== null && loss_weights !== undefined && { loss_weights }),
    optimizer_config: {
      class_name: optimizer.class_name.replace(/^Custom>/, ''),
      config: optimizerConfig(optimizer.config),
    },
  };
}

function optimizerConfig(given: JsonObject): JsonObject {
  const { decay, ...rest } = given;
  const config: JsonObject = {};
  for (const [key, value] of Object.entries(rest)) {
    if (value === null || IGNORED.has(key) || (OF_AVERAGES.has(key) && rest.use_ema !== true)) continue;
    config[Object.hasOwn(RENAMED, key) ? RENAMED[key] : key] = value;
  }
  const { learning_rate: rate } = config;
  if (isObject(rate) && isObject(rate.config)) {
    const { name: _, ...schedule } = rate.config;
    config.learning_rate = { class_name: rate.class_name, config: withoutNulls(schedule) };
  }
  if (typeof decay !== 'number' || decay === 0) return config;
  const schedule = { initial_learning_rate: rate, decay_steps: 1, decay_rate: decay };
  return { ...config, learning_rate: { class_name: 'InverseTimeDecay', config: schedule } };
}

/** The optimizer inside one that scales losses, which mixed precision needs alone. */
function unscaled(optimizer: unknown): unknown {
  if (!isObject(optimizer) || !isObject(optimizer.config)) return optimizer;
  const { class_name: className, config } = optimizer;
  return /^(Custom>)?LossScaleOptimizer/.test(String(className)) ? config.inner_optimizer : optimizer;
}

function withoutNulls(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
}

/** Whether this class stands for 'accuracy' if it has that name. */
function isAccuracy(className: unknown): boolean {
  return /^(MeanMetricWrapper|(Sparse)?CategoricalAccuracy|BinaryAccuracy)$/.test(String(className));
}

/** Metrics with the function's name in the place of tf-keras's wrapper around it. */
function namedMetrics(written: unknown): unknown {
  if (Array.isArray(written)) {
    const named = written.map(namedMetrics);
    return named.length === 1 && Array.isArray(named[0]) ? named[0] : named;
  }
  if (!isObject(written)) return written;
  const { class_name: className, config } = written;
  if (isAccuracy(className) && isObject(config) && config.name === 'accuracy') return 'accuracy';
  if (className === 'MeanMetricWrapper' && isObject(config) && typeof config.fn === 'string')
    return config.fn;
  if (className !== undefined)
    return isObject(config) ? { ...written, config: withoutNulls(config) } : written;
  return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, namedMetrics(value)]));
}
