/**
 * A program describes as plain data what a model computes. Layers lower to it. It crosses to an engine once,
 * and the engine checks, plans and runs it. Both engines (native and reference) give each field the same
 * meaning, which this file defines; contracts/ defines each op.
 *
 * Layout: all values are row-major with the batch first and channels last, [n, h, w, c] or [n, features].
 * Shapes below leave out the batch.
 */

import type { AttributesOf, OpName } from './contracts/index.js';
import type { DType } from './dtype.js';
import type { OptimizerDescription } from './optimizer-description.js';
import type { Shape } from '../tensor/shapes.js';

export type { Attribute, AttributesOf, OpName } from './contracts/index.js';
export type { Shape } from '../tensor/shapes.js';

/** The version of this format. Engines reject others. */
export const DESCRIPTION_VERSION = 1;

/**
 * Refers to a value of the program, an output of a node: the node's index for its first output,
 * [node, output] for the others, of which 1 is the second.
 */
export type ValueReference = number | readonly [node: number, output: number];

/** Shape and type of a node's output. */
export interface ValueDescription {
  /** The shape of one sample. */
  shape: Shape;
  /**
   * 'float32', except for inputs that expect samples of another type. Engines compute in float32 and convert
   * samples as they read a batch.
   */
  dtype: DType;
}

/** One operation on the outputs of earlier nodes. */
export interface NodeOf<Op extends OpName> {
  /**
   * A unique name: the layer's name, or "layer/part" if the layer lowers to several nodes. Errors cite it.
   */
  name: string;
  /** The op: see its contract in contracts/. */
  op: Op;
  /** Outputs of earlier nodes. */
  inputs: readonly ValueReference[];
  attributes: AttributesOf<Op>;
  /** The node's parameters, in the order in which weights are read and written. */
  parameters: readonly ParameterDescription[];
  /**
   * Index of an earlier node whose weights this node shares, for a layer that is applied twice. Both nodes
   * must have the same op and parameters, and the earlier node must have no `sharesWith`. A sharing node adds
   * no weights to those that are read and written. The gradient of shared weights is the sum over their
   * nodes, in the order of nodes.
   */
  sharesWith?: number;
  /**
   * The outputs, as the op's contract infers them. Engines infer them again and reject a difference.
   */
  outputs: readonly ValueDescription[];
}

/** A node of any op, or of the named one. */
export type NodeDescription<Op extends OpName = OpName> = Op extends OpName ? NodeOf<Op> : never;

export interface ParameterDescription {
  /** "kernel", "bias", "gamma"... */
  name: string;
  shape: Shape;
  /** Whether training updates the weight. If false, no gradient of it is computed. Default true. */
  trainable?: boolean;
  /**
   * A penalty of a trainable weight. Training and evaluation add l1 * sum |w| + l2 * sum w^2 to the batch's
   * loss, and l1 * sign(w) + 2 * l2 * w to the weight's gradient. sign(0) is 0.
   */
  regularizer?: { l1: number; l2: number };
  constraint?: ConstraintDescription;
}

/**
 * A constraint, applied to a trainable weight after each update:
 *
 * - `nonNeg`: negative elements become 0.
 * - `norm`: w = w * (rate * clip(norm, minimum, maximum) + (1 - rate) * norm) / (norm + 1e-7). The norm is
 *   the L2 norm over `axes` (at least one, counted from 0), for each index along the other axes.
 */
export type ConstraintDescription =
  | { kind: 'nonNeg' }
  | { kind: 'norm'; minimum: number; maximum: number; rate: number; axes: readonly number[] };

/**
 * A loss of an output p against its targets t.
 *
 * A row is the last axis at one index of all other axes. A formula below gives the loss of a row; sums and
 * means in it are over the row's n elements. The loss of a sample is the mean over its rows, and the loss of
 * a batch is the mean over its samples. Gradients are of the batch's loss. E is 1e-7. Formulas follow Keras 3
 * where it has the loss.
 *
 * Sample weights multiply the losses of samples or of rows. As in Keras, means aren't divided by their sum.
 *
 * - `categoricalCrossentropy`: -sum t log p, where t is one-hot or a distribution over the last axis. p is
 *   softmax(logits) with `fromLogits`, or if the output is a softmax over the last axis; engines then compute
 *   it stably from the softmax's logits. Otherwise p is divided by its sum, then clipped to [E, 1 - E], as in
 *   Keras (a clipped element has no gradient).
 * - `sparseCategoricalCrossentropy`: categoricalCrossentropy with an integer class t. A row of class
 *   `ignoreClass` has loss 0 and gradient 0. The batch's loss is then multiplied by its number of rows over
 *   its number of rows that aren't ignored (by 0 if there are none), so it is the mean over these. Classes
 *   must be in [0, n), except `ignoreClass`.
 * - `binaryCrossentropy`: mean of -(t log p + (1 - t) log(1 - p)). p is sigmoid(logits) with `fromLogits`, or
 *   if the output is a sigmoid, computed stably from the logits. Otherwise p is clipped as above.
 * - `binaryFocalCrossentropy`: mean of w (1 - q)^gamma times the binary cross-entropy, with q = t p + (1 -
 *   t)(1 - p) (p not clipped) and w = alpha t + (1 - alpha)(1 - t), or 1 without `alpha`. Logits as for the
 *   binary cross-entropy.
 * - `categoricalFocalCrossentropy`: -sum alpha (1 - p)^gamma t log p, with p divided by its sum and clipped
 *   as above. p is softmax(logits) with `fromLogits`, or if the output is a softmax.
 * - `meanSquaredError`, `meanAbsoluteError`: mean of (p - t)^2, of |p - t| (gradient 0 at p = t).
 * - `meanAbsolutePercentageError`: 100 times the mean of |p - t| / max(|t|, E).
 * - `meanSquaredLogarithmicError`: mean of (log(max(p, E) + 1) - log(max(t, E) + 1))^2.
 * - `halfSquaredError`: sum of (t - p)^2 / 2 over all elements of a sample, not divided by its rows.
 * - `huber`: mean of d^2 / 2 where |d| <= delta, otherwise delta |d| - delta^2 / 2, with d = p - t.
 * - `logCosh`: mean of log(cosh(p - t)).
 * - `hinge`, `squaredHinge`: mean of max(1 - t p, 0), of its square; t is -1 or 1, and 0 counts as -1.
 * - `categoricalHinge`: max(max((1 - t) p) - sum t p + 1, 0). The gradient of the inner maximum goes to the
 *   first element that attains it.
 * - `klDivergence`: sum of t log(t / p), both clipped to [E, 1].
 * - `poisson`: mean of p - t log(p + E).
 * - `cosineSimilarity`: -sum t p / (max(|t|, E) max(|p|, E)), where |.| is the L2 norm.
 *
 * `labelSmoothing` s in [0, 1], for cross-entropies, replaces t by t (1 - s) + s / n, or by t (1 - s) + s / 2
 * if each element is a class.
 */
export interface LossDescription {
  /** Which loss it is. */
  kind: LossKind;
  /** Whether the output is logits, for cross-entropies. Default false. */
  fromLogits?: boolean;
  /** Label smoothing, for cross-entropies. Default 0. */
  labelSmoothing?: number;
  /** Parameter of huber, above 0. Default 1. */
  delta?: number;
  /** Parameter of the focal losses, at least 0. Default 2. */
  gamma?: number;
  /** Parameter of the focal losses. The default depends on the loss. */
  alpha?: number;
  /** The class to ignore, for sparseCategoricalCrossentropy; a 32-bit integer. Default none. */
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
 * A metric, as the sums that it is computed from. Engines add them up over all samples, unweighted, so the
 * metric is exact over an epoch.
 *
 * An element is true if its target is above 0.5, or if it is its row's class. A NaN is never right, largest
 * or above a threshold; no other element of its row is the largest then.
 *
 * - `categoricalAccuracy`, `sparseCategoricalAccuracy`:
 *   [rows with argmax t == argmax p (or t == argmax p), rows]. The first of several equal elements is the
 *   argmax.
 * - `topKCategoricalAccuracy`, `sparseTopKCategoricalAccuracy`: [rows in which fewer than k elements of p are
 *   larger than that of the class (argmax t, or t), rows].
 * - `binaryAccuracy`: [elements with (p > threshold) == (t > 0.5), elements].
 * - `classCounts`: for each class, an element of the last axis,
 *   [true positives, false positives, false negatives]. An element is positive if p > threshold, or, without
 *   `threshold`, if it is one of the row's largest. Targets are values or classes.
 * - `scoreCounts`: for each of the ranges ((i - 1) / (thresholds - 1), i / (thresholds - 1)],
 *   [true elements, false elements] with p in it. The first range includes p <= 0 and NaN, the last p > 1.
 *   Targets are values or classes.
 * - `mean`: [sum of the samples' losses, samples]. Rows of the metric's own `ignoreClass` count as 0, as in
 *   Keras.
 *
 * A class outside [0, n), which only a loss with `ignoreClass` allows, matches no element, and its row's loss
 * is 0.
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

/** Loss and metrics of one output. */
export interface OutputTraining {
  loss: LossDescription;
  /** Factor of the output's loss in the batch's loss. Default 1. */
  weight?: number;
  metrics: readonly MetricDescription[];
}

/**
 * Gradients with respect to values, which `Program.valueGradients` computes. Such a program trains no
 * weights. Nodes compute as in training, but weights and statistics don't change.
 *
 * `by` lists the values to differentiate by; inputs may be among them. An embedding passes no gradient to its
 * input.
 *
 * - `of` 'loss': differentiates the batch's loss, as `training` defines it. Penalties of regularizers depend
 *   on no value.
 * - `of` 'output': differentiates the sum of all elements of the first output, each times its factor.
 */
export interface ValueGradientsDescription {
  by: readonly ValueReference[];
  of: 'loss' | 'output';
}

/**
 * The nodes of a program, an acyclic graph. A node may read outputs of earlier nodes only, and any number of
 * nodes may read the same output. The first nodes must be the `input`s, one or more; later nodes must not be.
 * One output of each node at least must be read by a node or be an output of the program.
 *
 * The gradient by a value is the sum of the gradients from its uses, added in the order of nodes and of their
 * inputs. Its use as an output comes last. The gradient by a value that the loss doesn't depend on is 0.
 */
export interface GraphDescription {
  nodes: readonly NodeDescription[];
  /** The output values, each at most once. Default: the last node's first output. */
  outputs?: readonly ValueReference[];
}

/** Losses, metrics and optimizer of a graph. */
export interface TrainingDescription {
  /**
   * One for each output; null for an output without loss and targets. At least one must have a loss. The
   * batch's loss is the sum of the outputs' losses times their weights. An output's loss is the mean over the
   * batch of the samples' losses, each sample or row times its sample weight if there are any.
   */
  outputs: readonly (OutputTraining | null)[];
  optimizer: OptimizerDescription;
}

/** A complete program in plain JSON: `JSON.parse(JSON.stringify(description))` means the same. */
export interface ProgramDescription {
  version: typeof DESCRIPTION_VERSION;
  graph: GraphDescription;
  /** Absent for a program that only predicts. */
  training?: TrainingDescription;
  /** Absent for a program that predicts and trains. */
  valueGradients?: ValueGradientsDescription;
}

/** Makes a program of this graph. */
export function describeProgram(
  graph: GraphDescription,
  parts: Pick<ProgramDescription, 'training' | 'valueGradients'> = {},
): ProgramDescription {
  return { version: DESCRIPTION_VERSION, graph, ...parts };
}

/** The index of the node that computes a value. */
export function nodeOf(value: ValueReference): number {
  return typeof value === 'number' ? value : value[0];
}

/** The shape of a value, without the batch. */
export function shapeOf(nodes: readonly NodeDescription[], value: ValueReference): Shape {
  const [node, output] = typeof value === 'number' ? [value, 0] : value;
  return nodes[node].outputs[output].shape;
}
