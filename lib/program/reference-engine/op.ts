import type { NodeDescription, Shape } from '../description.js';
import type { FloatArray } from './precision.js';

/** One op of description.ts. It holds no state: everything that a call needs comes with it. */
export interface Op {
  /** The output's shape for an input of shape `input` (both without the batch); throws if the node doesn't fit it. */
  outputShape(node: NodeDescription, input: Shape): Shape;
  forward(call: ForwardCall): void;
  backward(call: BackwardCall): void;
}

/** Arithmetic is done in double precision and rounded once, when a result is stored. */
export interface ForwardCall {
  readonly node: NodeDescription;
  readonly samples: number;
  /** Without the batch, as is outputShape. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** [samples, ...inputShape] */
  readonly input: FloatArray;
  /** [samples, ...outputShape]: written by forward, read by backward. */
  readonly output: FloatArray;
  /** In the order of node.parameters. */
  readonly parameters: readonly FloatArray[];
  /** Present in training only. */
  readonly random?: RandomState;
}

export interface BackwardCall extends ForwardCall {
  /** Gradient of the loss by `output`. */
  readonly outputGradient: FloatArray;
  /** Zeros, to be filled with the gradient by `input`. */
  readonly inputGradient: FloatArray;
  /** Zeros, to be filled with the gradients by `parameters`, summed over the batch. */
  readonly parameterGradients: readonly FloatArray[];
}

export interface RandomState {
  /** A whole number in [0, 2^53). */
  readonly seed: number;
  /** Training steps that the program has made before this one. */
  readonly step: number;
}
