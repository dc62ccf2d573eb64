import { ConvforgeError } from '../errors.js';
import type { SizeExpression as OperationSize } from '../layers/operation/index.js';
import { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { Constant } from './constants.js';
import { isExpression, type Size } from './sizes.js';

/** What an operation takes: a value, a number or a constant. */
export type OperationArgument = SymbolicTensor | number | (Constant & { readonly isTrainable?: boolean });

interface WrittenSizes {
  values: readonly OperationArgument[];
  written: Readonly<Record<string, unknown>>;
}

/**
 * Writes the sizes in attributes as operations take them: by inputs. Values whose sizes alone matter become further
 * inputs.
 */
export function writeSizes(
  inputs: readonly OperationArgument[],
  attributes: Readonly<Record<string, unknown>>,
): WrittenSizes {
  const values = [...inputs];
  const indexOf = (tensor: SymbolicTensor) => {
    const index = values.indexOf(tensor);
    return index < 0 ? values.push(tensor) - 1 : index;
  };
  const batch = values.findIndex((each) => each instanceof SymbolicTensor);
  const write = (size: Size): OperationSize => {
    if (!isExpression(size)) return size;
    if (size.kind === 'batch') return { size: [batch, 0] };
    if (size.kind === 'size') return { size: [indexOf(size.tensor), size.axis + 1] };
    if (size.kind === 'sample')
      throw new ConvforgeError('UNSUPPORTED', 'it takes the index of a sample for a size');
    return { [size.kind]: [write(size.left), write(size.right)] };
  };
  const writeAny = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(writeAny);
    return typeof value === 'object' && value !== null && 'key' in value ? write(value as Size) : value;
  };
  const written = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, writeAny(value)]),
  );
  return { values, written };
}
