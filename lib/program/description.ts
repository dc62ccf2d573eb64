/**
 * A program: what a model computes, in plain data. Layers lower to it, it crosses to an engine once, and the engine
 * checks it again, plans it and runs it. Both engines (native and reference) mean the same by each field. This file is
 * where that meaning is written down; what each op means is in contracts/.
 *
 * Layout: all values are row-major with the batch first and channels last, [n, h, w, c] or [n, features].
 * Shapes below leave the batch dimension out.
 */

import type { AttributesOf, OpName } from './contracts/index.js';
import type { DType } from './dtype.js';
import type { OptimizerDescription } from './optimizer-description.js';
import type { Shape } from '../tensor/shapes.js';

export type { Attribute, AttributesOf, OpName } from './contracts/index.js';
export type { Shape } from '../tensor/shapes.js';

/** The version of descriptions of this form. Engines refuse others. */
export const DESCRIPTION_VERSION = 1;

/** A value of the program: a node's index for its first output, [node, output] for the others, of which 1 is the second. */
export type ValueReference = number | readonly [node: number, output: number];

/** What an output of a node is. */
export interface ValueDescription {
  /** Of one sample. */
  shape: Shape;
  /**
   * 'float32' but for inputs that are meant for samples of another type. Engines compute in float32, and convert samples as they
   * read a batch.
   */
  dtype: DType;
}

/** One operation on the outputs of earlier nodes. */
export interface NodeOf<Op extends OpName> {
  /** Unique; the layer's name, or "layer/part" where a layer lowers to several nodes. Errors cite it. */
  name: string;
  /** What it computes: see its contract in contracts/. */
  op: Op;
  /** Outputs of nodes before this one. */
  inputs: readonly ValueReference[];
  attributes: AttributesOf<Op>;
  /** In the order in which weights are read and written. */
  parameters: readonly ParameterDescription[];
  /**
   * Index of an earlier node, of the same op and with the same parameters, whose weights this one uses too: a layer that is
   * applied twice. Such a node adds no weights to those that are read and written. Their gradient is the sum of what
   * the nodes give, in the order of nodes. The earlier node itself has no `sharesWith`.
   */
  sharesWith?: number;
  /** One for each output, by the op's contract. Engines work them out again and refuse a difference. So far every op has one. */
  outputs: readonly ValueDescription[];
}

/** A node of any op, or of the one that is named. */
export type NodeDescription<Op extends OpName = OpName> = Op extends OpName ? NodeOf<Op> : never;

export interface ParameterDescription {
  /** "kernel", "bias", "gamma"... */
  name: string;
  shape: Shape;
  /** Default true. Of a weight that isn't trainable no gradient is computed, and the optimizer leaves it as it is. */
  trainable?: boolean;
  /**
   * Where the weight is trainable, l1 * sum |w| + l2 * sum w^2 is added to the batch's loss, in training and in evaluation, and
   * l1 * sign(w) + 2 * l2 * w to the weight's gradient. sign(0) is 0.
   */
  regularizer?: { l1: number; l2: number };
  constraint?: ConstraintDescription;
}

/**
 * What is done to a trainable weight after each update of the optimizer:
 *
 * - `nonNeg`: negative elements become 0.
 * - `norm`: w = w * (rate * clip(norm, minimum, maximum) + (1 - rate) * norm) / (norm + 1e-7), norm being the root of the sum of
 *   squares over these axes (at least one, counted from 0), by each index along the others.
 */
export type ConstraintDescription =
  | { kind: 'nonNeg' }
  | { kind: 'norm'; minimum: number; maximum: number; rate: number; axes: readonly number[] };

/**
 * A loss, on an output p against its targets t. A sample's loss is the mean over its rows (a row is one setting of all axes but the
 * last) of what is written below; the loss of a batch is the mean over its samples, and gradients are of that mean. Sums and means
 * are over the n elements of the last axis. E is 1e-7. The formulas are those of Keras 3, where it has the loss.
 *
 * Weights multiply the losses of samples or of rows. They are not part of what a mean is divided by, as in Keras.
 *
 * - `categoricalCrossentropy`: t one-hot or a distribution over the last axis, -sum t log p. With `fromLogits`, or where the
 *   output is a softmax's over the last axis (whose logits are then used: the same function, computed stably), p = softmax(logits).
 *   Otherwise p is divided by its sum, then clipped to [E, 1 - E], as Keras does (no gradient through a clipped element).
 * - `sparseCategoricalCrossentropy`: the same with t an integer class. A row whose class is `ignoreClass` has the loss 0 and the
 *   gradient 0, and the loss of a batch is multiplied by its number of rows over its number of other rows (by 0 if there are none):
 *   it is the mean over the rows that aren't ignored. Only `ignoreClass` may lie outside [0, n).
 * - `binaryCrossentropy`: mean of -(t log p + (1 - t) log(1 - p)). With `fromLogits`, or where the output is a sigmoid's, p is the
 *   sigmoid of logits, of which it is computed stably; otherwise p is clipped as above.
 * - `binaryFocalCrossentropy`: mean of w (1 - q)^gamma times the binary cross-entropy, with q = t p + (1 - t)(1 - p) (p not clipped)
 *   and w = alpha t + (1 - alpha)(1 - t), or 1 without `alpha`. Logits as for the binary cross-entropy.
 * - `categoricalFocalCrossentropy`: -sum alpha (1 - p)^gamma t log p, p divided by its sum and clipped as above; with `fromLogits`,
 *   or where the output is a softmax's, p = softmax(logits).
 * - `meanSquaredError`, `meanAbsoluteError`: mean of (p - t)^2, of |p - t| (whose gradient at 0 is 0).
 * - `meanAbsolutePercentageError`: 100 times the mean of |p - t| / max(|t|, E).
 * - `meanSquaredLogarithmicError`: mean of (log(max(p, E) + 1) - log(max(t, E) + 1))^2.
 * - `halfSquaredError`: sum over all of a sample's elements of (t - p)^2 / 2, not divided by its rows: the tutorial's "total error".
 * - `huber`: mean of d^2 / 2 where |d| <= delta, else delta |d| - delta^2 / 2, with d = p - t.
 * - `logCosh`: mean of log(cosh(p - t)).
 * - `hinge`, `squaredHinge`: mean of max(1 - t p, 0), of its square; t is -1 or 1, and 0 counts as -1.
 * - `categoricalHinge`: max(max((1 - t) p) - sum t p + 1, 0); the gradient of the inner maximum goes to the first place that has it.
 * - `klDivergence`: sum of t log(t / p), both clipped to [E, 1].
 * - `poisson`: mean of p - t log(p + E).
 * - `cosineSimilarity`: -sum t p / (max(|t|, E) max(|p|, E)), |.| being the root of the sum of squares.
 *
 * `labelSmoothing` s (in [0, 1]; crossentropies) makes t into t (1 - s) + s / n, or s / 2 where each element is a class.
 */
export interface LossDescription {
  /** Which loss it is. */
  kind: LossKind;
  /** Default false. Of crossentropies. */
  fromLogits?: boolean;
  /** Default 0. */
  labelSmoothing?: number;
  /** Above 0, default 1. Of huber. */
  delta?: number;
  /** From 0 up, default 2. Of the focal ones. */
  gamma?: number;
  /** Default: see there. Of the focal ones. */
  alpha?: number;
  /** A whole number of 32 bits. Default none. Of sparseCategoricalCrossentropy. */
  ignoreClass?: number;
}

/** The losses that engines know. */
export type LossKind =
  | 'categoricalCrossentropy'
  | 'sparseCategoricalCrossentropy'
  | 'binaryCrossentropy'
  | 'binaryFocalCrossentropy'
  | 'categoricalFocalCrossentropy'
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'meanAbsolutePercentageError'
  | 'meanSquaredLogarithmicError'
  | 'halfSquaredError'
  | 'huber'
  | 'logCosh'
  | 'hinge'
  | 'squaredHinge'
  | 'categoricalHinge'
  | 'klDivergence'
  | 'poisson'
  | 'cosineSimilarity';

/**
 * What is counted for a metric: sums over all samples seen, without their weights, from which the metric is computed once they are all in.
 * So it is exact over an epoch. An element is true where its target is more than 0.5, or its row's class.
 * A NaN is never right, largest, or above a threshold, and nothing else in its row is the largest.
 *
 * - `categoricalAccuracy`, `sparseCategoricalAccuracy`: [rows with argmax t == argmax p (or t == argmax p), rows]. Ties go to the first.
 * - `topKCategoricalAccuracy`, `sparseTopKCategoricalAccuracy`: [rows in which less than k elements of p are larger than that of the
 *   class (argmax t, or t), rows].
 * - `binaryAccuracy`: [elements with (p > threshold) == (t > 0.5), elements].
 * - `classCounts`: for each class, an element of the last axis, [true positives, false positives, false negatives]. Positive is p >
 *   threshold, or, without `threshold`, a row's largest elements. Targets are values or classes.
 * - `scoreCounts`: for each of the ranges ((i - 1) / (thresholds - 1), i / (thresholds - 1)], [true elements, false elements] whose p is in it;
 *   those of p <= 0 and NaN are in the first, those of p > 1 in the last. Targets are values or classes.
 * - `mean`: [sum of the samples' losses, samples]. Rows of the metric's own `ignoreClass` count as 0, as in Keras.
 *
 * A class outside [0, n), which only a loss with `ignoreClass` lets pass, is nowhere the truth, and its row's loss is 0.
 */
export type MetricDescription =
  | {
      kind: 'categoricalAccuracy' | 'sparseCategoricalAccuracy';
    }
  | { kind: 'topKCategoricalAccuracy' | 'sparseTopKCategoricalAccuracy'; k: number }
  | { kind: 'binaryAccuracy'; threshold: number }
  | { kind: 'classCounts'; threshold?: number }
  | { kind: 'scoreCounts'; thresholds: number }
  | { kind: 'mean'; loss: LossDescription };

/** How one output is trained on. */
export interface OutputTraining {
  loss: LossDescription;
  /** What a batch's loss is multiplied by before it is added to the others'. Default 1. */
  weight?: number;
  metrics: readonly MetricDescription[];
}

/**
 * What gradients by values a program computes (`Program.valueGradients`); it trains no weights. Nodes do what they do in training, but no
 * weights or statistics change. `by` are the values by which gradients are wanted, inputs among them. An embedding passes no
 * gradient on to the numbers that it takes.
 *
 * - `of` 'loss': of the batch's loss, as `training` has it. What regularizers add depends on no value.
 * - `of` 'output': of the sum of all elements of the first output, each times its factor.
 */
export interface ValueGradientsDescription {
  by: readonly ValueReference[];
  of: 'loss' | 'output';
}

/**
 * What is computed. The nodes form a graph without cycles: any number of later nodes may take the output of one. The first nodes, one
 * or more, are the `input`s, and there are no others. Every value that is no output is taken by at least one node. The gradient by a
 * value that is taken several times is the sum of those that its uses give, added from the first use on (by node, then by place
 * among its inputs; being an output comes last).
 */
export interface GraphDescription {
  nodes: readonly NodeDescription[];
  /** The values that the program gives, each at most once. Default: the last node's first output. */
  outputs?: readonly ValueReference[];
}

/** How a graph is trained. */
export interface TrainingDescription {
  /**
   * By output; null for one without loss and targets. At least one has a loss. The batch's loss is the sum of the outputs', each
   * times its weight: the mean over the batch's samples of the samples' losses, each sample or each of its rows times its weight
   * where there are any.
   */
  outputs: readonly (OutputTraining | null)[];
  optimizer: OptimizerDescription;
}

/** Plain JSON: `JSON.parse(JSON.stringify(description))` means the same. */
export interface ProgramDescription {
  version: typeof DESCRIPTION_VERSION;
  graph: GraphDescription;
  /** Absent for a program that only predicts. */
  training?: TrainingDescription;
  /** Absent for a program that predicts and trains. */
  valueGradients?: ValueGradientsDescription;
}

/** A program of this graph. */
export function describeProgram(
  graph: GraphDescription,
  parts: Pick<ProgramDescription, 'training' | 'valueGradients'> = {},
): ProgramDescription {
  return { version: DESCRIPTION_VERSION, graph, ...parts };
}

/** The index of the node that gives a value. */
export function nodeOf(value: ValueReference): number {
  return typeof value === 'number' ? value : value[0];
}

/** Shape of a sample of a value. */
export function shapeOf(nodes: readonly NodeDescription[], value: ValueReference): Shape {
  const [node, output] = typeof value === 'number' ? [value, 0] : value;
  return nodes[node].outputs[output].shape;
}
