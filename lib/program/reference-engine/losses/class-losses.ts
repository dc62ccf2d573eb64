import { softmaxRow } from '../softmax-row.js';
import { clip, EPSILON, type RowCall, type RowLoss } from './row-loss.js';

/**
 * -sum_i t_i log p_i with p = softmax(z), computed as sum_i t_i (logsumexp(z) - z_i). Its gradient by z_i is
 * p_i sum(t) - t_i.
 */
function logitsCrossentropy({ p: logits, t, gradient }: RowCall): number {
  const logSum = softmaxRow(logits, 0, gradient);
  // 0, or NaN if a logit is NaN.
  let loss = logSum - logSum;
  let mass = 0;
  for (let i = 0; i < t.length; i++) {
    // A class of weight 0 adds nothing, even if its logit is -Infinity.
    if (t[i] !== 0) loss += t[i] * (logSum - logits[i]);
    mass += t[i];
  }
  for (let i = 0; i < t.length; i++) gradient[i] = gradient[i] * mass - t[i];
  return loss;
}

/**
 * The sum of `term`, which returns a value and a slope, over the clipped elements of q = p / s, where s =
 * sum(p). The gradient g_i by q_i is the slope, or 0 if q_i is clipped. The gradient by p_i is (g_i - sum_j
 * g_j q_j) / s.
 */
function overProbabilities(
  p: Float64Array,
  gradient: Float64Array,
  term: (probability: number, index: number) => [value: number, slope: number],
): number {
  const total = p.reduce((sum, value) => sum + value, 0);
  let loss = 0;
  let dot = 0;
  for (let i = 0; i < p.length; i++) {
    const q = p[i] / total;
    const clipped = clip(q, EPSILON, 1 - EPSILON);
    const [value, slope] = term(clipped, i);
    loss += value;
    gradient[i] = clipped === q ? slope : 0;
    dot += gradient[i] * q;
  }
  for (let i = 0; i < p.length; i++) gradient[i] = (gradient[i] - dot) / total;
  return loss;
}

function crossentropy(call: RowCall): number {
  if (call.logits) return logitsCrossentropy(call);
  const { p, t, gradient } = call;
  return overProbabilities(p, gradient, (probability, i) => [
    -t[i] * Math.log(probability),
    -t[i] / probability,
  ]);
}

function focalCrossentropy({ p, t, logits, numbers, gradient }: RowCall): number {
  const { gamma, alpha = 1 } = numbers;
  const probabilities = logits ? new Float64Array(p.length) : p;
  if (logits) softmaxRow(p, 0, probabilities);
  const loss = overProbabilities(probabilities, gradient, (probability, i) => {
    const factor = alpha * t[i] * (1 - probability) ** gamma;
    const value = -factor * Math.log(probability);
    return [value, factor * ((gamma * Math.log(probability)) / (1 - probability) - 1 / probability)];
  });
  if (logits) {
    const dot = gradient.reduce((sum, value, i) => sum + value * probabilities[i], 0);
    for (let i = 0; i < p.length; i++) gradient[i] = probabilities[i] * (gradient[i] - dot);
  }
  return loss;
}

function categoricalHinge({ p, t, gradient }: RowCall): number {
  let right = 0;
  let wrong = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < p.length; i++) {
    // An element of weight 0 adds nothing, even if it is infinite.
    if (t[i] !== 0) right += t[i] * p[i];
    const other = t[i] === 1 ? 0 : (1 - t[i]) * p[i];
    if (!(other > largest) && !Number.isNaN(other)) continue;
    largest = other;
    wrong = i;
  }
  const margin = largest - right + 1;
  gradient.fill(0);
  if (margin <= 0) return 0;
  for (let i = 0; i < p.length; i++) gradient[i] = -t[i];
  gradient[wrong] += 1 - t[wrong];
  return margin;
}

function cosineSimilarity({ p, t, gradient }: RowCall): number {
  const norm = Math.hypot(...p);
  const by = 1 / Math.max(norm, EPSILON);
  const targetBy = 1 / Math.max(Math.hypot(...t), EPSILON);
  const cosine = p.reduce((sum, value, i) => sum + value * by * t[i] * targetBy, 0);
  // Below the smallest norm, p is divided by a constant.
  const along = norm < EPSILON ? 0 : cosine * by;
  for (let i = 0; i < p.length; i++) gradient[i] = by * (along * p[i] - t[i] * targetBy);
  return -cosine;
}

export const CLASS_LOSSES = {
  categoricalCrossentropy: { targets: 'values', logitsOf: 'softmax', compute: crossentropy },
  sparseCategoricalCrossentropy: { targets: 'classes', logitsOf: 'softmax', compute: crossentropy },
  categoricalFocalCrossentropy: { targets: 'values', logitsOf: 'softmax', compute: focalCrossentropy },
  categoricalHinge: { targets: 'values', compute: categoricalHinge },
  cosineSimilarity: { targets: 'values', compute: cosineSimilarity },
} as const satisfies Record<string, RowLoss>;
