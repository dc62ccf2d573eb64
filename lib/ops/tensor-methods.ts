import { Tensor, type TensorLike } from '../tensor/index.js';
import { logSoftmax, relu, sigmoid, softmax, tanh } from './activations.js';
import { dot, matMul } from './mat-mul.js';

/*
 * The methods of tensors that engines compute. They are added here, since tensors themselves know of no engine.
 */

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** See ops.matMul. */
    matMul(other: TensorLike, transposeA?: boolean, transposeB?: boolean): Tensor;
    /** See ops.dot. */
    dot(other: TensorLike): Tensor;
    /** max(x, 0) by element. */
    relu(): Tensor;
    /** 1 / (1 + e^-x) by element. */
    sigmoid(): Tensor;
    /** The hyperbolic tangent by element. */
    tanh(): Tensor;
    /** Along the last axis. */
    softmax(dim?: number): Tensor;
    /** Along the last axis. */
    logSoftmax(axis?: number): Tensor;
  }
}

Tensor.prototype.matMul = function (this: Tensor, other, transposeA, transposeB) {
  return matMul(this, other, transposeA, transposeB);
};
Tensor.prototype.dot = function (this: Tensor, other) {
  return dot(this, other);
};
Tensor.prototype.relu = function (this: Tensor) {
  return relu(this);
};
Tensor.prototype.sigmoid = function (this: Tensor) {
  return sigmoid(this);
};
Tensor.prototype.tanh = function (this: Tensor) {
  return tanh(this);
};
Tensor.prototype.softmax = function (this: Tensor, dim) {
  return softmax(this, dim);
};
Tensor.prototype.logSoftmax = function (this: Tensor, axis) {
  return logSoftmax(this, axis);
};
