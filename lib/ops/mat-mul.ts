import { ConvforgeError } from '../errors.js';
import { showShape } from '../tensor/shapes.js';
import { concat, type Tensor, type TensorLike, toTensor, unstack, zeros } from '../tensor/index.js';
import { runNode } from './run-node.js';

/**
 * The product of matrices, a [n, k] and b [k, m]: float32 [n, m]. With more axes in front, [..., n, k] and [..., k, m], of each pair.
 * @param transposeA Whether a is given as [..., k, n].
 * @param transposeB Whether b is given as [..., m, k].
 * @throws SHAPE_MISMATCH
 */
export function matMul(a: TensorLike, b: TensorLike, transposeA = false, transposeB = false): Tensor {
  const left = asGiven(toTensor(a, 'matMul: a'), transposeA);
  const right = asGiven(toTensor(b, 'matMul: b'), transposeB);
  const batch = left.shape.slice(0, -2);
  const isFit =
    left.rank >= 2 &&
    left.rank === right.rank &&
    batch.every((size, axis) => size === right.shape[axis]) &&
    left.shape[left.rank - 1] === right.shape[right.rank - 2];
  if (!isFit) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `matMul: ${showShape(left.shape)} and ${showShape(right.shape)} can't be multiplied; they must be [..., n, k] and [..., k, m].`,
    );
  }
  const [n, k, m] = [left.shape[left.rank - 2], left.shape[left.rank - 1], right.shape[right.rank - 1]];
  const shape = [...batch, n, m];
  if (left.size === 0 || right.size === 0) return zeros(shape);
  const lefts = left.toFloat().reshape([left.size / (n * k), n, k]);
  const rights = right.toFloat().reshape([lefts.shape[0], k, m]);
  const products = unstack(rights).map((matrix, i) => product(lefts.slice(i, 1).reshape([n, k]), matrix));
  return concat(products).reshape(shape);
}

/** The product of two vectors (a scalar), of a matrix and a vector, of a vector and a matrix, or of two matrices; float32. */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  const [left, right] = [toTensor(a, 'dot: a'), toTensor(b, 'dot: b')];
  const made = matMul(
    left.rank === 1 ? left.expandDims(0) : left,
    right.rank === 1 ? right.expandDims(1) : right,
  );
  return made.reshape([
    ...(left.rank === 1 ? [] : left.shape.slice(0, 1)),
    ...(right.rank === 1 ? [] : right.shape.slice(1)),
  ]);
}

function asGiven(tensor: Tensor, isTransposed: boolean): Tensor {
  if (!isTransposed || tensor.rank < 2) return tensor;
  const axes = tensor.shape.map((_, axis) => axis);
  return tensor.transpose([...axes.slice(0, -2), tensor.rank - 1, tensor.rank - 2]);
}

function product(rows: Tensor, matrix: Tensor): Tensor {
  const [n, k] = rows.shape;
  const node = { op: 'dense', attributes: {}, shape: [matrix.shape[1]] } as const;
  return runNode(node, rows, n, [k], 'matMul', matrix);
}
