/**
 * A program: what a model computes, in plain data. Layers lower to it, it crosses to an engine once, and the engine
 * checks it again, plans it and runs it. Both engines (native and reference) mean the same by each field; this file is
 * where that meaning is written down.
 *
 * Layout: all values are row-major with the batch first and channels last, [n, h, w, c] or [n, features].
 * Shapes below leave the batch dimension out.
 */

import type { Shape } from '../tensor/shapes.js';
import type { OptimizerDescription } from './optimizer-description.js';

export type { Shape } from '../tensor/shapes.js';

export type Attribute = number | boolean | string | readonly number[];

/** One operation on the outputs of earlier nodes. */
export interface NodeDescription {
  /** Unique; the layer's name, or "layer/part" where a layer lowers to several nodes. Errors cite it. */
  name: string;
  op: OpName;
  /** Indexes into `ProgramDescription.nodes`, each less than this node's own. One for most ops; those that take several say so. */
  inputs: readonly number[];
  attributes: Readonly<Record<string, Attribute>>;
  /** In the order in which weights are read and written. */
  parameters: readonly ParameterDescription[];
  /**
   * Index of an earlier node, of the same op and with the same parameters, whose weights this one uses too: a layer that is
   * applied twice. Such a node adds no weights to those that are read and written. Their gradient is the sum of what
   * the nodes give, in the order of nodes. The earlier node itself has no `sharesWith`.
   */
  sharesWith?: number;
  /** Output shape as lowering inferred it. Engines compute it again and refuse a difference. */
  shape: Shape;
}

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
 * What each op computes and the attributes it takes:
 *
 * - `input` {}: an input of the program; `shape` is one sample's.
 * - `add` {}: the elementwise sum of two or more inputs of one shape, added in their order. An input may be named more than once.
 * - `merge` {kind: 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum'}: elementwise over two or more inputs of one shape (subtract:
 *   exactly two), in their order. A maximum's or minimum's gradient goes to the first input that has it; if
 *   an input is NaN, so are both.
 * - `concatenate` {axis}: two or more inputs one after another along an axis (0 is the first behind the batch); their other axes are alike.
 * - `broadcast` {}: repeats axes of size 1 up to `shape`, which has as many axes.
 * - `permute` {axes}: axis i of the output is axis axes[i] of the input (0 is the first behind the batch).
 * - `pad` {before, after}: per axis, so many zeros are added at its beginning and end; where negative, as many elements are left
 *   out. At least one element of each axis stays.
 * - `resize` {kind: 'bilinear' | 'nearest', size: [h, w], corners?}: images of that size, without antialiasing. 'bilinear' weighs the two
 *   rows around an output row's place among the input's, and the two columns; those outside are the image's edge. 'nearest' takes one.
 *   `corners` says where output row o lies, with in and out the numbers of rows; columns likewise:
 *   - 'halfPixel' (default; Keras 3): (o + 1/2) * in / out - 1/2. 'nearest' rounds, halves up.
 *   - 'topLeft' (TF.js's up-sampling): (in / out) * o. 'nearest' takes the floor.
 *   - 'aligned' (TF.js's Resizing, alignCorners): ((in - 1) / (out - 1)) * o, or 0 where out is 1. 'nearest' rounds, halves up.
 *   Places are computed in double precision, in the order of the brackets.
 * - `standardize` {mean, scale}: (x - mean[c]) * scale[c], a number for each element c of the last axis, rounded to float32.
 * - `unitLength` {leastSquare?}: x / sqrt(max(sum of x^2 over the last axis, leastSquare)). leastSquare is above 0; default 1e-12, as in
 *   Keras 3. TF.js's is 1e-7.
 * - `embedding` {}: parameter embeddings [inputs, outputs]; each number i of x becomes row i, on a new last axis. A number that is no
 *   row's index (not whole, negative, too large) gives NaN, which the loss shows; no gradient comes from it.
 * - `conv2dTranspose` {strides, dilation, padding}: parameters kernel [kh, kw, outChannels, inChannels] and, if present, bias
 *   [outChannels]. The transpose of the conv2d with the same attributes and kernel, which leads from the output back to the input:
 *   y[h*sh + kh*dh - top, w*sw + kw*dw - left, co] sums x[h, w, ci] * kernel[kh, kw, co, ci], plus bias[co]. `shape` is the
 *   output's: that conv2d must give the input's shape from it.
 * - `rescaling` {scale, offset}: x * scale + offset.
 * - `conv2d` {strides: [h, w], dilation: [h, w], padding: [top, bottom, left, right], groups?, exact?}: parameters kernel
 *   [kh, kw, inChannels / groups, outChannels] and, if present, bias [outChannels]. Cross-correlation, as all frameworks do:
 *   y[oh, ow, co] = bias[co] + sum over kh, kw, ci of x[oh*sh + kh*dh - top, ow*sw + kw*dw - left, first(co) + ci] *
 *   kernel[kh, kw, ci, co], out-of-range x being 0. Output size O = floor((I + pads - ((K - 1) * dilation + 1)) / stride) + 1.
 *   `groups` (default 1) divides both numbers of channels: output channel co is of group g = floor(co / (outChannels / groups)),
 *   whose input channels begin at first(co) = g * inChannels / groups. A depthwise convolution has groups = inChannels.
 *   `exact` (default false) has an engine do without algorithms that round more than a direct sum does.
 * - `pool2d` {kind: 'max' | 'average' | 'sum', size: [h, w], strides: [h, w], padding: [top, bottom, left, right]}: padded
 *   cells take no part (maximum over, and average divided by, the cells inside the image). Ties of a maximum go to the first
 *   cell in row-major order. NaN counts as larger than any number; of several the last is taken. Each padding is less than its window's size.
 * - `dense` {}: parameters kernel [inputs, units] and, if present, bias [units]; over the last axis of any input.
 * - `batchNormalization` {epsilon, momentum, frozen?, always?}: parameters gamma and beta [c], each where it is wanted, then moving_mean
 *   and moving_variance [c], of which no gradient is computed; c is the last axis. y = gamma * (x - mean) / sqrt(variance + epsilon) +
 *   beta. In training and in computing gradients, mean and variance are those of the batch, over all axes but the last, the
 *   variance divided by the number of values, not by one less; and the moving ones become moving * momentum + batch's * (1 - momentum),
 *   node by node where several share them. Elsewhere, and with `frozen` (default false), the moving ones are used and stay as they are.
 *   With `always` (default false) those of the batch are also used in evaluation and prediction, where the moving ones stay as they are;
 *   `frozen` comes first.
 *   (Ioffe, Szegedy: Batch Normalization, 2015)
 * - `layerNormalization` {epsilon, axes}: the same with mean and variance over the last `axes` axes of each sample, everywhere;
 *   gamma and beta [size of these axes], each where it is wanted. (Ba, Kiros, Hinton: Layer Normalization, 2016)
 * - `groupNormalization` {epsilon, groups}: the same with mean and variance over all axes of each sample and each of `groups` equal
 *   runs of channels; gamma and beta [c], each where it is wanted. (Wu, He: Group Normalization, 2018)
 * - `activation` {kind, ...}: the formulas are those of Keras 3.
 *   - 'relu' {negativeSlope?, threshold?, maxValue?}: min(x, maxValue) where x > threshold, elsewhere negativeSlope * (x - threshold).
 *     Defaults 0, 0 and none; none is negative, and maxValue isn't 0. The gradient is that of the second part at x = threshold,
 *     and 0 from maxValue on.
 *   - 'elu' {alpha?}: x where x > 0, elsewhere alpha * (e^x - 1); alpha is 1, or another number from 0 up.
 *   - 'selu': 1.0507009873554805 times elu with alpha = 1.6732632423543772.
 *   - 'gelu' {approximate?}: x * P(X <= x) for a standard normal X, x / 2 * (1 + erf(x / sqrt(2))); with `approximate` (default
 *     false) x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).
 *   - 'silu': x * sigmoid(x). 'mish': x * tanh(softplus(x)). 'hardSwish': x * hardSigmoid(x), of slope 1/6.
 *   - 'sigmoid': 1 / (1 + e^-x). 'tanh'. 'exponential': e^x.
 *   - 'hardSigmoid' {slope?}: slope * x + 1/2, limited to [0, 1]. The slope is positive; default 1/6, as in Keras 3. TF.js's is 0.2.
 *   - 'softplus': log(1 + e^x). 'softsign': x / (1 + |x|).
 *   - 'softmax' {axis?}: e^x over the sum of e^x along an axis, counted without the batch from 0 (default: the last).
 *     'logSoftmax' {axis?}: its logarithm.
 * - `prelu` {alphaShape}: x where x > 0, elsewhere alpha * x. The parameter alpha has one axis, of as many elements as alphaShape,
 *   which has the input's axes, each of the input's size or 1: one element then serves all along the axis.
 * - `dropout` {rate, stream, seed?, always?, noiseShape?, alpha?}: in training, or with `always` (default false) everywhere, keeps an element with probability 1 - rate and scales it by 1 / (1 - rate),
 *   elsewhere the identity. Element e of the batch (its index in the [n, ...] value, samples counted from the batch's
 *   start) is dropped when word e % 4 of Philox4x32-10 with counter [floor(e / 4), stream, step mod 2^32, step div 2^32] and key
 *   [seed mod 2^32, seed div 2^32] is less than floor(rate * 2^32). `seed` is the run's, or the node's own, a whole number in [0, 2^53).
 *   `step` is the number of training steps this program has made before this one (the optimizer's iterations); in evaluation and
 *   prediction, which have a seed of their run too, the number of batches of the run before this one. With `noiseShape`, which has the input's axes, each of the input's size or 1, e is the
 *   element's index in [n, ...noiseShape], so that all along an axis of size 1 are dropped or kept together. With `alpha` (default
 *   false) what is dropped becomes l = -1.7580993408473766, and then all is multiplied by
 *   a = ((1 - rate) * (1 + rate * l^2))^-0.5 and -a * l * rate is added: mean 0 and variance 1 stay (Klambauer et al., 2017).
 * - `gaussianNoise` {stddev, stream, seed?, always?, multiplies?}: in training (with `always`, everywhere) x + stddev * z, or with `multiplies` x * (1 + stddev * z), elsewhere the
 *   identity. z of element e is the standard normal quantile at (2k + 1) / 2^25, where k is the word that dropout would take for e,
 *   without its last 8 bits. The quantile is computed by Giles's polynomials of single precision ("Approximating the erfinv
 *   function", 2011), which are off by less than 1e-6 of it.
 * - Augmentation of images [h, w, c]: `randomFlip`, `randomAffine`, `randomCrop` and `randomTone` {stream, seed?, always?} change each sample
 *   by draws of its own, in training (with `always`, everywhere); elsewhere all but randomCrop are the identity. Draw k (0 to 3) of sample n of the batch is the word that dropout
 *   would take for element 4n + k, divided by 2^32.
 * - `randomFlip` {horizontal, vertical}: with `horizontal`, left and right change places where draw 0 is below 1/2; with `vertical`, top and
 *   bottom where draw 1 is.
 * - `randomAffine` {kind, ranges: [low, high, ...], keepAspect, fill, fillValue, interpolation}: ranges are in [-1, 1] and rounded to float32;
 *   r0 = low + (high - low) * draw 0 of the first range, r1 of the second by draw 1, or with `keepAspect` draw 0. Output pixel (y, x) is
 *   what lies at these row and column of the input, computed in double precision, of which (my, mx) = ((h - 1) / 2, (w - 1) / 2) is the middle:
 *   - 'translation', two ranges: y - r0 * h, x - r1 * w.
 *   - 'zoom', two ranges: (1 + r0) * (y - my) + my, (1 + r1) * (x - mx) + mx.
 *   - 'rotation', one range, of turns, counterclockwise: with s and c the sine and cosine of the angle, c * (y - my) + s * (x - mx) + my and
 *     c * (x - mx) - s * (y - my) + mx.
 *   `interpolation` 'nearest' takes the pixel at floor(place + 1/2), 'bilinear' weighs the four around. Outside the image there is, by `fill`,
 *   'constant' `fillValue` everywhere, 'reflect' (d c b a | a b c d | d c b a), 'wrap' (a b c d | a b c d | a b c d), 'nearest'
 *   (a a a a | a b c d | d d d d).
 * - `randomCrop` {size: [rows, columns]}: the window of that size, no larger than the image, at row floor(draw 0 * (h - rows + 1)) and column
 *   floor(draw 1 * (w - columns + 1)). Outside training the window of min(h, floor(w * rows / columns)) rows and
 *   min(w, floor(h * columns / rows)) columns (each at least 1) in the middle (the odd row or column that is left out is below or right
 *   of it), resized bilinearly as by `resize`.
 * - `randomTone` {kind, range: [low, high], limits: [low, high]}: all four rounded to float32, and r = low + (high - low) * draw 0 of the
 *   range, rounded too. 'contrast' gives (x - m) * r + m with the mean m of the image's channel, 'brightness' x + r; both are then limited
 *   to `limits`. No gradient passes where that is below the lower limit or above the upper one.
 * - `reshape` {}: the same elements under `shape` (flatten included).
 * - `fold` {}: [steps, ...shape], each step of a sample becoming a sample of its own: nodes behind it are computed for `steps` times as
 *   many samples, of which sample i * steps + t is step t of sample i. What counts samples (statistics of a batch, random draws) counts
 *   these. `unfold` {steps} takes them back, to [steps, ...shape]. Inputs of a node are folded alike, the program's outputs not at all.
 */
export type OpName =
  | 'input'
  | 'add'
  | 'broadcast'
  | 'concatenate'
  | 'conv2dTranspose'
  | 'embedding'
  | 'merge'
  | 'pad'
  | 'permute'
  | 'resize'
  | 'standardize'
  | 'unitLength'
  | 'rescaling'
  | 'conv2d'
  | 'pool2d'
  | 'dense'
  | 'activation'
  | 'batchNormalization'
  | 'layerNormalization'
  | 'groupNormalization'
  | 'dropout'
  | 'gaussianNoise'
  | 'prelu'
  | 'randomAffine'
  | 'randomCrop'
  | 'randomFlip'
  | 'randomTone'
  | 'reshape'
  | 'fold'
  | 'unfold';

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
 * weights or statistics change. `by` are the nodes by whose values gradients are wanted, inputs among them. An embedding passes no
 * gradient on to the numbers that it takes.
 *
 * - `of` 'loss': of the batch's loss, as `training` has it. What regularizers add depends on no value.
 * - `of` 'output': of the sum of all elements of the first output, each times its factor.
 */
export interface ValueGradientsDescription {
  by: readonly number[];
  of: 'loss' | 'output';
}

/**
 * The nodes form a graph without cycles: any number of later nodes may take the output of one. The first nodes, one or more, are
 * the `input`s, and there are no others. `outputs` are the nodes whose values the program gives (default: the last node);
 * the value of every other node is taken by at least one. The gradient by a value that is taken several times is the sum of
 * those that its uses give, added from the first use on (by node, then by place among its inputs; being an output comes last).
 */
export interface ProgramDescription {
  nodes: readonly NodeDescription[];
  /** Each at most once. */
  outputs?: readonly number[];
  /** Absent for a program that predicts and trains. */
  valueGradients?: ValueGradientsDescription;
  /** Absent for a program that only predicts. */
  training?: {
    /**
     * By output; null for one without loss and targets. At least one has a loss. The batch's loss is the sum of the outputs', each
     * times its weight: the mean over the batch's samples of the samples' losses, each sample or each of its rows times its weight
     * where there are any.
     */
    outputs: readonly (OutputTraining | null)[];
    optimizer: OptimizerDescription;
  };
}
