import { isLayerClass } from '../layers/registry.js';
import { corrupt, unsupported } from './failures.js';
import { Operator, type OperatorInput, type OperatorStep } from './keras-operator.js';
import { isKnownOperator, stepsOf } from './keras-operators.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** An entry of a layer that an operator becomes. */
export interface OperatorEntry {
  className: string;
  name: string;
  inboundNodes: readonly JsonObject[];
  config: JsonObject;
  /** The values of its constants. */
  values?: readonly Float32Array[];
}

/**
 * Whether an entry of Keras 3 is an operator of `keras.ops`, such as the one of `x + y`. In HDF5, entries don't say
 * their module; those of layers have `trainable`.
 */
export function isOperator(entry: JsonObject): boolean {
  const { module, config } = entry;
  const className = entry.class_name ?? entry.className;
  if (typeof module === 'string') return /\.ops\./.test(module);
  const [node] = nodesOf(entry);
  if (typeof className !== 'string' || !isObject(config) || !isObject(node)) return false;
  return (
    'args' in node && !('trainable' in config) && (isKnownOperator(className) || !isLayerClass(className))
  );
}

/** Operators that the layer of the same name computes, which TF.js knows. */
const LAYERS: ReadonlySet<string> = new Set(['Add', 'Subtract', 'Multiply', 'Maximum', 'Minimum']);

/** The entries of an operator, the last of which has its name. Throws UNSUPPORTED, CORRUPT_FILE. */
export function readOperator(path: string, entry: JsonObject, className: string): OperatorEntry[] {
  const { name } = entry;
  if (typeof name !== 'string') throw corrupt(path, `an operator ${className} has no name`);
  const nodes = nodesOf(entry);
  const fail = (problem: string): never => {
    throw unsupported(path, `the operator '${name}' (${className}) ${problem}`);
  };
  if (!isKnownOperator(className)) fail("isn't here");
  if (nodes.length !== 1) fail(`is used ${nodes.length} times; it must be once`);
  const config = isObject(entry.config) ? entry.config : {};
  const operator = new Operator(config, nodes[0], fail);
  const steps = stepsOf(className, operator);
  const inputs = steps.flatMap((step) => step.inputs);
  if (!inputs.some((input) => typeof input === 'object' && 'tensor' in input))
    fail('takes no value of the model');
  if (LAYERS.has(className) && areAlike(operator, inputs)) {
    return [{ className, name, config: { name }, inboundNodes: [nodeOf(inputs, [])] }];
  }
  const names = steps.map((_, i) => (i === steps.length - 1 ? name : `${name}/${i + 1}`));
  return steps.map((step, i) => stepEntry(step, names[i], names));
}

function nodesOf(entry: JsonObject): readonly unknown[] {
  const nodes = entry.inbound_nodes ?? entry.inboundNodes;
  return Array.isArray(nodes) ? nodes : [];
}

/** Whether inputs are values of as many axes, which the layer takes as the operator does. */
function areAlike(operator: Operator, inputs: readonly OperatorInput[]): boolean {
  const ranks = inputs.map((input) =>
    typeof input === 'object' && 'tensor' in input ? operator.shapeOf(input).length : undefined,
  );
  return ranks.every((rank) => rank !== undefined && rank === ranks[0]);
}

function stepEntry(
  { op, layer, options = {}, inputs }: OperatorStep,
  name: string,
  names: readonly string[],
): OperatorEntry {
  const inboundNodes = [nodeOf(inputs, names)];
  if (layer !== undefined) return { className: layer, name, config: { ...options, name }, inboundNodes };
  const constants: JsonObject[] = [];
  const values: Float32Array[] = [];
  for (const [position, input] of inputs.entries()) {
    if (typeof input === 'object' && !('constant' in input)) continue;
    if (typeof input === 'number' && Number.isFinite(input)) {
      constants.push({ position, value: input });
      continue;
    }
    const isNumber = typeof input === 'number';
    constants.push({ position, shape: isNumber ? [] : [...input.constant.shape] });
    values.push(isNumber ? Float32Array.of(input) : input.constant.values);
  }
  const config: JsonObject = {
    name,
    op,
    attributes: options,
    inputs: inputs.length - constants.length,
    ...(constants.length > 0 && { constants }),
  };
  return { className: 'Operation', name, config, inboundNodes, ...(values.length > 0 && { values }) };
}

/** The use of a step, as Keras 3 writes that of a layer. */
function nodeOf(inputs: readonly OperatorInput[], names: readonly string[]): JsonObject {
  const tensors = inputs.flatMap((input): JsonObject[] => {
    if (typeof input === 'number' || 'constant' in input) return [];
    if ('tensor' in input) return [input.tensor];
    const history = [names[input.step], 0, input.output ?? 0];
    return [{ class_name: '__keras_tensor__', config: { keras_history: history } }];
  });
  return { args: [tensors], kwargs: {} };
}
