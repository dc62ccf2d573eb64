import { ConvforgeError } from '../../../lib/errors.js';
import { VERSION } from '../../../lib/version.js';
import { measureKernel, type PassFigures } from '../pass-figures.js';
import { KERNEL_SHAPES, type KernelShape } from '../support/kernel-shapes.js';
import { print } from './child.js';

/** Prints the passes of all shapes as the engine's own profile tells them. A shape that it refuses is left out. */
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

/** Speeds, and times of pooling, which hardly multiplies. */
function printPass({ name, op }: KernelShape, { kind, algorithm, values, seconds }: PassFigures): void {
  const figures =
    op === 'pool'
      ? ({ unit: 'ms', values: seconds.map((time) => 1000 * time) } as const)
      : ({ unit: 'GFLOP/s', values } as const);
  // "backward" is all that a node gives back: pooling has no kernel, a dense layer takes both gradients in one pass.
  const both = op === 'pool' ? 'input gradient' : 'both gradients';
  const pass = kind === 'backward' ? both : kind;
  print({ task: `${name}, ${pass}`, config: algorithm, version: VERSION, ...figures });
}
