import { ConvforgeError } from '../../errors.js';
import type { OptimizerRule } from '../optimizer-description.js';
import type { FloatArray } from './precision.js';

export interface Update {
  readonly learningRate: number;
  /** The number of this update, from 1. */
  readonly t: number;
  /** The weights. The rule updates them and the slots in place. */
  readonly weights: FloatArray;
  readonly gradient: FloatArray;
  /** The array of each slot, by name. */
  readonly slots: Readonly<Record<string, FloatArray>>;
}

/** Updates one parameter. */
export type UpdateRule = (update: Update) => void;

type Make<K> = (description: Extract<OptimizerRule, { kind: K }>) => UpdateRule;

/** Each function checks its hyperparameters and makes its rule. Formulas are in optimizer-description.ts. */
const RULES: { [K in OptimizerRule['kind']]: Make<K> } = {
  sgd({ momentum, nesterov }) {
    checkNumber('momentum', momentum, 0, 1);
    return ({ learningRate, weights, gradient, slots }) => {
      for (let i = 0; i < weights.length; i++) {
        if (momentum === 0) {
          weights[i] -= learningRate * gradient[i];
          continue;
        }
        const velocity = momentum * slots.momentum[i] - learningRate * gradient[i];
        slots.momentum[i] = velocity;
        weights[i] += nesterov ? momentum * velocity - learningRate * gradient[i] : velocity;
      }
    };
  },

  adam({ beta1, beta2, epsilon, amsgrad }) {
    checkBetas(beta1, beta2);
    checkEpsilon(epsilon);
    return ({ learningRate, t, weights, gradient, slots }) => {
      const rate = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      for (let i = 0; i < weights.length; i++) {
        const m = fade(slots.m, i, beta1, gradient[i]);
        let v = fade(slots.v, i, beta2, gradient[i] ** 2);
        if (amsgrad) {
          v = Math.max(slots.vhat[i], v);
          slots.vhat[i] = v;
        }
        weights[i] -= (rate * m) / (Math.sqrt(v) + epsilon);
      }
    };
  },

  adamax({ beta1, beta2, epsilon }) {
    checkBetas(beta1, beta2);
    checkEpsilon(epsilon);
    return ({ learningRate, t, weights, gradient, slots }) => {
      const rate = learningRate / (1 - beta1 ** t);
      for (let i = 0; i < weights.length; i++) {
        const m = fade(slots.m, i, beta1, gradient[i]);
        const u = Math.max(beta2 * slots.u[i], Math.abs(gradient[i]));
        slots.u[i] = u;
        weights[i] -= (rate * m) / (u + epsilon);
      }
    };
  },

  nadam({ beta1, beta2, epsilon }) {
    checkBetas(beta1, beta2);
    checkEpsilon(epsilon);
    const momentumAt = (t: number) => beta1 * (1 - 0.5 * 0.96 ** t);
    const products = [1];
    return ({ learningRate, t, weights, gradient, slots }) => {
      for (let next = products.length; next <= t + 1; next++)
        products.push(products[next - 1] * momentumAt(next));
      const byMean = (learningRate * momentumAt(t + 1)) / (1 - products[t + 1]);
      const byGradient = (learningRate * (1 - momentumAt(t))) / (1 - products[t]);
      for (let i = 0; i < weights.length; i++) {
        const m = fade(slots.m, i, beta1, gradient[i]);
        const v = fade(slots.v, i, beta2, gradient[i] ** 2);
        weights[i] -= (byMean * m + byGradient * gradient[i]) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
      }
    };
  },

  rmsprop({ rho, momentum, epsilon, centered }) {
    checkNumber('rho', rho, 0, 1);
    checkNumber('momentum', momentum, 0, 1);
    checkEpsilon(epsilon);
    return ({ learningRate, weights, gradient, slots }) => {
      for (let i = 0; i < weights.length; i++) {
        let v = fade(slots.rms, i, rho, gradient[i] ** 2);
        if (centered) v = Math.max(0, v - fade(slots.mg, i, rho, gradient[i]) ** 2);
        let step = (learningRate * gradient[i]) / Math.sqrt(v + epsilon);
        if (momentum > 0) {
          step += momentum * slots.momentum[i];
          slots.momentum[i] = step;
        }
        weights[i] -= step;
      }
    };
  },

  adagrad({ initialAccumulatorValue, epsilon }) {
    checkNumber('initialAccumulatorValue', initialAccumulatorValue, 0, Number.POSITIVE_INFINITY);
    checkEpsilon(epsilon);
    return ({ learningRate, weights, gradient, slots }) => {
      for (let i = 0; i < weights.length; i++) {
        slots.accumulator[i] += gradient[i] ** 2;
        weights[i] -= (learningRate * gradient[i]) / Math.sqrt(slots.accumulator[i] + epsilon);
      }
    };
  },

  adadelta({ rho, epsilon }) {
    checkNumber('rho', rho, 0, 1);
    checkEpsilon(epsilon);
    return ({ learningRate, weights, gradient, slots }) => {
      for (let i = 0; i < weights.length; i++) {
        const squares = fade(slots.accumGrad, i, rho, gradient[i] ** 2);
        const move = (Math.sqrt(slots.accumVar[i] + epsilon) / Math.sqrt(squares + epsilon)) * gradient[i];
        fade(slots.accumVar, i, rho, move ** 2);
        weights[i] -= learningRate * move;
      }
    };
  },

  lion({ beta1, beta2 }) {
    checkBetas(beta1, beta2);
    return ({ learningRate, weights, gradient, slots }) => {
      for (let i = 0; i < weights.length; i++) {
        weights[i] -= learningRate * Math.sign(beta1 * slots.m[i] + (1 - beta1) * gradient[i]);
        fade(slots.m, i, beta2, gradient[i]);
      }
    };
  },
};

/**
 * Makes the rule of an optimizer. Throws UNSUPPORTED if there is none, and INVALID_ARGUMENT for
 * hyperparameters out of range.
 */
export function makeRule(description: OptimizerRule): UpdateRule {
  if (!Object.hasOwn(RULES, description.kind))
    throw new ConvforgeError('UNSUPPORTED', `there is no optimizer '${description.kind}'.`);
  return (RULES[description.kind] as Make<unknown>)(description as never);
}

/** Updates a moving average, slot[i] = keep * slot[i] + (1 - keep) * value, and returns it. */
function fade(slot: FloatArray, i: number, keep: number, value: number): number {
  const faded = keep * slot[i] + (1 - keep) * value;
  slot[i] = faded;
  return faded;
}

function checkBetas(beta1: number, beta2: number): void {
  checkNumber('beta1', beta1, 0, 1);
  checkNumber('beta2', beta2, 0, 1);
}

/** Throws INVALID_ARGUMENT unless epsilon is above 0 in float32 too. */
function checkEpsilon(epsilon: number): void {
  checkNumber('epsilon', epsilon, 1.1754944e-38, Number.POSITIVE_INFINITY);
}

/** Throws INVALID_ARGUMENT unless `value` is finite and in [minimum, limit). */
export function checkNumber(name: string, value: number, minimum: number, limit: number): void {
  if (!Number.isFinite(value) || value < minimum || value >= limit) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `the optimizer's ${name} is ${value}; it must be a finite number in [${minimum}, ${limit}).`,
    );
  }
}
