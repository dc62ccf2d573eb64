import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling1D, type Pooling1DOptions } from './base-pooling1d.js';

/**
 * Sum pooling of sequences: the sum of each window of each channel. [steps, c] becomes [outSteps, c].
 *
 * outSteps is `floor((steps + padding - poolSize) / strides) + 1`, or ceil(steps / strides) with padding
 * 'same'. With the default poolSize 2, [100, c] becomes [50, c].
 */
export class SumPooling1D extends Pooling1D {
  static override readonly className: string = 'SumPooling1D';

  protected override readonly kind = 'sum';
}

/** Makes a {@link SumPooling1D} layer. */
export function sumPooling1d<const O extends Pooling1DOptions = NoOptions>(
  options?: Given<O, Pooling1DOptions>,
): Shaped<SumPooling1D, 'sumPooling1d', O> {
  return new SumPooling1D(options);
}
