import type { LossDescription } from '../program/description.js';
import { type CrossentropyOptions, readFromLogits } from './crossentropy-options.js';

/** -log p[t], t being the class as a whole number. */
export function sparseCategoricalCrossentropy(options: CrossentropyOptions = {}): LossDescription {
  return {
    kind: 'sparseCategoricalCrossentropy',
    fromLogits: readFromLogits('sparseCategoricalCrossentropy', options),
  };
}
