import { OptionChecks, show } from '../options.js';
import { maximum, type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { runNode } from './run-node.js';

/** The rectified linear unit, max(x, 0). The result is int32 for whole numbers, else float32. */
export function relu(x: TensorLike): Tensor {
  const given = toTensor(x, 'relu: x');
  return given.dtype === 'float32' ? activate('relu', given) : maximum(given, 0);
}

/** The logistic function, 1 / (1 + e^-x). The result is float32. */
export function sigmoid(x: TensorLike): Tensor {
  return activate('sigmoid', x);
}

/** The hyperbolic tangent. The result is float32. */
export function tanh(x: TensorLike): Tensor {
  return activate('tanh', x);
}

/**
 * The softmax along the last axis: e^x / sum of e^x. The result is float32.
 *
 * @param dim The last axis, or -1 (the default).
 * @throws UNSUPPORTED for another axis.
 */
export function softmax(logits: TensorLike, dim = -1): Tensor {
  checkLastAxis('softmax', logits, 'dim', dim);
  return activate('softmax', logits);
}

/**
 * The logarithm of the softmax along the last axis: x - log(sum of e^x). The result is float32.
 *
 * @param axis The last axis, or -1 (the default).
 * @throws UNSUPPORTED for another axis.
 */
export function logSoftmax(logits: TensorLike, axis = -1): Tensor {
  checkLastAxis('logSoftmax', logits, 'axis', axis);
  return activate('logSoftmax', logits);
}

function checkLastAxis(what: string, logits: TensorLike, name: string, axis: number): void {
  if (axis === -1 || axis === toTensor(logits, `${what}: logits`).rank - 1) return;
  new OptionChecks(what).fail(
    'UNSUPPORTED',
    `${name} is ${show(axis)}; only the last axis is supported: transpose the logits.`,
  );
}

/**
 * Runs the activation with each row of the last axis as a sample. That is right for softmax and for
 * elementwise functions.
 */
function activate(kind: 'relu' | 'sigmoid' | 'tanh' | 'softmax' | 'logSoftmax', value: TensorLike): Tensor {
  const x = toTensor(value, `${kind}: x`);
  if (x.size === 0) return x.toFloat();
  const width = x.shape[x.rank - 1] ?? 1;
  const node = { op: 'activation', attributes: { kind } } as const;
  return runNode(node, x, x.size / width, [width], kind).reshape(x.shape);
}
