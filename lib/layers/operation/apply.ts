import { ConvforgeError } from '../../errors.js';
import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import { sizeOf } from '../../tensor/shapes.js';
import { SymbolicTensor } from '../symbolic-tensor.js';
import { giveToStores } from '../weight-store.js';
import { Operation } from './operation.js';
import { type ConstantOption, definitionOf, isOperation } from './options.js';

/** A tensor that an operation takes as a weight. The operation keeps `values`, which nobody may change. */
export interface OperationConstant {
  readonly shape: Shape;
  /** The elements, row-major. */
  readonly values: Float32Array;
  /** Whether training updates it. */
  readonly trainable: boolean;
  /** The name of the weight. Default: "constant", "constant_1"... */
  readonly name?: string;
}

/** An argument of an operation. */
export type OperationInput = SymbolicTensor | OperationConstant | number;

/** Options of {@link applyOperation}. */
export interface OperationCallOptions {
  /** The name of the layer. Default: the op and a number, "mul_1". */
  name?: string;
}

/**
 * Makes the layer for a function of tensors, applies it, and returns its outputs. Axes count the batch, which is
 * axis 0. Sizes in attributes may be expressions: see `SizeExpression`. Throws UNSUPPORTED for an unknown op or
 * one over the batch, and else what the function of that name throws.
 */
export function applyOperation(
  op: string,
  inputs: readonly OperationInput[],
  attributes: Readonly<Record<string, unknown>> = {},
  { name }: OperationCallOptions = {},
): readonly SymbolicTensor[] {
  const values = inputs.filter((each) => each instanceof SymbolicTensor);
  if (values.length === 0)
    throw new ConvforgeError('INVALID_ARGUMENT', `${op}: no argument is a value of a model.`);
  const { constants, given, attributes: all } = readConstants(op, inputs, attributes);
  const layer = new Operation({
    op,
    attributes: all,
    inputs: values.length,
    constants,
    ...(name && { name }),
  });
  layer.apply(values.length === 1 ? values[0] : values);
  if (given.length > 0) giveToStores(new Map([[layer.stores[0], given]]));
  return layer.nodes[0].outputs;
}

interface ReadConstants {
  constants: ConstantOption[];
  /** The values of those that are weights. */
  given: Float32Array[];
  attributes: Readonly<Record<string, unknown>>;
}

/** Sorts the arguments that are no values of the model: numbers, weights, and tensors that are attributes. */
function readConstants(
  op: string,
  inputs: readonly OperationInput[],
  attributes: Readonly<Record<string, unknown>>,
): ReadConstants {
  const read: ReadConstants = { constants: [], given: [], attributes };
  const asAttributes = isOperation(op) ? definitionOf(op).constants : undefined;
  for (const [position, input] of inputs.entries()) {
    if (input instanceof SymbolicTensor) continue;
    const attribute = asAttributes?.[position];
    const { shape, values, trainable, name } = asConstant(op, input);
    if (attribute) {
      const more = { [attribute]: [...values], [`${attribute}Shape`]: [...shape] };
      read.attributes = { ...read.attributes, ...more };
    } else if (typeof input === 'number' && Number.isFinite(input)) {
      read.constants.push({ position, value: input });
    } else {
      read.constants.push({ position, shape, trainable, ...(name !== undefined && { name }) });
      read.given.push(values);
    }
  }
  return read;
}

/** A number as a tensor, which JSON has no text for if it isn't finite. */
function asConstant(op: string, input: OperationConstant | number): OperationConstant {
  if (typeof input === 'number') return { shape: [], values: Float32Array.of(input), trainable: false };
  if (input.values.length === sizeOf(input.shape)) return input;
  throw new ConvforgeError(
    'SHAPE_MISMATCH',
    `${op}: a tensor of ${show(input.shape)} has ${input.values.length} values.`,
  );
}
