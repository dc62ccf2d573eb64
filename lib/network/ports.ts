import { ConvforgeError } from '../errors.js';
import type { SampleShape } from '../layers/shapes.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { isPlainObject, OptionChecks, show, unknownName } from '../options.js';
import type { Shape } from '../program/description.js';
import { Tensor, type TensorLike } from '../tensor/index.js';

/** What goes in or comes out of a model. */
export interface ModelPort {
  /** That of the layer that gives it; with "_1" and so on behind it where one layer gives several. */
  name: string;
  /** Of one sample; null for sizes that may be any. */
  shape: SampleShape;
}

/** The same, for data at hand. */
export interface KnownPort extends ModelPort {
  shape: Shape;
}

/** What goes in and what comes out. */
export interface Signature {
  /** In the order in which lists of data are given. */
  inputs: readonly ModelPort[];
  /** In the order in which lists of targets are given and predictions come. */
  outputs: readonly ModelPort[];
}

/** Names and shapes; of several values of one layer, the second is called "name_1" and so on. */
export function modelPorts(tensors: readonly SymbolicTensor[]): ModelPort[] {
  const seen = new Map<string, number>();
  return tensors.map(({ name, sampleShape }) => {
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    return { name: number === 0 ? name : `${name}_${number}`, shape: sampleShape };
  });
}

/** Data for a model: one value where it has one input (or output), else a list in their order, or values by their names. */
export type DataLike = TensorLike | readonly TensorLike[] | Readonly<Record<string, TensorLike>>;

/** A value for each of `ports`, with what messages call it. Throws INVALID_ARGUMENT or UNKNOWN_OPTION if one is missing or too many. */
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
