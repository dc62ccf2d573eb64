import type { LossDescription } from '../program/description.js';

/** Mean of (p - t)^2. */
export function meanSquaredError(): LossDescription {
  return { kind: 'meanSquaredError', fromLogits: false };
}
