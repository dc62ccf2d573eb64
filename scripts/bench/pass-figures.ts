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
export async function measureKernel(shape: KernelShape, effort: Effort): Promise<PassFigures[]> {
  return measured(openKernel(shape), effort);
}

/** A node of this shape, to be measured several times. Throws as `measureKernel` does. */
export function openKernel(shape: KernelShape): MeasuredProgram {
  return new MeasuredProgram(kernelProgram(shape), shape.batch, (node) => node === MEASURED);
}

/** Measures the passes of the nodes that `includes` accepts of a program, training on random samples and weights. */
export async function measurePasses(
  description: ProgramDescription,
  batch: number,
  effort: Effort,
  includes: (node: string) => boolean,
): Promise<PassFigures[]> {
  return measured(new MeasuredProgram(description, batch, includes), effort);
}

async function measured(program: MeasuredProgram, effort: Effort): Promise<PassFigures[]> {
  try {
    return await program.measure(effort);
  } finally {
    program.dispose();
  }
}

/** A program with random samples and weights, which trains while its passes are measured. */
export class MeasuredProgram {
  private readonly program: Program;
  private readonly samples: ReturnType<typeof randomBatch>;

  constructor(
    description: ProgramDescription,
    private readonly batch: number,
    private readonly includes: (node: string) => boolean,
  ) {
    const engine = nativeEngine();
    this.program = engine.createProgram(description);
    this.samples = randomBatch(engine, description, batch);
    this.program.writeWeights(drawnWeights(this.program, description));
  }

  async measure({ repeats, seconds }: Effort): Promise<PassFigures[]> {
    // The first step of all also plans; later calls warm up.
    await this.train(2);
    this.program.profile(true);
    await this.train(2);
    const { profile } = this.program.explain('train').wait();
    const steps = Math.max(2, Math.ceil((2 * seconds) / (profile?.seconds ?? seconds)));
    const explanations: ProgramExplanation[] = [];
    for (let i = 0; i < repeats; i++) {
      this.program.profile(true);
      await this.train(steps);
      explanations.push(this.program.explain('train').wait());
    }
    return figures(explanations, this.includes);
  }

  dispose(): void {
    this.program.dispose();
    const { x, y = x } = this.samples;
    for (const set of new Set([...x, ...y])) set.dispose();
  }

  private train(steps: number) {
    const { x, y = x } = this.samples;
    const order = repeated(this.batch, steps);
    return this.program.train({ x, y, batchSize: this.batch, seed: 0, order });
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
