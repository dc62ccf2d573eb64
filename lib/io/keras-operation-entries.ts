import type { Shape } from '../program/description.js';
import { nested } from './keras-shape-operations.js';
import type { KerasStep } from './operation-use.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** A constant among the arguments of an operation, as Keras writes it. */
export interface Operand {
  position: number;
  operand: JsonObject | number;
}

/** A value of the model, as Keras writes it: [layer, use, output] gives it. */
export function kerasTensor(
  shape: readonly (number | null)[],
  history: readonly [string, number, number],
): JsonObject {
  return { class_name: '__keras_tensor__', config: { shape, dtype: 'float32', keras_history: history } };
}

export function constantTensor(shape: Shape, values: Float32Array): JsonObject {
  return { class_name: '__tensor__', config: { value: nested(values, shape), dtype: 'float32' } };
}

/** The arguments of a use: values of the model, and constants at their positions. */
export function withConstants(
  tensors: readonly JsonObject[],
  constants: readonly Operand[],
): (JsonObject | number)[] {
  const args: (JsonObject | number)[] = [...tensors];
  for (const { position, operand } of constants) args.splice(position, 0, operand);
  return args;
}

/** Names for the steps of an operation, the last of which has its own. Adds them to those that are taken. */
export function freeNames(name: string, count: number, taken: Set<string>): string[] {
  const names: string[] = [];
  for (let number = 1; names.length < count - 1; number++) {
    const free = `${name}_${number}`;
    if (taken.has(free)) continue;
    taken.add(free);
    names.push(free);
  }
  return [...names, name];
}

/** The entries of an operation, one for each step. `uses` has the arguments of each use. */
export function operationEntries(
  steps: readonly KerasStep[],
  names: readonly string[],
  uses: readonly (readonly (JsonObject | number)[])[],
): JsonObject[] {
  return steps.map(({ className, module = 'numpy', config, args, kwargs = {} }, i) => ({
    module: `keras.src.ops.${module}`,
    class_name: className,
    config: { name: names[i], ...config },
    registered_name: className,
    name: names[i],
    inbound_nodes: uses.map((given, use) => ({
      args: args.map((argument) => written(argument, given, names, use)),
      kwargs,
    })),
  }));
}

/** An argument of a step with what it refers to. */
function written(
  argument: unknown,
  given: readonly (JsonObject | number)[],
  names: readonly string[],
  use: number,
): unknown {
  if (Array.isArray(argument)) return argument.map((each) => written(each, given, names, use));
  if (!isObject(argument)) return argument;
  if (typeof argument.argument === 'number') return given[argument.argument];
  if (typeof argument.step !== 'number') return argument;
  return kerasTensor([], [names[argument.step], use, 0]);
}
