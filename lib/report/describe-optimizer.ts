import type { Optimizer } from '../optimizers/index.js';
import { getOptimizer } from '../optimizers/registry.js';

/**
 * The class of an optimizer, its learning rate, and the settings that aren't its defaults: "SGD, learning rate
 * 0.1, momentum 0.9".
 */
export function describeOptimizer(optimizer: Optimizer): string {
  const name = optimizer.getClassName();
  const { learningRate, ...settings } = optimizer.getConfig();
  const defaults = getOptimizer({ className: name, config: {} }).getConfig();
  const others = Object.entries(settings)
    .filter(([key, value]) => value !== undefined && value !== defaults[key])
    .map(([key, value]) => `${inWords(key)} ${value}`);
  return [name, `learning rate ${rateText(learningRate)}`, ...others].join(', ');
}

/** A number, or a schedule's class with its numbers, such as "ExponentialDecay (decay rate 0.9, …)". */
function rateText(rate: unknown): string {
  if (typeof rate === 'number') return `${rate}`;
  const { className, config } = rate as { className: string; config: Record<string, unknown> };
  const numbers = Object.entries(config)
    .filter(([, value]) => typeof value === 'number' || Array.isArray(value))
    .map(([key, value]) => `${inWords(key)} ${value}`);
  return numbers.length === 0 ? className : `${className} (${numbers.join(', ')})`;
}

/** weightDecay becomes "weight decay". */
function inWords(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
