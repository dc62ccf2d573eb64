import { OptionChecks, show } from '../options.js';
import { maximum, type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { runNode } from './run-node.js';

/** max(x, 0): float32, or int32 of whole numbers. */
export function relu(x: TensorLike): Tensor {
  const given = toTensor(x, 'relu: x');
  return given.dtype === 'float32' ? activate('relu', given) : maximum(given, 0);
}

/** 1 / (1 + e^-x); float32. */
export function sigmoid(x: TensorLike): Tensor {
  return activate('sigmoid', x);
}

/** The hyperbolic tangent; float32. */
export function tanh(x: TensorLike): Tensor {
  return activate('tanh', x);
}

/**
 * e^x over the sum of e^x along the last axis; float32.
 * @param dim The last axis, or -1 (the default).
 * @throws UNSUPPORTED for another axis.
 */
export function softmax(logits: TensorLike, dim = -1): Tensor {
  checkLastAxis('softmax', logits, 'dim', dim);
  return activate('softmax', logits);
}

/**
 * x - log(sum of e^x) along the last axis; float32.
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
    `${name} is ${show(axis)}; only the last axis is there: transpose the logits.`,
  );
}

/** The last axis is a sample, which is right for softmax and for what works by element. */
function activate(kind: 'relu' | 'sigmoid' | 'tanh' | 'softmax' | 'logSoftmax', value: TensorLike): Tensor {
  const x = toTensor(value, `${kind}: x`);
  if (x.size === 0) return x.toFloat();
  const width = x.shape[x.rank - 1] ?? 1;
  const node = { op: 'activation', attributes: { kind }, shape: [width] } as const;
  return runNode(node, x, x.size / width, [width], kind).reshape(x.shape);
}
