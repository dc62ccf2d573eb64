import { type GraphAttributes, OPERATE } from '../../tensor/graph.js';
import type { SampleShape } from '../../tensor/shapes.js';
import { type Tensor, type TensorLike, toTensor } from '../../tensor/index.js';
import { isFloat32Array } from '../../realms.js';
import { SymbolicTensor } from '../symbolic-tensor.js';
import { applyOperation, type OperationInput } from './apply.js';

declare module '../../tensor/graph.js' {
  interface GraphTypes<S extends SampleShape> {
    /** The type of values of that shape. */
    readonly value: SymbolicTensor<S>;
  }
}

/** Applies a function of tensors to values of a model, numbers and tensors. */
function operate(
  op: string,
  args: readonly unknown[],
  attributes: GraphAttributes,
): readonly SymbolicTensor[] {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const inputs = args.map((argument, i) => asInput(argument, `${op}: argument ${i + 1}`));
  return applyOperation(op, inputs, Object.fromEntries(given));
}

function asInput(argument: unknown, what: string): OperationInput {
  if (argument instanceof SymbolicTensor || typeof argument === 'number') return argument;
  const tensor: Tensor = toTensor(argument as TensorLike, what);
  const values = tensor.dataSync();
  if (tensor.rank === 0) return values[0];
  // A copy, since the caller may change or dispose of the tensor's values.
  return {
    shape: tensor.shape,
    values: isFloat32Array(values) ? values.slice() : Float32Array.from(values),
    trainable: false,
  };
}

Object.defineProperty(SymbolicTensor.prototype, OPERATE, { value: operate });
