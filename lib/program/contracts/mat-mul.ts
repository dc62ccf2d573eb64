import { showShape, type Shape } from '../../tensor/shapes.js';
import { broadcastShapes } from './broadcast-shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `matMul`. */
export interface MatMulAttributes {
  /** Whether the first input's matrices are stored transposed, [k, m]. Default false. */
  transposeA?: boolean;
  /** Whether the second input's matrices are stored transposed, [n, k]. Default false. */
  transposeB?: boolean;
}

/**
 * Products of matrices: [..., m, k] times [..., k, n] gives [..., m, n]. It takes exactly two inputs of two
 * axes or more. Their leading axes broadcast as in NumPy: they are aligned at the last one, and sizes must be
 * equal or 1. The gradient of a matrix that meets several others is the sum.
 */
export const matMul: Contract<MatMulAttributes> = {
  inputs: 'several',
  attributes: { transposeA: 'optional', transposeB: 'optional' },
  parameters: {},
  outputShapes(query) {
    const { attributes, inputs, fail } = query;
    const [a, b] = inputs;
    if (inputs.length !== 2) fail('INVALID_ARGUMENT', `matMul takes two inputs, not ${inputs.length}.`);
    if (a.length < 2 || b.length < 2) {
      const shapes = `${showShape(a)} and ${showShape(b)}`;
      fail('SHAPE_MISMATCH', `matMul takes inputs of two axes or more, not ${shapes}.`);
    }
    const [m, k] = matrix(a, attributes.transposeA);
    const [depth, n] = matrix(b, attributes.transposeB);
    if (k !== depth) {
      const products = `${m}x${k} and ${depth}x${n}`;
      fail('SHAPE_MISMATCH', `matrices ${products} can't be multiplied: ${k} isn't ${depth}.`);
    }
    const leading = broadcastShapes(
      query,
      inputs.map((shape) => shape.slice(0, -2)),
    );
    return [[...leading, m, n]];
  },
};

/** The rows and columns of an input's matrices. */
function matrix(shape: Shape, isTransposed = false): readonly [number, number] {
  const [rows, columns] = shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}
