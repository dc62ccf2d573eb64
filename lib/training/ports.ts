import { ConvforgeError } from '../errors.js';
import type { ModelPort } from '../models/model-ports.js';
import { isPlainObject, OptionChecks, show, unknownName } from '../options.js';
import { Tensor, type TensorLike } from '../tensor/index.js';

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
