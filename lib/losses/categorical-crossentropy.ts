import type { LossDescription } from '../program/description.js';
import { type CrossentropyOptions, readFromLogits } from './crossentropy-options.js';

/** -sum t log p over the last axis, t being one-hot or a distribution. */
export function categoricalCrossentropy(options: CrossentropyOptions = {}): LossDescription {
  return { kind: 'categoricalCrossentropy', fromLogits: readFromLogits('categoricalCrossentropy', options) };
}
