import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { BaseDropout, type BaseDropoutOptions, type NoiseAttributes } from './base-dropout.js';

/** Options of {@link AlphaDropout}. */
export type AlphaDropoutOptions = BaseDropoutOptions;

/**
 * Dropout that goes with selu: in training what is dropped takes selu's lowest value, and all is then shifted and scaled so that
 * mean 0 and variance 1 stay (Klambauer et al., "Self-normalizing neural networks", 2017).
 */
export class AlphaDropout extends BaseDropout {
  static override readonly className: string = 'AlphaDropout';

  protected override attributesFor(_inputShape: Shape): NoiseAttributes {
    return { alpha: true };
  }
}

/** Drops elements to selu's lowest value while training: see AlphaDropout. */
export function alphaDropout<const O extends AlphaDropoutOptions>(
  options: Given<O, AlphaDropoutOptions>,
): Shaped<AlphaDropout, 'alphaDropout', O> {
  return new AlphaDropout(options);
}
