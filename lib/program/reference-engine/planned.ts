import type {
  NodeDescription,
  ParameterDescription,
  Shape,
  ValueGradientsDescription,
} from '../description.js';
import type { DType } from '../dtype.js';
import type { OptimizerDescription } from '../optimizer-description.js';
import type { Loss } from './losses/index.js';
import type { Metric } from './metrics.js';
import type { Op } from './op.js';
import type { UpdateRule } from './optimizers.js';
import type { PlannedValue } from './values.js';

/**
 * A checked program, as steps in the order in which they run. Values have indexes: the inputs come first,
 * then the outputs of each step.
 */
export interface Plan {
  readonly inputs: readonly PlannedInput[];
  readonly steps: readonly PlannedStep[];
  /** The output values. */
  readonly outputs: readonly number[];
  readonly values: readonly PlannedValue[];
  /** The parameters in the order in which weights are read and written. */
  readonly parameters: readonly PlannedParameter[];
  readonly valueGradients?: PlannedGradients;
  readonly training?: TrainingPlan;
}

export interface PlannedInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The gradients by values that a program computes: see ValueGradientsDescription. */
export interface PlannedGradients extends Pick<ValueGradientsDescription, 'of'> {
  /** Indexes of values. */
  readonly by: readonly number[];
}

export interface PlannedParameter extends Pick<ParameterDescription, 'regularizer' | 'constraint'> {
  /** "conv2d_1/kernel" */
  readonly name: string;
  readonly shape: Shape;
  /** Number of elements. */
  readonly size: number;
  readonly trainable: boolean;
}

export interface PlannedStep {
  readonly node: NodeDescription;
  readonly op: Op;
  /** Indexes of values. */
  readonly inputs: readonly number[];
  /** Shape of the first input. */
  readonly inputShape: Shape;
  /** Shape of each input. */
  readonly inputShapes: readonly Shape[];
  /** Shape of each output. */
  readonly outputShapes: readonly Shape[];
  /** Index of the first output; the others follow. */
  readonly firstOutput: number;
  /** Samples of the outputs per sample of the batch: 1 except between `fold` and `unfold`. */
  readonly folds: number;
  /** Index of the first of its parameters, which may be those of the node that it shares with. */
  readonly firstParameter: number;
}

export interface TrainingPlan {
  /** The outputs with a loss. */
  readonly outputs: readonly ScoredOutput[];
  readonly optimizer: OptimizerDescription;
  readonly rule: UpdateRule;
}

/** An output with a loss. */
export interface ScoredOutput {
  /** Name of its node. */
  readonly name: string;
  readonly value: number;
  readonly shape: Shape;
  /** The value that the loss reads: the output, or the logits if the output is their softmax or sigmoid. */
  readonly scored: number;
  readonly loss: Loss;
  readonly logits: boolean;
  /** Factor of its loss. */
  readonly weight: number;
  readonly metrics: readonly Metric[];
}
