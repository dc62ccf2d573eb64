// How a program describes optimizers and their learning rates: see description.ts.

/**
 * A learning rate that depends on the number of training steps made before, s, as in Keras (where steps without an update, of
 * gradientAccumulationSteps, count too). lr is initialLearningRate, p = s / decaySteps, of which `staircase` takes the floor, and
 * cosine(x) = (1 + cos(pi x)) / 2.
 *
 * - `exponentialDecay`: lr * decayRate^p. `inverseTimeDecay`: lr / (1 + decayRate * p).
 * - `polynomialDecay`: (lr - endLearningRate) * (1 - min(s, n) / n)^power + endLearningRate, n being decaySteps; with `cycle` the
 *   least multiple of them, from one on, that is at least s.
 * - `cosineDecay`: for s < warmupSteps lr + (warmupTarget - lr) * s / warmupSteps, then
 *   warmupTarget * ((1 - alpha) * cosine(min(1, (s - warmupSteps) / decaySteps)) + alpha). Without warmupTarget it is lr.
 * - `cosineDecayRestarts`: lr * ((1 - alpha) * mMul^i * cosine(x) + alpha) in the i-th period (from 0), of firstDecaySteps * tMul^i
 *   steps, x being the share of the period that is over.
 * - `piecewiseConstantDecay`: the value whose place is the number of boundaries below s.
 * - `oneCycle`: from maxLearningRate / divFactor to maxLearningRate at step top = pctStart * totalSteps - 1, and on to
 *   maxLearningRate / divFactor / finalDivFactor at step totalSteps - 1, where it stays; between a and b it is b + (a - b) * cosine(x)
 *   (Smith and Topin, "Super-convergence", 2017; steps as PyTorch counts them).
 */
export type ScheduleDescription =
  | ({ kind: 'exponentialDecay' } & FactorDecay)
  | ({ kind: 'inverseTimeDecay' } & FactorDecay)
  | {
      kind: 'polynomialDecay';
      initialLearningRate: number;
      decaySteps: number;
      endLearningRate: number;
      power: number;
      cycle: boolean;
    }
  | {
      kind: 'cosineDecay';
      initialLearningRate: number;
      decaySteps: number;
      alpha: number;
      warmupTarget?: number;
      warmupSteps: number;
    }
  | {
      kind: 'cosineDecayRestarts';
      initialLearningRate: number;
      firstDecaySteps: number;
      tMul: number;
      mMul: number;
      alpha: number;
    }
  | { kind: 'piecewiseConstantDecay'; boundaries: readonly number[]; values: readonly number[] }
  | {
      kind: 'oneCycle';
      maxLearningRate: number;
      totalSteps: number;
      pctStart: number;
      divFactor: number;
      finalDivFactor: number;
    };

interface FactorDecay {
  initialLearningRate: number;
  decaySteps: number;
  decayRate: number;
  staircase: boolean;
}

/**
 * How an optimizer changes a weight w with the gradient g, as Keras does, t counting updates from 1 and rate being the learning rate:
 *
 * - `sgd`: without momentum w -= rate * g; with it v = momentum * v - rate * g and w += v, or with nesterov
 *   w += momentum * v - rate * g (the new v). Slot: "momentum" (only if momentum > 0).
 * - `adam`: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon).
 *   As in Keras, epsilon stands outside the bias correction. With amsgrad vhat = max(vhat, v) takes v's place in it.
 *   Slots: "m", "v", "vhat" (only with amsgrad).
 * - `adamax`: m as adam; u = max(beta2 u, |g|); w -= rate / (1 - beta1^t) * m / (u + epsilon). Slots: "m", "u".
 * - `nadam`: m and v as adam; with b(t) = beta1 * (1 - 0.96^t / 2) and B(t) = b(1) b(2) ... b(t),
 *   w -= rate * (b(t + 1) m / (1 - B(t + 1)) + (1 - b(t)) g / (1 - B(t))) / (sqrt(v / (1 - beta2^t)) + epsilon). Slots: "m", "v".
 * - `rmsprop`: v = rho v + (1 - rho) g^2; step = rate * g / sqrt(v + epsilon). If centered, mg = rho mg + (1 - rho) g, and
 *   max(0, v - mg^2) takes v's place in the step (mathematically it is never below 0, but roundings are). With momentum
 *   step = momentum * (the last step) + step. w -= step. Slots: "rms" (v), "momentum" (only if momentum > 0), "mg" (only if centered).
 * - `adagrad`: a += g^2, from initialAccumulatorValue on; w -= rate * g / sqrt(a + epsilon). Slot: "accumulator".
 * - `adadelta`: a = rho a + (1 - rho) g^2; d = sqrt(b + epsilon) / sqrt(a + epsilon) * g; b = rho b + (1 - rho) d^2; w -= rate * d.
 *   Slots: "accumGrad" (a), "accumVar" (b).
 * - `lion`: w -= rate * sign(beta1 m + (1 - beta1) g), then m = beta2 m + (1 - beta2) g. Slot: "m".
 */
export type OptimizerRule =
  | { kind: 'sgd'; momentum: number; nesterov: boolean }
  | { kind: 'adam'; beta1: number; beta2: number; epsilon: number; amsgrad?: boolean }
  | { kind: 'adamax'; beta1: number; beta2: number; epsilon: number }
  | { kind: 'nadam'; beta1: number; beta2: number; epsilon: number }
  | { kind: 'rmsprop'; rho: number; momentum: number; epsilon: number; centered: boolean }
  | { kind: 'adagrad'; initialAccumulatorValue: number; epsilon: number }
  | { kind: 'adadelta'; rho: number; epsilon: number }
  | { kind: 'lion'; beta1: number; beta2: number };

/**
 * What any optimizer does around its rule, in this order: the gradient is accumulated, clipped (by one of the three), the weight decays,
 * the rule changes it, its average is taken, its constraint is kept to.
 */
export interface OptimizerSettings {
  learningRate: number | ScheduleDescription;
  /**
   * Default 1: every step updates. With k, only each k-th does, by the mean of the k steps' gradients; the others add to the
   * slot "accumulated" and change nothing else.
   */
  gradientAccumulationSteps?: number;
  /** Each weight's gradient whose norm n is above this is multiplied by clipNorm / n. */
  clipNorm?: number;
  /** The same with the norm of all gradients together. */
  globalClipNorm?: number;
  /** Each element is brought within [-clipValue, clipValue]. */
  clipValue?: number;
  /** w -= weightDecay * rate * w. */
  weightDecay?: number;
  /**
   * Whether an average of each weight is kept, in the slot "average": the weight itself after the first update, then emaMomentum *
   * average + (1 - emaMomentum) * w after each.
   */
  useEma?: boolean;
  emaMomentum?: number;
  /** After each so many updates the weight becomes its average. Absent: never. */
  emaOverwriteFrequency?: number;
}

export type OptimizerDescription = OptimizerRule & OptimizerSettings;
