import type { Optimizer } from '../optimizers/index.js';
import { show } from '../options.js';
import { corrupt } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Options that each optimizer has in TF.js, by convforge's names. */
const TFJS_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  SGD: ['learningRate', 'momentum', 'nesterov'],
  Adam: ['learningRate', 'beta1', 'beta2', 'epsilon'],
  Adamax: ['learningRate', 'beta1', 'beta2', 'epsilon'],
  RMSprop: ['learningRate', 'rho', 'momentum', 'epsilon', 'centered'],
  Adagrad: ['learningRate', 'initialAccumulatorValue', 'epsilon'],
  Adadelta: ['learningRate', 'rho', 'epsilon'],
};

/** Fixed epsilon of TF.js's Adagrad. */
const ADAGRAD_EPSILON = 1e-7;

/**
 * Prefix of the class of an optimizer that TF.js can't express. TF.js then refuses the class instead of
 * training differently.
 */
const OWN = 'convforge>';

/**
 * Writes an optimizer's class and options, whose names stay in camelCase, as TF.js does. One that TF.js can't
 * express with these options is called 'convforge>Adam' and so on.
 */
export function writeOptimizer(optimizer: Optimizer): JsonObject {
  const className = optimizer.getClassName();
  const config = className === 'Adamax' ? decayOf(optimizer.getConfig()) : optimizer.getConfig();
  if (!Object.hasOwn(TFJS_OPTIONS, className)) return { class_name: className, config };
  if (!isTfjs(className, config)) return { class_name: `${OWN}${className}`, config: optimizer.getConfig() };
  if (className === 'RMSprop') {
    const { rho, ...rest } = config;
    return { class_name: 'RMSProp', config: { ...rest, decay: rho } };
  }
  if (className === 'Adagrad') {
    const { epsilon, ...rest } = config;
    return { class_name: className, config: rest };
  }
  if (className !== 'SGD') return { class_name: className, config };
  const { momentum, nesterov, ...rest } = config;
  if (momentum === 0) return { class_name: 'SGD', config: rest };
  return { class_name: 'Momentum', config: { ...rest, momentum, useNesterov: nesterov } };
}

function isTfjs(className: string, { decay, ...config }: JsonObject): boolean {
  if (!Object.keys(config).every((option) => TFJS_OPTIONS[className].includes(option))) return false;
  if (className === 'Adagrad' && config.epsilon !== ADAGRAD_EPSILON) return false;
  return typeof config.learningRate === 'number';
}

/**
 * Turns the schedule rate / (1 + decay * step) of an Adamax config into TF.js's option `decay`. Returns other
 * configs unchanged.
 */
function decayOf(config: JsonObject): JsonObject {
  const { learningRate } = config;
  if (!isObject(learningRate) || learningRate.className !== 'InverseTimeDecay') return config;
  const { initialLearningRate, decaySteps, decayRate, staircase } = learningRate.config as JsonObject;
  if (decaySteps !== 1 || staircase) return config;
  return { ...config, learningRate: initialLearningRate, decay: decayRate };
}

/** Reads a file's optimizer_config, in camelCase, into what getOptimizer takes. Throws CORRUPT_FILE. */
export function readOptimizer(path: string, written: JsonObject): { className: string; config: JsonObject } {
  const { className, config = {} } = written;
  if (typeof className !== 'string' || !isObject(config)) {
    throw corrupt(path, 'optimizer_config has no class_name and config');
  }
  if (className.startsWith(OWN)) return { className: className.slice(OWN.length), config };
  if (className === 'Momentum') {
    const { useNesterov, momentum, ...rest } = config;
    // Nesterov's look-ahead needs momentum.
    return {
      className: 'SGD',
      config: { ...rest, momentum, nesterov: useNesterov === true && momentum !== 0 },
    };
  }
  if (className === 'RMSProp') {
    const { decay, ...rest } = config;
    return { className, config: { ...rest, rho: decay } };
  }
  if (className === 'Adamax' && config.decay !== undefined)
    return { className, config: readDecay(path, config) };
  return { className, config };
}

function readDecay(path: string, { decay, learningRate, ...rest }: JsonObject): JsonObject {
  if (decay === 0) return { ...rest, learningRate };
  if (typeof decay !== 'number') throw corrupt(path, `the optimizer's decay is ${show(decay)}`);
  const schedule = { initialLearningRate: learningRate, decaySteps: 1, decayRate: decay };
  return { ...rest, learningRate: { className: 'InverseTimeDecay', config: schedule } };
}
