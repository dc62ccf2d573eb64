import type {
  NodeDescription,
  ParameterDescription,
  Shape,
  ValueGradientsDescription,
} from '../description.js';
import type { OptimizerDescription } from '../optimizer-description.js';
import type { Loss } from './losses/index.js';
import type { Metric } from './metrics.js';
import type { Op } from './op.js';
import type { UpdateRule } from './optimizers.js';

/** A checked program: steps in an order in which they can be made. Values are numbered as nodes are: the inputs, then the steps' outputs. */
export interface Plan {
  /** Shapes of the inputs. */
  readonly inputs: readonly Shape[];
  readonly steps: readonly PlannedStep[];
  /** The values that the program gives. */
  readonly outputs: readonly number[];
  /** By value. */
  readonly shapes: readonly Shape[];
  /** In the order in which weights are read and written. */
  readonly parameters: readonly PlannedParameter[];
  readonly valueGradients?: PlannedGradients;
  readonly training?: TrainingPlan;
}

/** What gradients by values a program is for: see ValueGradientsDescription. */
export interface PlannedGradients extends Pick<ValueGradientsDescription, 'of'> {
  /** Values. */
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
  /** Values. */
  readonly inputs: readonly number[];
  /** Of the first of them. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Samples of its output for each of the batch's: 1 but between `fold` and `unfold`. */
  readonly folds: number;
  /** Its parameters, its own or those that it shares, are those from this index on. */
  readonly firstParameter: number;
}

export interface TrainingPlan {
  /** Those that have a loss. */
  readonly outputs: readonly ScoredOutput[];
  readonly optimizer: OptimizerDescription;
  readonly rule: UpdateRule;
}

/** An output that has a loss. */
export interface ScoredOutput {
  /** Its node's. */
  readonly name: string;
  readonly value: number;
  readonly shape: Shape;
  /** The value that the loss is computed on: the output, or the logits of an activation that is one. */
  readonly scored: number;
  readonly loss: Loss;
  readonly logits: boolean;
  /** What its loss is multiplied by. */
  readonly weight: number;
  readonly metrics: readonly Metric[];
}
