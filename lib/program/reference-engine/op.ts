import type { NodeDescription, OpName, Shape } from '../description.js';
import type { FloatArray } from './precision.js';

/**
 * How an op computes what its contract says. It holds no state: everything that a call needs comes with it. Names of
 * attributes and parameters, and shapes, have been checked by the contract.
 */
export interface Op<Name extends OpName = OpName> {
  /** Throws unless the attributes have values that the contract allows; by their types they may be anything. */
  check?(node: NodeDescription<Name>, input: Shape): void;
  /** How many samples its output has for each of the batch's, where its inputs have `before`. Default: as many. */
  folds?(node: NodeDescription<Name>, before: number, input: Shape): number;
  forward(call: ForwardCall<Name>): void;
  backward(call: BackwardCall<Name>): void;
}

/** Arithmetic is done in double precision and rounded once, when a result is stored. */
export interface ForwardCall<Name extends OpName = OpName> {
  readonly node: NodeDescription<Name>;
  readonly samples: number;
  /** Without the batch. Of several inputs, the first's. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** [samples, ...inputShape]. Of several inputs, the first. */
  readonly input: FloatArray;
  /** All of them. */
  readonly inputs: readonly FloatArray[];
  /** [samples, ...outputShape]: written by forward, read by backward. */
  readonly output: FloatArray;
  /** In the order of node.parameters. In training they are the program's own: forward may change those that are statistics. */
  readonly parameters: readonly FloatArray[];
  /** Whether it computes as in training: in a step of training, in a computation of gradients, and where the node always does. */
  readonly training: boolean;
  /** Whether statistics among the parameters are to be changed: not in evaluation or prediction. */
  readonly keepsStatistics: boolean;
  /** Present where `training` is true. */
  readonly random?: RandomState;
}

export interface BackwardCall<Name extends OpName = OpName> extends ForwardCall<Name> {
  /** Gradient of the loss by `output`. */
  readonly outputGradient: FloatArray;
  /** Zeros, to be filled with the gradient by `input`. */
  readonly inputGradient: FloatArray;
  /** The same for each of `inputs`; the first is `inputGradient`. */
  readonly inputGradients: readonly FloatArray[];
  /** Zeros, to be filled with the gradients by `parameters`, summed over the batch. */
  readonly parameterGradients: readonly FloatArray[];
}

export interface RandomState {
  /** A whole number in [0, 2^53). */
  readonly seed: number;
  /** Training steps that the program has made before this one; in evaluation and prediction, batches of the run before this one. */
  readonly step: number;
}
