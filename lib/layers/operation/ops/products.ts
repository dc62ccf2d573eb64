import { showShape } from '../../../tensor/shapes.js';
import type { Argument, Call, OpDefinition } from '../call.js';
import type { Constant, Value } from '../plan.js';

/*
 * Products of matrices. A constant matrix is the kernel of a dense layer where it can be.
 */

export const matMul: OpDefinition = {
  arguments: 2,
  attributes: ['transposeA', 'transposeB'],
  build(call) {
    const transposeA = call.flag('transposeA');
    const transposeB = call.flag('transposeB');
    const [a, b] = call.arguments;
    if (!transposeA && !transposeB && isMatrix(b)) return times(call, call.value(0), b);
    const left = matrices(call, a, 0);
    const right = matrices(call, b, 1);
    if (typeof a === 'object' && typeof b === 'object' && a.kind === b.kind) call.checkRanks([left, right]);
    const attributes = { ...(transposeA && { transposeA }), ...(transposeB && { transposeB }) };
    // The rows of [batch, k] are the samples: each is a matrix of one row.
    if (left.shape.length > 1 || transposeA) return call.add('matMul', [left, right], attributes);
    const product = call.add('matMul', [call.reshape(left, [1, ...left.shape]), right], attributes);
    return call.reshape(product, product.shape.toSpliced(-2, 1));
  },
};

/** A vector, or the rows of a matrix, times a constant vector or matrix. */
export const dot: OpDefinition = {
  arguments: 2,
  attributes: [],
  build(call) {
    const [x, constant] = [call.value(0), call.constant(1)];
    if (x.shape.length !== 1 || constant.shape.length > 2) {
      call.checks.fail(
        'UNSUPPORTED',
        `it takes a batch of vectors and a constant of one or two axes, not samples of ${showShape(x.shape)} and ${showShape(constant.shape)}; use matMul.`,
      );
    }
    if (constant.shape.length === 2) return times(call, x, constant);
    return call.reshape(times(call, x, constant, [...constant.shape, 1]), []);
  },
};

function isMatrix(argument: Argument): argument is Constant {
  return typeof argument === 'object' && argument.kind === 'constant' && argument.shape.length === 2;
}

function times(call: Call, x: Value, kernel: Constant, shape = kernel.shape): Value {
  return call.add('dense', [x], {}, { kernel: { constant: kernel, shape } });
}

/** The argument as a value that each sample has. */
function matrices(call: Call, argument: Argument, position: number): Value {
  const isConstant = typeof argument === 'object' && argument.kind === 'constant';
  return isConstant ? call.repeated(argument) : call.value(position);
}
