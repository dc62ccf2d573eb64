import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { BaseDropout, type BaseDropoutOptions, type NoiseAttributes } from './base-dropout.js';

/** Options of {@link AlphaDropout}. */
export type AlphaDropoutOptions = BaseDropoutOptions;

/**
 * Alpha dropout, for networks with selu activations. In training it sets dropped elements to selu's lowest
 * value, then shifts and scales all elements so that mean 0 and variance 1 are kept. Outside training it is
 * the identity. The output has the input's shape.
 *
 * Klambauer et al.: Self-normalizing neural networks, 2017.
 */
export class AlphaDropout extends BaseDropout {
  static override readonly className: string = 'AlphaDropout';

  protected override attributesFor(_inputShape: Shape): NoiseAttributes {
    return { alpha: true };
  }
}

/** Makes an {@link AlphaDropout} layer. */
export function alphaDropout<const O extends AlphaDropoutOptions>(
  options: Given<O, AlphaDropoutOptions>,
): Shaped<AlphaDropout, 'alphaDropout', O> {
  return new AlphaDropout(options);
}
