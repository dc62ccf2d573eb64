// How a program describes optimizers and their learning rates: see description.ts.

/**
 * A learning rate schedule, as in Keras. s is the number of training steps so far; with
 * gradientAccumulationSteps, steps without an update count too. lr is initialLearningRate. p is s /
 * decaySteps, rounded down with `staircase`. cosine(x) is (1 + cos(pi x)) / 2.
 *
 * - `exponentialDecay`: lr * decayRate^p. `inverseTimeDecay`: lr / (1 + decayRate * p).
 * - `polynomialDecay`: (lr - endLearningRate) * (1 - min(s, n) / n)^power + endLearningRate. n is decaySteps,
 *   or with `cycle` the smallest positive multiple of decaySteps that is at least s.
 * - `cosineDecay`: for s < warmupSteps lr + (warmupTarget - lr) * s / warmupSteps, then warmupTarget * ((1 -
 *   alpha) * cosine(min(1, (s - warmupSteps) / decaySteps)) + alpha). warmupTarget defaults to lr.
 * - `cosineDecayRestarts`: lr * ((1 - alpha) * mMul^i * cosine(x) + alpha) in period i (from 0), which has
 *   firstDecaySteps * tMul^i steps. x is the elapsed fraction of the period.
 * - `piecewiseConstantDecay`: values[i], where i is the number of boundaries below s.
 * - `oneCycle`: rises from maxLearningRate / divFactor to maxLearningRate at step top = pctStart * totalSteps
 *   - 1. Then it falls to maxLearningRate / divFactor / finalDivFactor at step totalSteps - 1, where it
 *   stays. Between two rates a and b it is b + (a - b) * cosine(x) at the fraction x of the way (Smith and
 *   Topin, "Super-convergence", 2017; steps as PyTorch counts them).
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
 * How an optimizer updates a weight w with the gradient g, as in Keras. t counts updates from 1; rate is the
 * learning rate.
 *
 * - `sgd`: without momentum w -= rate * g. With momentum v = momentum * v - rate * g and w += v, or with
 *   nesterov w += momentum * v - rate * g (the new v). Slot: "momentum" (only if momentum > 0).
 * - `adam`: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= rate * sqrt(1 - beta2^t) / (1 -
 *   beta1^t) * m / (sqrt(v) + epsilon). As in Keras, epsilon is outside the bias correction. With amsgrad
 *   vhat = max(vhat, v) replaces v in the last formula. Slots: "m", "v", "vhat" (only with amsgrad).
 * - `adamax`: m as adam; u = max(beta2 u, |g|); w -= rate / (1 - beta1^t) * m / (u + epsilon). Slots: "m",
 *   "u".
 * - `nadam`: m and v as adam. With b(t) = beta1 * (1 - 0.96^t / 2) and B(t) = b(1) b(2) ... b(t), w -= rate *
 *   (b(t + 1) m / (1 - B(t + 1)) + (1 - b(t)) g / (1 - B(t))) / (sqrt(v / (1 - beta2^t)) + epsilon). Slots:
 *   "m", "v".
 * - `rmsprop`: v = rho v + (1 - rho) g^2; step = rate * g / sqrt(v + epsilon). If centered, mg = rho mg + (1
 *   - rho) g, and max(0, v - mg^2) replaces v in the step (the limit guards against rounding). With momentum,
 *   step = momentum * (previous step) + step. w -= step. Slots: "rms" (v), "momentum" (only if momentum > 0),
 *   "mg" (only if centered).
 * - `adagrad`: a += g^2, starting at initialAccumulatorValue; w -= rate * g / sqrt(a + epsilon). Slot:
 *   "accumulator".
 * - `adadelta`: a = rho a + (1 - rho) g^2; d = sqrt(b + epsilon) / sqrt(a + epsilon) * g; b = rho b + (1 -
 *   rho) d^2; w -= rate * d. Slots: "accumGrad" (a), "accumVar" (b).
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
 * Settings of every optimizer. They apply in this order: the gradient is accumulated, then clipped (by at
 * most one of the three); the weight decays, the rule updates it, its average is updated, its constraint is
 * applied.
 */
export interface OptimizerSettings {
  learningRate: number | ScheduleDescription;
  /**
   * How many steps make one update. Only each k-th step updates, by the mean of the k steps' gradients. The
   * other steps add to the slot "accumulated" and change nothing else. Default 1.
   */
  gradientAccumulationSteps?: number;
  /**
   * Limit of the norm of each weight's gradient. A gradient with a larger norm n is multiplied by clipNorm /
   * n.
   */
  clipNorm?: number;
  /** Limit of the norm of all gradients together. */
  globalClipNorm?: number;
  /** Limit of each element: it is clipped to [-clipValue, clipValue]. */
  clipValue?: number;
  /** Decoupled weight decay: w -= weightDecay * rate * w. */
  weightDecay?: number;
  /**
   * Whether to keep a moving average of each weight, in the slot "average". It is the weight itself after the
   * first update, then emaMomentum * average + (1 - emaMomentum) * w after each.
   */
  useEma?: boolean;
  emaMomentum?: number;
  /** Number of updates after which the weight is set to its average each time. Absent: never. */
  emaOverwriteFrequency?: number;
}

export type OptimizerDescription = OptimizerRule & OptimizerSettings;
