import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling1D, type Pooling1DOptions } from './base-pooling1d.js';

/** The largest element of each window of a sequence. */
export class MaxPooling1D extends Pooling1D {
  static override readonly className: string = 'MaxPooling1D';

  protected override readonly kind = 'max';
}

/** The largest element of each window of a sequence. */
export function maxPooling1d<const O extends Pooling1DOptions = NoOptions>(
  options?: Given<O, Pooling1DOptions>,
): Shaped<MaxPooling1D, 'maxPooling1d', O> {
  return new MaxPooling1D(options);
}
