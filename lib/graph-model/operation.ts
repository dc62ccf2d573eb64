import { errorsNaming } from '../io/failures.js';
import { applyOperation, type OperationInput } from '../layers/operation/index.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { NodeUse } from './node-use.js';
import { numbersOf, type Size, sizeText, type Value } from './values.js';

/** Operations whose constants of one axis are weights of layers: what batch normalization and biases leave. */
const TRAINED: ReadonlySet<string> = new Set(['add', 'mul', 'prelu']);

/**
 * Makes a layer of an operation. `attributesOf` gets a function that writes a size as an attribute: a number, or
 * an expression in the sizes of the operation's inputs.
 */
export function operation(
  use: NodeUse,
  op: string,
  inputs: readonly (Value | number)[],
  attributesOf: (write: (size: Size) => unknown) => Record<string, unknown> = () => ({}),
  name = use.nameOf(),
): readonly SymbolicTensor[] {
  if (inputs.length === 0 || inputs.includes(undefined as never)) return use.corrupt('an input is missing');
  const args = inputs.map((input) => (typeof input === 'number' ? input : argument(use, op, input)));
  const write = (size: Size): unknown => {
    if (typeof size === 'number') return size;
    if ('compute' in size) return { [size.compute]: size.operands.map(write) };
    if (!args.includes(size.tensor)) args.push(size.tensor);
    return { size: [args.indexOf(size.tensor), size.axis] };
  };
  const attributes = attributesOf(write);
  return errorsNaming(use.graph.path, () => applyOperation(op, args, attributes, { name }));
}

function argument(use: NodeUse, op: string, value: Value): OperationInput {
  if (value.kind === 'computed') return value.tensor;
  if (value.kind === 'blocks') return use.fail('it is between SpaceToBatchND and BatchToSpaceND');
  if (!numbersOf(value)) {
    const size = Array.from(value.values).find((each) => typeof each !== 'number');
    return use.fail(`it computes with ${sizeText(size ?? 0)}`);
  }
  const { shape, values } = use.asWeight(value);
  if (shape.length === 0) return values[0];
  return { shape, values, trainable: TRAINED.has(op) && (shape.length === 1 || op === 'prelu') };
}
