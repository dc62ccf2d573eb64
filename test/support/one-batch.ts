import type { Program } from '../../lib/program/engine.js';
import type { FloatArray, Gradients, ReferenceProgram } from '../../lib/program/reference-engine/index.js';

// Programs of one input and one output, which most tests have.

export interface OneBatch {
  /** Mean over the samples. */
  loss: number;
  metrics: number[][];
  outputs: FloatArray;
  gradients: FloatArray[];
  inputGradient: FloatArray;
}

/** Mean loss, metrics, outputs and gradients of a batch in training mode, without an update. */
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

/** Its output for these samples. */
export function outputOf(program: Program, x: Float32Array, samples: number): Float32Array {
  return program.runHere([x], samples)[0];
}
