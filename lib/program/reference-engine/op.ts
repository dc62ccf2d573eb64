import type { NodeDescription, OpName, Shape } from '../description.js';
import type { FloatArray } from './precision.js';

/**
 * An op's implementation of its contract. It must hold no state: each call brings all that it needs. The
 * contract has checked shapes and the names of attributes and parameters.
 */
export interface Op<Name extends OpName = OpName> {
  /** Throws unless the attributes have values that the contract allows. Their types aren't checked before. */
  check?(node: NodeDescription<Name>, input: Shape): void;
  /**
   * How many samples the output has per sample of the batch, if the inputs have `before`. Default: `before`.
   */
  folds?(node: NodeDescription<Name>, before: number, input: Shape): number;
  forward(call: ForwardCall<Name>): void;
  backward(call: BackwardCall<Name>): void;
}

/** A forward pass. Arithmetic must be in double precision and rounded once, when a result is stored. */
export interface ForwardCall<Name extends OpName = OpName> {
  readonly node: NodeDescription<Name>;
  readonly samples: number;
  /** Shape of the (first) input, without the batch. */
  readonly inputShape: Shape;
  /** Shapes of all inputs. */
  readonly inputShapes: readonly Shape[];
  /** Shape of the (first) output. */
  readonly outputShape: Shape;
  /** The (first) input, [samples, ...inputShape]. */
  readonly input: FloatArray;
  /** All inputs. */
  readonly inputs: readonly FloatArray[];
  /** The (first) output, [samples, ...outputShape]. Forward must fill it; backward reads it. */
  readonly output: FloatArray;
  /** All outputs. */
  readonly outputs: readonly FloatArray[];
  /** The parameters in the order of node.parameters. */
  readonly parameters: readonly FloatArray[];
  /**
   * Whether the node computes as in training: in a training step, in a computation of gradients, or because
   * it always does.
   */
  readonly training: boolean;
  /** Takes an update of statistics among the parameters, which runs at the end of a training step, if at all. */
  atEnd(update: () => void): void;
  /** Present if `training` is true. */
  readonly random?: RandomState;
}

export interface BackwardCall<Name extends OpName = OpName> extends ForwardCall<Name> {
  /** Gradient of the loss by `output`. */
  readonly outputGradient: FloatArray;
  /** Gradients by each of `outputs`: zeros for one of several that the loss doesn't depend on. */
  readonly outputGradients: readonly FloatArray[];
  /** Gradient by `input`, to fill; zeros at first. */
  readonly inputGradient: FloatArray;
  /** Gradients by each of `inputs`, to fill. The first is `inputGradient`. */
  readonly inputGradients: readonly FloatArray[];
  /** Gradients by `parameters`, summed over the batch, to fill; zeros at first. */
  readonly parameterGradients: readonly FloatArray[];
}

export interface RandomState {
  /** A whole number in [0, 2^53). */
  readonly seed: number;
  /**
   * Number of training steps that the program has made so far. In evaluation and prediction, number of
   * batches of the run so far.
   */
  readonly step: number;
}
