import type { Program } from '../../lib/program/engine.js';
import type { FloatArray, Gradients, ReferenceProgram } from '../../lib/program/reference-engine/index.js';

// Runs programs of one input and one output, as most tests have.

export interface OneBatch {
  /** The mean over the samples. */
  loss: number;
  metrics: number[][];
  outputs: FloatArray;
  gradients: FloatArray[];
  inputGradient: FloatArray;
}

/** The mean loss, metrics, outputs and gradients of a batch in training mode, without an update. */
export function gradientsOf(
  program: ReferenceProgram,
  x: FloatArray,
  y: FloatArray | Int32Array,
  random = { seed: 0, step: 0 },
): OneBatch {
  const samples = x.length / program.inputSizes[0];
  const result: Gradients = program.gradientsOf({ samples, inputs: [x], targets: [y] }, random);
  const { metrics, gradients } = result;
  return {
    loss: result.loss / samples,
    metrics,
    outputs: result.outputs[0],
    gradients,
    inputGradient: result.inputGradients[0],
  };
}

/** The program's output for these samples. */
export function outputOf(program: Program, x: Float32Array, samples: number): Float32Array {
  return program.runHere([x], samples)[0];
}
