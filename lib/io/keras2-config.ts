import { unsupported } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';
import { isOperator } from './read-operator.js';

/**
 * A model's config as Keras 2 writes it, from that of Keras 3: references are lists, and a nested model's uses count
 * from 1. Throws UNSUPPORTED for operators, and for what Keras 2 computes otherwise.
 */
export function keras2Config(file: string, model: JsonObject): JsonObject {
  const refused: string[] = [];
  const written = entryOf(model, refused);
  if (refused.length === 0) return written;
  throw unsupported(
    file,
    `an .h5 file can't have these layers: ${refused.join(', ')}; save to .keras instead`,
  );
}

/** Layers for which readers of Keras 2's files, this one too, have other formulas. */
const DIFFERENT: ReadonlySet<unknown> = new Set(['CenterCrop', 'Dot', 'Resizing']);

function entryOf(entry: JsonObject, refused: string[]): JsonObject {
  const { class_name: className, config } = entry;
  if (!isObject(config)) return entry;
  const { name } = config;
  if (isOperator(entry)) refused.push(`'${name}' (the operator ${className})`);
  else if (differs(className, config)) refused.push(`'${name}' (Keras 2 has another formula)`);
  if (className === 'InputLayer') {
    const { batch_shape: shape, dtype } = config;
    return {
      class_name: className,
      config: { batch_input_shape: shape, dtype, sparse: false, ragged: false, name },
    };
  }
  if (Array.isArray(config.layers)) return { class_name: className, config: graphOf(config, refused) };
  return { class_name: className, config: optionsOf(className, config, refused) };
}

function differs(className: unknown, { activation, interpolation }: JsonObject): boolean {
  if (activation === 'hard_sigmoid' || DIFFERENT.has(className)) return true;
  return className === 'UpSampling2D' && interpolation !== 'nearest';
}

function optionsOf(className: unknown, config: JsonObject, refused: string[]): JsonObject {
  const { negative_slope: alpha, data_format: format, ...rest } = config;
  if (className === 'LeakyReLU') return { ...rest, alpha };
  // Keras 2 has the last axis for the channels there.
  if (/^Random/.test(String(className)) && format !== 'channels_first') return rest;
  if (!isObject(config.layer)) return config;
  const inner = config.layer;
  // Keras 3 finds the class of an inner layer by its module.
  const module = isObject(inner.config) && !Array.isArray(inner.config.layers) && { module: 'keras.layers' };
  return {
    ...config,
    layer: { ...entryOf(inner, refused), ...(module && { ...module, registered_name: null }) },
  };
}

function graphOf(config: JsonObject, refused: string[]): JsonObject {
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
    const written = entryOf(entry, refused);
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
