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
  /** Zeros, [samples], to be filled with each sample's loss. */
  readonly losses: Float64Array;
  /** Zeros, to be filled with the gradient of each sample's loss, by `outputs`. */
  readonly gradient: Float64Array;
}

export interface Loss {
  /** What the targets are. */
  readonly targets: 'values' | 'classes';
  /** Whether it can take logits: those of a softmax that is an output are used then. */
  readonly crossentropy: boolean;
  compute(call: LossCall, logits: boolean): void;
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

/** Sum over a sample's elements of factor * (p - t)^2. */
function squaredError({ samples, outputs, targets, losses, gradient }: LossCall, factor: number): void {
  const size = outputs.length / samples;
  for (let i = 0; i < outputs.length; i++) {
    const difference = outputs[i] - targets[i];
    losses[Math.floor(i / size)] += factor * difference * difference;
    gradient[i] = 2 * factor * difference;
  }
}

/** `readTarget` writes the target distribution of a row, one setting of all axes but the last. A sample's loss is the mean over its rows. */
function crossentropy(
  { samples, classes, outputs, losses, gradient }: LossCall,
  logits: boolean,
  readTarget: (row: number, distribution: Float64Array) => void,
): void {
  const rowCrossentropy = logits ? logitsCrossentropy : probabilitiesCrossentropy;
  const rows = outputs.length / classes;
  const rowsPerSample = rows / samples;
  const target = new Float64Array(classes);
  const rowGradient = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    readTarget(row, target);
    const loss = rowCrossentropy(outputs, row * classes, target, rowGradient);
    losses[Math.floor(row / rowsPerSample)] += loss / rowsPerSample;
    for (let i = 0; i < classes; i++) gradient[row * classes + i] = rowGradient[i] / rowsPerSample;
  }
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
