import { ConvforgeError } from '../errors.js';
import type { SampleShape } from '../layers/shapes.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { isPlainObject, OptionChecks, show, unknownName } from '../options.js';
import type { Shape } from '../program/description.js';
import { Tensor, type TensorLike } from '../tensor/index.js';

/** An input or output of a model. */
export interface ModelPort {
  /** Name of the layer that produces it. If one layer produces several, the second is "name_1" and so on. */
  name: string;
  /** Shape of one sample; null for sizes that may vary. */
  shape: SampleShape;
}

/** An input or output for given data: all sizes are known. */
export interface KnownPort extends ModelPort {
  shape: Shape;
}

/** Inputs and outputs of a model. */
export interface Signature {
  /** Inputs, in the order in which lists of data are given. */
  inputs: readonly ModelPort[];
  /** Outputs, in the order of targets and predictions in lists. */
  outputs: readonly ModelPort[];
}

/** Names and shapes of inputs or outputs. Further values of the same layer are called "name_1" and so on. */
export function modelPorts(tensors: readonly SymbolicTensor[]): ModelPort[] {
  const seen = new Map<string, number>();
  return tensors.map(({ name, sampleShape }) => {
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    return { name: number === 0 ? name : `${name}_${number}`, shape: sampleShape };
  });
}

/**
 * Data for a model's inputs or outputs: one value if there is one, else a list in their order, or an object
 * by their names.
 */
export type DataLike = TensorLike | readonly TensorLike[] | Readonly<Record<string, TensorLike>>;

/**
 * Finds the value for each of `ports`, and its name for messages. Throws INVALID_ARGUMENT or UNKNOWN_OPTION
 * for missing and extra values.
 */
export function valuesByPort(
  value: DataLike,
  ports: readonly ModelPort[],
  what: string,
): { value: TensorLike; what: string }[] {
  refuseDataset(what, value);
  if (isPlainObject(value)) {
    const byName = value as Readonly<Record<string, TensorLike>>;
    const names = ports.map(({ name }) => name);
    const unknown = Object.keys(value).find((key) => !names.includes(key));
    if (unknown !== undefined)
      throw new ConvforgeError('UNKNOWN_OPTION', `${what}: ${unknownName('value', unknown, names)}`);
    return ports.map(({ name }) => {
      if (!Object.hasOwn(value, name)) fail(what, `there is no value for '${name}'`, ports);
      return { value: byName[name], what: `${what}.${name}` };
    });
  }
  if (ports.length === 1) {
    const isList = Array.isArray(value) && value.length === 1 && value[0] instanceof Tensor;
    return [{ value: isList ? value[0] : (value as TensorLike), what }];
  }
  if (!Array.isArray(value) || value.length !== ports.length) {
    const given = Array.isArray(value) ? `it has ${value.length} values` : `it is ${show(value)}`;
    fail(what, given, ports);
  }
  return (value as readonly TensorLike[]).map((each, i) => ({ value: each, what: `${what}[${i}]` }));
}

function refuseDataset(what: string, value: unknown): void {
  if (value === null || typeof value !== 'object' || !(Symbol.asyncIterator in value)) return;
  new OptionChecks(what).fail(
    'INVALID_ARGUMENT',
    `${show(value)} is read batch by batch: give it to fitDataset, evaluateDataset or predictDataset.`,
  );
}

function fail(what: string, problem: string, ports: readonly ModelPort[]): never {
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `${what}: ${problem}; the model takes ${ports.length}: ${ports.map(({ name }) => name).join(', ')}. Give a list in this order, or an object by name.`,
  );
}
