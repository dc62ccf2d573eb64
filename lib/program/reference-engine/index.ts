import type { Engine } from '../engine.js';
import { ReferenceProgram } from './program.js';
import { ReferenceSamples } from './samples.js';

export type { Gradients, ScoredBatch } from './network.js';
export type { FloatArray, Precision } from './precision.js';
export { ReferenceProgram };

const ENGINE: Engine = {
  name: 'reference',
  createProgram: (description, sharing) => new ReferenceProgram(description, 'float32', sharing),
  allocateSamples: (shape, dtype) => new ReferenceSamples(shape, dtype),
};

/** Runs programs in plain TypeScript on the calling thread, a few milliseconds at a time. One instance is shared. */
export function referenceEngine(): Engine {
  return ENGINE;
}
