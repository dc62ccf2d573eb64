/**
 * A program: what a model computes, in plain data. Layers lower to it, it crosses to an engine once, and the engine
 * checks it again, plans it and runs it. Both engines (native and reference) mean the same by each field; this file is
 * where that meaning is written down.
 *
 * Layout: all values are row-major with the batch first and channels last, [n, h, w, c] or [n, features].
 * Shapes below leave the batch dimension out.
 */

export type Shape = readonly number[];

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
}

/**
 * What each op computes and the attributes it takes:
 *
 * - `input` {}: an input of the program; `shape` is one sample's.
 * - `add` {}: the elementwise sum of two or more inputs of one shape, added in their order. An input may be named more than once.
 * - `merge` {kind: 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum'}: elementwise over two or more inputs of one shape (subtract:
 *   exactly two), in their order. A maximum's or minimum's gradient goes to the first input that has it.
 * - `concatenate` {axis}: two or more inputs one after another along an axis (0 is the first behind the batch); their other axes are alike.
 * - `broadcast` {}: repeats axes of size 1 up to `shape`, which has as many axes.
 * - `permute` {axes}: axis i of the output is axis axes[i] of the input (0 is the first behind the batch).
 * - `pad` {before, after}: per axis, so many zeros are added at its beginning and end; where negative, as many elements are left
 *   out. At least one element of each axis stays.
 * - `resize` {kind: 'bilinear' | 'nearest', size: [h, w]}: images of that size. Output row o lies at (o + 0.5) * inputRows / rows - 0.5
 *   among the input's, columns likewise: half-pixel centres, without antialiasing. `nearest` takes row
 *   floor((o + 0.5) * inputRows / rows); `bilinear` weighs the two rows and columns around, those outside being the image's edge.
 * - `standardize` {mean, scale}: (x - mean[c]) * scale[c], a number for each element c of the last axis, rounded to float32.
 * - `unitLength` {}: x / sqrt(max(sum of x^2 over the last axis, 1e-12)).
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
 *   cell in row-major order. Each padding is less than its window's size.
 * - `dense` {}: parameters kernel [inputs, units] and, if present, bias [units]; over the last axis of any input.
 * - `activation` {kind: 'relu' | 'sigmoid' | 'tanh' | 'softmax'}: elementwise, softmax over the last axis. relu's gradient at 0 is 0.
 * - `dropout` {rate, stream}: in training keeps an element with probability 1 - rate and scales it by 1 / (1 - rate),
 *   elsewhere the identity. Element e of the batch (its index in the [n, ...] value, samples counted from the batch's
 *   start) is dropped when word e % 4 of Philox4x32-10 with counter [floor(e / 4), stream, step mod 2^32, step div 2^32] and key
 *   [seed mod 2^32, seed div 2^32] is less than floor(rate * 2^32). `step` is the number of training steps this program has made
 *   before this one (the optimizer's iterations).
 * - `reshape` {}: the same elements under `shape` (flatten included).
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
  | 'dropout'
  | 'reshape';

/**
 * A loss, on an output p against its targets t. A sample's loss is as below, averaged over any leading
 * axes; the loss of a batch is the mean over its samples, and gradients are of that mean.
 *
 * - `categoricalCrossentropy`: t one-hot or a distribution over the last axis, -sum t log p. With `fromLogits`, or where the
 *   output is a softmax's (whose logits are then used: the same function, computed stably), p = softmax(logits).
 *   Otherwise p is divided by its sum, then clipped to [1e-7, 1 - 1e-7], as Keras does (no gradient through a clipped element).
 * - `sparseCategoricalCrossentropy`: the same with t an integer class.
 * - `meanSquaredError`: mean over all elements of (p - t)^2.
 * - `halfSquaredError`: sum over all elements of (t - p)^2 / 2: the tutorial's "total error".
 */
export interface LossDescription {
  kind: 'categoricalCrossentropy' | 'sparseCategoricalCrossentropy' | 'meanSquaredError' | 'halfSquaredError';
  fromLogits: boolean;
}

/**
 * Counted per sample and summed: the mean over an epoch is exact.
 * - `categoricalAccuracy`: argmax t == argmax p. `sparseCategoricalAccuracy`: t == argmax p. Ties go to the first.
 * - `binaryAccuracy`: share of elements with (p > 0.5) == (t > 0.5).
 * - `meanSquaredError`: as the loss.
 */
export type MetricKind =
  | 'categoricalAccuracy'
  | 'sparseCategoricalAccuracy'
  | 'binaryAccuracy'
  | 'meanSquaredError';

/**
 * - `sgd`: as Keras: without momentum w -= rate * g; with it v = momentum * v - rate * g and w += v, or with nesterov
 *   w += momentum * v - rate * g (the new v). Slot: "momentum" (only if momentum > 0).
 * - `adam`: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon),
 *   t counting from 1. As in Keras, epsilon stands outside the bias correction. Slots: "m", "v".
 */
export type OptimizerDescription =
  | { kind: 'sgd'; learningRate: number; momentum: number; nesterov: boolean }
  | { kind: 'adam'; learningRate: number; beta1: number; beta2: number; epsilon: number };

/** How one output is trained on. */
export interface OutputTraining {
  loss: LossDescription;
  /** What a batch's loss is multiplied by before it is added to the others'. Default 1. */
  weight?: number;
  metrics: readonly MetricKind[];
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
  /** Absent for a program that only predicts. */
  training?: {
    /**
     * By output; null for one without loss and targets. At least one has a loss. The batch's loss is the sum of the outputs', each
     * times its weight: the mean over the batch's samples of the samples' losses, each times its sample weight where there are any.
     */
    outputs: readonly (OutputTraining | null)[];
    optimizer: OptimizerDescription;
  };
}
