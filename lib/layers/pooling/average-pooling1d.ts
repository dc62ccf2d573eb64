import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling1D, type Pooling1DOptions } from './base-pooling1d.js';

/**
 * Average pooling of sequences: the mean of each window of each channel. [steps, c] becomes [outSteps, c].
 *
 * outSteps is `floor((steps + padding - poolSize) / strides) + 1`, or ceil(steps / strides) with padding
 * 'same'. With the default poolSize 2, [100, c] becomes [50, c]. Padded steps aren't counted.
 */
export class AveragePooling1D extends Pooling1D {
  static override readonly className: string = 'AveragePooling1D';

  protected override readonly kind = 'average';
}

/** Makes an {@link AveragePooling1D} layer. */
export function averagePooling1d<const O extends Pooling1DOptions = NoOptions>(
  options?: Given<O, Pooling1DOptions>,
): Shaped<AveragePooling1D, 'averagePooling1d', O> {
  return new AveragePooling1D(options);
}
