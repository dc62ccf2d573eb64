import type { LossDescription } from '../program/description.js';

/** Sum of (t - p)^2 / 2 over a sample's outputs: the "total error" of textbooks. */
export function halfSquaredError(): LossDescription {
  return { kind: 'halfSquaredError', fromLogits: false };
}
