import { ConvforgeError } from '../errors.js';
import type { Shape } from '../program/description.js';
import { broadcastValues } from '../tensor/elementwise.js';
import { type GraphValue, inGraph } from '../tensor/graph.js';
import type { Operand, Operated } from '../tensor/tensor-like.js';
import { concat, range, type Tensor, type TensorLike, toTensor, unstack, zeros } from '../tensor/index.js';
import { broadcastShapes, showShape, sizeOf } from '../tensor/shapes.js';
import { runNode } from './run-node.js';

/**
 * The matrix product of a [n, k] and b [k, m]: float32 [n, m]. For a [..., n, k] and b [..., k, m], that of
 * each pair of matrices; the batch axes are broadcast as NumPy does.
 *
 * @param transposeA Whether a is given as [..., k, n].
 * @param transposeB Whether b is given as [..., m, k].
 * @throws SHAPE_MISMATCH
 */
export function matMul(a: TensorLike, b: TensorLike, transposeA?: boolean, transposeB?: boolean): Tensor;
export function matMul(a: Operand, b: Operand, transposeA?: boolean, transposeB?: boolean): GraphValue;
export function matMul(a: Operand, b: Operand, transposeA = false, transposeB = false): Operated {
  const made = inGraph('matMul', [a, b], { transposeA, transposeB });
  return made ?? multiply(a as TensorLike, b as TensorLike, transposeA, transposeB);
}

function multiply(a: TensorLike, b: TensorLike, transposeA: boolean, transposeB: boolean): Tensor {
  const left = transposedIf(toTensor(a, 'matMul: a'), transposeA);
  const right = transposedIf(toTensor(b, 'matMul: b'), transposeB);
  const [n, k] = left.shape.slice(-2);
  const m = right.shape[right.rank - 1];
  if (left.rank < 2 || right.rank < 2 || right.shape[right.rank - 2] !== k) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `matMul: ${showShape(left.shape)} and ${showShape(right.shape)} can't be multiplied; they must be [..., n, k] and [..., k, m].`,
    );
  }
  const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2), 'matMul: the batch axes');
  const shape = [...batch, n, m];
  if (sizeOf(shape) === 0 || k === 0) return zeros(shape);
  const lefts = matricesOf(left, batch);
  const rights = matricesOf(right, batch);
  const distinct = new Set(rights);
  // With a single right-hand matrix, all rows make one product.
  if (distinct.size === 1)
    return product(lefts.length === 1 ? lefts[0] : concat(lefts), rights[0]).reshape(shape);
  return concat(lefts.map((rows, i) => product(rows, rights[i]))).reshape(shape);
}

/** The matrix at each index of a batch of this shape. */
function matricesOf(tensor: Tensor, batch: Shape): Tensor[] {
  const [rows, columns] = tensor.shape.slice(-2);
  const own = tensor.shape.slice(0, -2);
  const matrices = unstack(tensor.toFloat().reshape([sizeOf(own), rows, columns]));
  const indices = broadcastValues(range(0, matrices.length).reshape(own), batch, 'matMul');
  return Array.from(indices, (index) => matrices[index]);
}

/**
 * The product of two vectors (a scalar), of a matrix and a vector, of a vector and a matrix, or of two
 * matrices. The result is float32.
 */
export function dot(a: TensorLike, b: TensorLike): Tensor;
export function dot(a: Operand, b: Operand): GraphValue;
export function dot(a: Operand, b: Operand): Operated {
  return inGraph('dot', [a, b]) ?? dotOfTensors(a as TensorLike, b as TensorLike);
}

function dotOfTensors(a: TensorLike, b: TensorLike): Tensor {
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

function transposedIf(tensor: Tensor, isTransposed: boolean): Tensor {
  if (!isTransposed || tensor.rank < 2) return tensor;
  const axes = tensor.shape.map((_, axis) => axis);
  return tensor.transpose([...axes.slice(0, -2), tensor.rank - 1, tensor.rank - 2]);
}

function product(rows: Tensor, matrix: Tensor): Tensor {
  const [n, k] = rows.shape;
  const node = { op: 'dense' } as const;
  return runNode(node, rows, n, [k], 'matMul', matrix);
}
