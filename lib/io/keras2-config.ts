import { isObject, type JsonObject } from './read-model-json.js';

/**
 * A model's config as Keras 2 writes it, from that of Keras 3 without operators: references are lists, and a nested
 * model's uses count from 1.
 */
export function keras2Config(entry: JsonObject): JsonObject {
  const { class_name: className, config } = entry;
  if (!isObject(config)) return entry;
  if (className === 'InputLayer') {
    const { batch_shape: shape, dtype, name } = config;
    return {
      class_name: className,
      config: { batch_input_shape: shape, dtype, sparse: false, ragged: false, name },
    };
  }
  if (Array.isArray(config.layers)) return { class_name: className, config: graphOf(config) };
  return { class_name: className, config: optionsOf(className, config) };
}

function optionsOf(className: unknown, config: JsonObject): JsonObject {
  const { negative_slope: alpha, data_format: format, ...rest } = config;
  if (className === 'LeakyReLU') return { ...rest, alpha };
  // Keras 2 has the last axis for the channels there.
  if (/^Random/.test(String(className)) && format !== 'channels_first') {
    const { value_range: _, ...others } = rest;
    return className === 'RandomContrast' ? others : rest;
  }
  if (!isObject(config.layer)) return config;
  const inner = config.layer;
  // Keras 3 finds the class of an inner layer by its module.
  const module = isObject(inner.config) && !Array.isArray(inner.config.layers) && { module: 'keras.layers' };
  return {
    ...config,
    layer: { ...keras2Config(inner), ...(module && { ...module, registered_name: null }) },
  };
}

function graphOf(config: JsonObject): JsonObject {
  const entries = config.layers as JsonObject[];
  // Keras 2 counts the uses of a model in another from 1. Keras 3 does so for a graph that is an output alone.
  const classes = new Map(
    entries.flatMap(({ name, class_name: className, config: own }): [unknown, unknown][] =>
      isObject(own) && Array.isArray(own.layers) ? [[name, className]] : [],
    ),
  );
  const reference = ([name, use, output]: readonly unknown[], isOutput: boolean) => {
    const isLess = classes.has(name) && !(isOutput && classes.get(name) === 'Functional');
    return [name, isLess ? (use as number) + 1 : use, output];
  };
  const layers = entries.map((entry) => {
    const written = keras2Config(entry);
    if (!Array.isArray(entry.inbound_nodes)) return written;
    const nodes = (entry.inbound_nodes as JsonObject[]).map(({ args, kwargs }) =>
      (args as unknown[]).flat().flatMap((tensor) => {
        const config = isObject(tensor) && isObject(tensor.config) ? tensor.config : {};
        const history = config.keras_history;
        return Array.isArray(history) ? [[...reference(history, false), kwargs]] : [];
      }),
    );
    return { ...written, name: entry.name, inbound_nodes: nodes };
  });
  if (config.input_layers === undefined) return { ...config, layers };
  const listed = (given: unknown) => {
    const list = given as unknown[];
    return typeof list[0] === 'string' ? [list] : (list as unknown[][]);
  };
  return {
    ...config,
    layers,
    input_layers: listed(config.input_layers),
    output_layers: listed(config.output_layers).map((each) => reference(each, true)),
  };
}
