import { ConvforgeError } from '../../errors.js';
import type { OptimizerDescription } from '../description.js';
import type { FloatArray } from './precision.js';

export interface Update {
  readonly learningRate: number;
  /** This step's number, from 1. */
  readonly iteration: number;
  /** Changed in place, as are the slots. */
  readonly weights: FloatArray;
  readonly gradient: FloatArray;
  /** An array by the name of each slot. */
  readonly slots: Readonly<Record<string, FloatArray>>;
}

export interface Optimizer {
  /** Names of the arrays that it keeps for each parameter. */
  readonly slots: readonly string[];
  /** Updates one parameter. */
  update(update: Update): void;
}

type Make<K> = (description: Extract<OptimizerDescription, { kind: K }>) => Optimizer;

/** Each checks its hyperparameters and makes the optimizer; the formulas are description.ts's. */
export const OPTIMIZERS: { [K in OptimizerDescription['kind']]: Make<K> } = {
  sgd(description) {
    const { momentum, nesterov } = description;
    checkNumber('momentum', momentum, 0, 1);
    return { slots: momentum > 0 ? ['momentum'] : [], update: momentum > 0 ? withMomentum : plain };

    function plain({ learningRate, weights, gradient }: Update): void {
      for (let i = 0; i < weights.length; i++) weights[i] -= learningRate * gradient[i];
    }

    function withMomentum({ learningRate, weights, gradient, slots }: Update): void {
      for (let i = 0; i < weights.length; i++) {
        const velocity = momentum * slots.momentum[i] - learningRate * gradient[i];
        slots.momentum[i] = velocity;
        weights[i] += nesterov ? momentum * velocity - learningRate * gradient[i] : velocity;
      }
    }
  },

  adam(description) {
    const { beta1, beta2, epsilon } = description;
    checkNumber('beta1', beta1, 0, 1);
    checkNumber('beta2', beta2, 0, 1);
    checkNumber('epsilon', epsilon, 0, Number.POSITIVE_INFINITY);
    return {
      slots: ['m', 'v'],
      update({ learningRate, iteration, weights, gradient, slots }) {
        const rate = (learningRate * Math.sqrt(1 - beta2 ** iteration)) / (1 - beta1 ** iteration);
        for (let i = 0; i < weights.length; i++) {
          const m = beta1 * slots.m[i] + (1 - beta1) * gradient[i];
          const v = beta2 * slots.v[i] + (1 - beta2) * gradient[i] ** 2;
          slots.m[i] = m;
          slots.v[i] = v;
          weights[i] -= (rate * m) / (Math.sqrt(v) + epsilon);
        }
      },
    };
  },
};

/** INVALID_ARGUMENT unless finite and in [minimum, limit). */
export function checkNumber(name: string, value: number, minimum: number, limit: number): void {
  if (!Number.isFinite(value) || value < minimum || value >= limit) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `the optimizer's ${name} is ${value}; it must be a finite number in [${minimum}, ${limit}).`,
    );
  }
}
