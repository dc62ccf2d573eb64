import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { BaseDropout, type BaseDropoutOptions } from './base-dropout.js';

/** Options of {@link GaussianDropout}. */
export type GaussianDropoutOptions = BaseDropoutOptions;

/**
 * Gaussian dropout: in training it multiplies each element by normal noise of mean 1 and standard deviation
 * sqrt(rate / (1 - rate)), the same as {@link Dropout} at this rate. Outside training it is the identity. The
 * output has the input's shape.
 *
 * Srivastava et al.: Dropout: a simple way to prevent neural networks from overfitting, 2014.
 */
export class GaussianDropout extends BaseDropout {
  static override readonly className: string = 'GaussianDropout';

  protected override inferShape(inputShape: Shape): Shape {
    return inputShape;
  }

  protected override lowerDraws(lowering: Lowering, input: number): number {
    const stddev = Math.sqrt(this.rate / (1 - this.rate));
    return lowering.add({
      name: this.name,
      op: 'gaussianNoise',
      inputs: [input],
      attributes: { stddev, ...this.drawsFrom(lowering), multiplies: true },
    });
  }
}

/** Makes a {@link GaussianDropout} layer. */
export function gaussianDropout<const O extends GaussianDropoutOptions>(
  options: Given<O, GaussianDropoutOptions>,
): Shaped<GaussianDropout, 'gaussianDropout', O> {
  return new GaussianDropout(options);
}
