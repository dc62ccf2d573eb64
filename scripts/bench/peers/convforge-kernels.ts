import { createInterface } from 'node:readline';
import { ConvforgeError } from '../../../lib/errors.js';
import { VERSION } from '../../../lib/version.js';
import { type MeasuredProgram, openKernel, type PassFigures } from '../pass-figures.js';
import { KERNEL_SHAPES, type KernelShape } from '../support/kernel-shapes.js';
import { print } from './child.js';
import { nameOf } from './kernel-lines.js';

/** A turn measures all passes at once, in steps of training. */
const EFFORT = { repeats: 1, seconds: 0.1 };

/**
 * A server. For each line of standard input it measures that shape once by the engine's own profile, prints
 * the passes and then "end", or "end: reason" if the engine refuses the shape. The program stays for further
 * turns of its shape.
 */
export async function benchKernels(): Promise<void> {
  let current: { shape: KernelShape; program: MeasuredProgram } | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const shape = shapeOf(nameOf(line));
    try {
      if (current?.shape !== shape) {
        current?.program.dispose();
        current = undefined;
        current = { shape, program: openKernel(shape) };
      }
      for (const pass of await current.program.measure(EFFORT)) printPass(shape, pass);
      process.stdout.write('end\n');
    } catch (error) {
      if (!(error instanceof ConvforgeError)) throw error;
      process.stdout.write(`end: ${error.message}\n`);
    }
  }
  current?.program.dispose();
}

function shapeOf(name: string): KernelShape {
  const shape = KERNEL_SHAPES.find((each) => each.name === name);
  if (!shape) throw new Error(`There is no shape ${name}.`);
  return shape;
}

/** Prints speeds, but times for pooling, which is bound by memory. */
function printPass({ name, op }: KernelShape, { kind, algorithm, values, seconds }: PassFigures): void {
  const figures =
    op === 'pool'
      ? ({ unit: 'ms', values: seconds.map((time) => 1000 * time) } as const)
      : ({ unit: 'GFLOP/s', values } as const);
  // Pooling has no kernel, so its backward pass is the input gradient.
  const pass = kind === 'backward' ? 'input gradient' : kind;
  print({ task: `${name}, ${pass}`, config: algorithm, version: VERSION, ...figures });
}
