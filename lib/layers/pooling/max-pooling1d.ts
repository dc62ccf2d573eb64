import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling1D, type Pooling1DOptions } from './base-pooling1d.js';

/**
 * Max pooling of sequences: the largest value of each window of each channel. [steps, c] becomes
 * [outSteps, c].
 *
 * outSteps is `floor((steps + padding - poolSize) / strides) + 1`, or ceil(steps / strides) with padding
 * 'same'. With the default poolSize 2, [100, c] becomes [50, c]. Padded steps never are the maximum.
 */
export class MaxPooling1D extends Pooling1D {
  static override readonly className: string = 'MaxPooling1D';

  protected override readonly kind = 'max';
}

/** Makes a {@link MaxPooling1D} layer. */
export function maxPooling1d<const O extends Pooling1DOptions = NoOptions>(
  options?: Given<O, Pooling1DOptions>,
): Shaped<MaxPooling1D, 'maxPooling1d', O> {
  return new MaxPooling1D(options);
}
