import { erf as errorFunction } from '../program/reference-engine/error-function.js';
import { combine, mapElements } from '../tensor/elementwise.js';
import { OptionChecks, show } from '../options.js';
import { type GraphAttributes, type GraphValue, inGraph, isGraphValue } from '../tensor/graph.js';
import type { Operand, Operated } from '../tensor/tensor-like.js';
import type { SampleShape } from '../tensor/shapes.js';
import { maximum, type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { runNode } from './run-node.js';

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** The rectified linear unit, max(x, 0). The result is int32 for whole numbers, else float32. */
export function relu(x: TensorLike): Tensor;
export function relu<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function relu(x: Operand): Operated {
  if (isGraphValue(x)) return activate('relu', x);
  const given = toTensor(x, 'relu: x');
  return given.dtype === 'float32' ? activate('relu', given) : maximum(given, 0);
}

/** The logistic function, 1 / (1 + e^-x). The result is float32. */
export function sigmoid(x: TensorLike): Tensor;
export function sigmoid<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function sigmoid(x: Operand): Operated {
  return activate('sigmoid', x);
}

/** The hyperbolic tangent. The result is float32. */
export function tanh(x: TensorLike): Tensor;
export function tanh<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function tanh(x: Operand): Operated {
  return activate('tanh', x);
}

/**
 * The softmax along the last axis: e^x / sum of e^x. The result is float32.
 *
 * @param dim The last axis, or -1 (the default).
 * @throws UNSUPPORTED for another axis.
 */
export function softmax(logits: TensorLike, dim?: number): Tensor;
export function softmax<S extends SampleShape>(logits: GraphValue<S>, dim?: number): GraphValue<S>;
export function softmax(logits: Operand, dim = -1): Operated {
  if (isGraphValue(logits)) return activate('softmax', logits, { axis: dim });
  checkLastAxis('softmax', logits, 'dim', dim);
  return activate('softmax', logits);
}

/**
 * The logarithm of the softmax along the last axis: x - log(sum of e^x). The result is float32.
 *
 * @param axis The last axis, or -1 (the default).
 * @throws UNSUPPORTED for another axis.
 */
export function logSoftmax(logits: TensorLike, axis?: number): Tensor;
export function logSoftmax<S extends SampleShape>(logits: GraphValue<S>, axis?: number): GraphValue<S>;
export function logSoftmax(logits: Operand, axis = -1): Operated {
  if (isGraphValue(logits)) return activate('logSoftmax', logits, { axis });
  checkLastAxis('logSoftmax', logits, 'axis', axis);
  return activate('logSoftmax', logits);
}

/** The rectified linear unit up to 6, min(max(x, 0), 6). The result is float32. */
export function relu6(x: TensorLike): Tensor;
export function relu6<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function relu6(x: Operand): Operated {
  return mapElements(x, 'float32', 'relu6', (value) => Math.min(Math.max(value, 0), 6));
}

/** The exponential linear unit: x where x > 0, else e^x - 1. The result is float32. */
export function elu(x: TensorLike): Tensor;
export function elu<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function elu(x: Operand): Operated {
  return mapElements(x, 'float32', 'elu', (value) => (value > 0 ? value : Math.expm1(value)));
}

/** The scaled exponential linear unit: 1.0507 x where x > 0, else 1.7581 (e^x - 1). The result is float32. */
export function selu(x: TensorLike): Tensor;
export function selu<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function selu(x: Operand): Operated {
  return mapElements(x, 'float32', 'selu', (value) =>
    value > 0 ? SELU_SCALE * value : SELU_SCALE * SELU_ALPHA * Math.expm1(value),
  );
}

/** The smooth rectifier, log(1 + e^x). The result is float32. */
export function softplus(x: TensorLike): Tensor;
export function softplus<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function softplus(x: Operand): Operated {
  return mapElements(
    x,
    'float32',
    'softplus',
    (value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))),
  );
}

/** The error function. The result is float32. */
export function erf(x: TensorLike): Tensor;
export function erf<S extends SampleShape>(x: GraphValue<S>): GraphValue<S>;
export function erf(x: Operand): Operated {
  return mapElements(x, 'float32', 'erf', errorFunction);
}

/** The leaky rectifier: x where x > 0, else alpha x. The result is float32. */
export function leakyRelu(x: TensorLike, alpha?: number): Tensor;
export function leakyRelu<S extends SampleShape>(x: GraphValue<S>, alpha?: number): GraphValue<S>;
export function leakyRelu(x: Operand, alpha = 0.2): Operated {
  const made = inGraph('leakyRelu', [x], { alpha });
  return made ?? mapElements(x, 'float32', 'leakyRelu', (value) => (value > 0 ? value : alpha * value));
}

/** x where x > 0, else alpha x. Alpha broadcasts to x. The result is float32. */
export function prelu(x: TensorLike, alpha: TensorLike): Tensor;
export function prelu<S extends SampleShape>(x: GraphValue<S>, alpha: TensorLike): GraphValue<S>;
export function prelu(x: Operand, alpha: TensorLike): Operated {
  return combine(x, alpha, 'float32', 'prelu', (value, slope) => (value > 0 ? value : slope * value));
}

function checkLastAxis(what: string, logits: TensorLike, name: string, axis: number): void {
  if (axis === -1 || axis === toTensor(logits, `${what}: logits`).rank - 1) return;
  new OptionChecks(what).fail(
    'UNSUPPORTED',
    `${name} is ${show(axis)}; only the last axis is supported: transpose the logits.`,
  );
}

type Kind = 'relu' | 'sigmoid' | 'tanh' | 'softmax' | 'logSoftmax';

/**
 * Makes the operation of a value of a model, or runs the activation with each row of the last axis as a sample.
 * That is right for softmax and for elementwise functions.
 */
function activate(kind: Kind, value: Operand, attributes: GraphAttributes = {}): Operated {
  const made = inGraph(kind, [value], attributes);
  if (made) return made;
  const x = toTensor(value as TensorLike, `${kind}: x`);
  if (x.size === 0) return x.toFloat();
  const width = x.shape[x.rank - 1] ?? 1;
  const node = { op: 'activation', attributes: { kind } } as const;
  return runNode(node, x, x.size / width, [width], kind).reshape(x.shape);
}
