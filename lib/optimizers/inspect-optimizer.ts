import { classNameOf, join, type Look, unusual } from '../inspect.js';
import type { Optimizer } from './base-optimizer.js';

/** Hyperparameters that go without saying. */
const USUAL: Readonly<Record<string, readonly unknown[]>> = {
  beta1: [0.9],
  beta2: [0.999],
  centered: [false],
  epsilon: [1e-7],
  initialAccumulatorValue: [0.1],
  momentum: [0],
  nesterov: [false],
};

/** `Adam { learningRate: 0.001 }`: the learning rate, or its schedule, and hyperparameters with unusual values. */
export function inspectOptimizer(optimizer: Optimizer, look: Look): string {
  return join(classNameOf(optimizer), look.fields(unusual(optimizer.getConfig(), USUAL)));
}
