import type { LossDescription } from '../description.js';
import type { FloatArray } from './precision.js';
import { softmaxRow } from './softmax-row.js';

/** Float values of the outputs' shape, or classes: the outputs' shape without its last axis. */
export type Targets = FloatArray | Int32Array;

export interface LossCall {
  readonly samples: number;
  /** Length of the last axis. */
  readonly classes: number;
  /** [samples, ..., classes]: logits where the loss is a crossentropy of logits. */
  readonly outputs: FloatArray;
  readonly targets: Targets;
  /** Zeros, to be filled with the gradient of the mean over samples, by `outputs`. */
  readonly gradient: FloatArray;
}

export interface Loss {
  /** What the targets are. */
  readonly targets: 'values' | 'classes';
  /** Whether it can take logits: those of a softmax at the end of a program are used then. */
  readonly crossentropy: boolean;
  /** Returns the sum of the samples' losses and writes the gradient. */
  compute(call: LossCall, logits: boolean): number;
}

export const LOSSES: Record<LossDescription['kind'], Loss> = {
  categoricalCrossentropy: {
    targets: 'values',
    crossentropy: true,
    compute: (call, logits) =>
      crossentropy(call, logits, (row, distribution) => {
        const start = row * distribution.length;
        distribution.set(call.targets.subarray(start, start + distribution.length));
      }),
  },
  sparseCategoricalCrossentropy: {
    targets: 'classes',
    crossentropy: true,
    compute: (call, logits) =>
      crossentropy(call, logits, (row, distribution) => {
        distribution.fill(0);
        distribution[call.targets[row]] = 1;
      }),
  },
  meanSquaredError: {
    targets: 'values',
    crossentropy: false,
    compute: (call) => squaredError(call, call.samples / call.outputs.length),
  },
  halfSquaredError: {
    targets: 'values',
    crossentropy: false,
    compute: (call) => squaredError(call, 1 / 2),
  },
};

/** Sum over elements of factor * (p - t)^2. */
function squaredError({ samples, outputs, targets, gradient }: LossCall, factor: number): number {
  let sum = 0;
  for (let i = 0; i < outputs.length; i++) {
    const difference = outputs[i] - targets[i];
    sum += difference * difference;
    gradient[i] = (2 * factor * difference) / samples;
  }
  return factor * sum;
}

/** `readTarget` writes the target distribution of a row, one setting of all axes but the last. */
function crossentropy(
  { samples, classes, outputs, gradient }: LossCall,
  logits: boolean,
  readTarget: (row: number, distribution: Float64Array) => void,
): number {
  const rowCrossentropy = logits ? logitsCrossentropy : probabilitiesCrossentropy;
  const rows = outputs.length / classes;
  const target = new Float64Array(classes);
  const rowGradient = new Float64Array(classes);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    readTarget(row, target);
    sum += rowCrossentropy(outputs, row * classes, target, rowGradient);
    // A sample's loss is the mean over its rows, a batch's over its samples: together the mean over all rows.
    for (let i = 0; i < classes; i++) gradient[row * classes + i] = rowGradient[i] / rows;
  }
  return (sum * samples) / rows;
}

/** -sum_i t_i log p_i with p = softmax(z): sum_i t_i (logsumexp(z) - z_i); its gradient by z_i is p_i sum(t) - t_i. */
function logitsCrossentropy(
  logits: FloatArray,
  start: number,
  target: Float64Array,
  gradient: Float64Array,
): number {
  const logSum = softmaxRow(logits, start, gradient);
  let loss = 0;
  let mass = 0;
  for (let i = 0; i < target.length; i++) {
    // A class without weight adds nothing, even where its logit is -Infinity.
    if (target[i] !== 0) loss += target[i] * (logSum - logits[start + i]);
    mass += target[i];
  }
  for (let i = 0; i < target.length; i++) gradient[i] = gradient[i] * mass - target[i];
  return loss;
}

/** Keras's epsilon: probabilities are clipped to [CLIP, 1 - CLIP]. */
const CLIP = 1e-7;

/**
 * With q = p / s, s = sum(p): -sum_i t_i log clip(q_i). By q_i the gradient is g_i = -t_i / q_i, or 0 where q_i is clipped; by
 * p_i it is (g_i - sum_j g_j q_j) / s.
 */
function probabilitiesCrossentropy(
  outputs: FloatArray,
  start: number,
  target: Float64Array,
  gradient: Float64Array,
): number {
  let total = 0;
  for (let i = 0; i < target.length; i++) total += outputs[start + i];
  let loss = 0;
  let dot = 0;
  for (let i = 0; i < target.length; i++) {
    const q = outputs[start + i] / total;
    const clipped = Math.min(Math.max(q, CLIP), 1 - CLIP);
    loss -= target[i] * Math.log(clipped);
    gradient[i] = clipped === q ? -target[i] / q : 0;
    dot += gradient[i] * q;
  }
  for (let i = 0; i < target.length; i++) gradient[i] = (gradient[i] - dot) / total;
  return loss;
}
