import { randomBatch } from '../../lib/models/profile-run.js';
import type { ProgramDescription } from '../../lib/program/description.js';
import type { Program } from '../../lib/program/engine.js';
import type { ProgramExplanation } from '../../lib/program/explanation.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { RandomGenerator } from '../../lib/random/index.js';
import { kernelProgram, MEASURED } from './programs.js';
import type { KernelShape } from './support/kernel-shapes.js';

/** The speed of one pass of a node. */
export interface PassFigures {
  /** "forward", "input gradient", "kernel gradient", "backward" or "update". */
  kind: string;
  algorithm: string;
  /** GFLOP/s, counted densely, or GB/s if memory is the limit. */
  unit: 'GFLOP/s' | 'GB/s';
  /** Values in `unit`, one a repeat. */
  values: number[];
  /** The mean time of a step, one value a repeat. */
  seconds: number[];
}

export interface Effort {
  repeats: number;
  /** The least duration of a repeat. */
  seconds: number;
}

/**
 * Measures the passes of a node of this shape on the current number of threads. Throws UNSUPPORTED for an op
 * that the engine doesn't have.
 */
export function measureKernel(shape: KernelShape, effort: Effort): Promise<PassFigures[]> {
  return measurePasses(kernelProgram(shape), shape.batch, effort, (node) => node === MEASURED);
}

/** Measures the passes of the nodes that `includes` accepts of a program, training on random samples and weights. */
export async function measurePasses(
  description: ProgramDescription,
  batch: number,
  { repeats, seconds }: Effort,
  includes: (node: string) => boolean,
): Promise<PassFigures[]> {
  const engine = nativeEngine();
  const program = engine.createProgram(description);
  const { x, y = x } = randomBatch(engine, description, batch);
  const run = (steps: number) =>
    program.train({ x, y, batchSize: batch, seed: 0, order: repeated(batch, steps) });
  try {
    program.writeWeights(drawnWeights(program, description));
    // The first step also plans.
    await run(2);
    program.profile(true);
    await run(2);
    const { profile } = program.explain('train');
    const steps = Math.max(2, Math.ceil((2 * seconds) / (profile?.seconds ?? seconds)));
    const explanations: ProgramExplanation[] = [];
    for (let i = 0; i < repeats; i++) {
      program.profile(true);
      await run(steps);
      explanations.push(program.explain('train'));
    }
    return figures(explanations, includes);
  } finally {
    program.dispose();
    for (const set of new Set([...x, ...y])) set.dispose();
  }
}

/** 0, 1, ... batch - 1, repeated `times` times. */
function repeated(batch: number, times: number): Uint32Array {
  return Uint32Array.from({ length: batch * times }, (_, i) => i % batch);
}

/** Random weights that keep the size of values from layer to layer, as an initializer does. */
export function drawnWeights(program: Program, { graph: { nodes } }: ProgramDescription): Float32Array[] {
  const random = new RandomGenerator(1);
  const shapes = nodes.flatMap((node) => node.parameters.map((parameter) => parameter.shape));
  return program.readWeights().map(({ length }, i) => {
    const fanIn = length / (shapes[i].at(-1) as number);
    const scale = shapes[i].length > 1 ? Math.sqrt(2 / fanIn) : 0.1;
    return Float32Array.from({ length }, () => scale * random.normal());
  });
}

function figures(
  explanations: readonly ProgramExplanation[],
  includes: (node: string) => boolean,
): PassFigures[] {
  return explanations[0].passes.flatMap(({ node, kind, algorithm, flops }, i) => {
    if (!includes(node)) return [];
    const values = explanations.map(({ passes, profile }) => {
      const { samples = 0, steps = 0 } = profile ?? {};
      const { bytes, stepBytes, seconds = Number.NaN } = passes[i];
      return ((flops > 0 ? flops * samples : bytes * samples + stepBytes * steps) * 1e-9) / seconds;
    });
    const seconds = explanations.map(
      ({ passes, profile }) => (passes[i].seconds ?? 0) / (profile?.steps ?? 1),
    );
    return [{ kind, algorithm, unit: flops > 0 ? 'GFLOP/s' : 'GB/s', values, seconds } as const];
  });
}
