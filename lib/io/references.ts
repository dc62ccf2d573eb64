import type { ApplyOptions } from '../layers/symbolic-tensor.js';
import type { Reference } from '../network/saved-config.js';
import { show } from '../options.js';
import { corrupt, unsupported } from './failures.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** How to read a file's references. */
export interface ReferenceReader {
  /** Path of the file, for errors. */
  path: string;
  /** Whether to honor `training` in calls of layers. Keras 3 writes it but ignores it. */
  readsTraining: boolean;
}

/**
 * Reads the inputs of each use of a layer. TF.js and Keras 2 write lists of [layer, use, output, options];
 * Keras 3 writes {args, kwargs} with tensors that have such a list as their history.
 */
export function readNodes(reader: ReferenceReader, nodes: unknown, layer: string): Reference[][] {
  return readList(reader.path, nodes, 'inbound_nodes').map((node) =>
    isObject(node) ? readKeras3Node(reader, node, layer) : readReferences(reader, node, layer),
  );
}

/**
 * Reads [["conv2d_1", 0, 0, {}], ...]. A single reference may stand without the outer list. Keras may give
 * several by name.
 */
export function readReferences(reader: ReferenceReader, value: unknown, layer = 'the model'): Reference[] {
  if (isObject(value)) return sortedValues(value).flatMap((each) => readReferences(reader, each, layer));
  const list = readList(reader.path, value, 'a list of layers');
  const references = typeof list[0] === 'string' ? [list] : list;
  return references.map((reference) => readReference(reader, reference, layer));
}

function readReference(reader: ReferenceReader, reference: unknown, layer: string): Reference {
  const { path } = reader;
  const [name, use, output, options] = readList(path, reference, 'a reference to a layer');
  if (name === '_CONSTANT_VALUE')
    throw unsupported(path, `the layer '${layer}' takes a constant, ${show(output)}`);
  const isIndex = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (typeof name !== 'string' || !isIndex(use) || !isIndex(output)) {
    throw corrupt(path, `${show(reference)} refers to no value; it must be [layer, use, output]`);
  }
  return [name, use as number, output as number, readOptions(reader, options, layer)];
}

/** Reads {args: [tensor or list of tensors], kwargs}. */
function readKeras3Node(reader: ReferenceReader, { args, kwargs }: JsonObject, layer: string): Reference[] {
  const { inputs, ...options } = isObject(kwargs) ? kwargs : {};
  const given = [...readList(reader.path, args, 'args'), ...(inputs === undefined ? [] : [inputs])];
  const call = readOptions(reader, options, layer);
  const references = given.flatMap((each) => readTensors(reader, each, layer));
  return references.map(([name, use, output]) => [name, use, output, call]);
}

function readTensors(reader: ReferenceReader, value: unknown, layer: string): Reference[] {
  if (Array.isArray(value)) return value.flatMap((each) => readTensors(reader, each, layer));
  if (isObject(value) && value.class_name === '__keras_tensor__') {
    const history = isObject(value.config) ? value.config.keras_history : undefined;
    return [readReference(reader, history, layer)];
  }
  if (isObject(value) && value.class_name === undefined) {
    return sortedValues(value).flatMap((each) => readTensors(reader, each, layer));
  }
  throw unsupported(
    reader.path,
    `the layer '${layer}' takes ${show(value)}, which is not the output of another layer`,
  );
}

function readOptions(reader: ReferenceReader, options: unknown, layer: string): ApplyOptions {
  const call: ApplyOptions = {};
  for (const [key, value] of Object.entries(isObject(options) ? options : {})) {
    if (value === null) continue;
    const isFlag = typeof value === 'boolean' || value === 0 || value === 1;
    if (key !== 'training' || !isFlag) {
      throw unsupported(reader.path, `the layer '${layer}' is called with ${key} ${show(value)}`);
    }
    if (reader.readsTraining) call.training = Boolean(value);
  }
  return call;
}

/** Values in the alphabetic order of their names, in which Python visits several inputs or outputs. */
function sortedValues(value: JsonObject): unknown[] {
  return Object.keys(value)
    .sort()
    .map((key) => value[key]);
}

export function readList(path: string, value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw corrupt(path, `${what} is ${show(value)}; it must be a list`);
}
