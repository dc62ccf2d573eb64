import { ConvforgeError } from '../../../lib/errors.js';
import { VERSION } from '../../../lib/version.js';
import { measureKernel, type PassFigures } from '../pass-figures.js';
import { KERNEL_SHAPES, type KernelShape } from '../support/kernel-shapes.js';
import { print } from './child.js';

/** Prints the passes of all shapes from the engine's own profile. Leaves out shapes that it refuses. */
export async function benchKernels(): Promise<void> {
  for (const shape of KERNEL_SHAPES) {
    try {
      const passes = await measureKernel(shape, { repeats: 3, seconds: 0.1 });
      for (const pass of passes) printPass(shape, pass);
    } catch (error) {
      if (!(error instanceof ConvforgeError)) throw error;
      process.stderr.write(`${shape.name}: ${error.message}\n`);
    }
  }
}

/** Prints speeds, but times for pooling, which is bound by memory. */
function printPass({ name, op }: KernelShape, { kind, algorithm, values, seconds }: PassFigures): void {
  const figures =
    op === 'pool'
      ? ({ unit: 'ms', values: seconds.map((time) => 1000 * time) } as const)
      : ({ unit: 'GFLOP/s', values } as const);
  // "backward" is a node's whole backward pass: pooling has no kernel, and a dense layer computes both
  // gradients in one pass.
  const both = op === 'pool' ? 'input gradient' : 'both gradients';
  const pass = kind === 'backward' ? both : kind;
  print({ task: `${name}, ${pass}`, config: algorithm, version: VERSION, ...figures });
}
