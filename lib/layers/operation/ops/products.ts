import type { OpDefinition } from '../call.js';

/** The matrix product with a constant [k, n], or with a value of the model. */
export const matMul: OpDefinition = {
  arguments: 2,
  attributes: ['transposeA', 'transposeB'],
  build(call) {
    const isTransposed = call.flag('transposeA') || call.flag('transposeB');
    const kernel = call.constant(1);
    if (isTransposed || kernel.shape.length !== 2) {
      call.checks.fail(
        'UNSUPPORTED',
        "only the product with a constant matrix [k, n] that isn't transposed can be computed.",
      );
    }
    return call.add('dense', [call.value(0)], {}, { kernel: { constant: kernel } });
  },
};
