import type { Engine } from '../engine.js';
import { ReferenceProgram } from './program.js';
import { ReferenceSamples } from './samples.js';

export type { Gradients, ScoredBatch } from './network.js';
export type { FloatArray, Precision } from './precision.js';
export { ReferenceProgram };

const ENGINE: Engine = {
  name: 'reference',
  createProgram: (description, sharing) => new ReferenceProgram(description, 'float32', sharing),
  // biome-ignore lint/correctness/useYield: it is made in moments.
  *createProgramInSlices(description) {
    return new ReferenceProgram(description);
  },
  allocateSamples: (shape, dtype) => new ReferenceSamples(shape, dtype),
};

/**
 * The engine in plain TypeScript. It runs on the calling thread, a few milliseconds at a time. All callers
 * share one instance.
 */
export function referenceEngine(): Engine {
  return ENGINE;
}
