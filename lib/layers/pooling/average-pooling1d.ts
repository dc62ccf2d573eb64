import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling1D, type Pooling1DOptions } from './base-pooling1d.js';

/** The mean of each window of a sequence. */
export class AveragePooling1D extends Pooling1D {
  static override readonly className: string = 'AveragePooling1D';

  protected override readonly kind = 'average';
}

/** The mean of each window of a sequence. */
export function averagePooling1d<const O extends Pooling1DOptions = NoOptions>(
  options?: Given<O, Pooling1DOptions>,
): Shaped<AveragePooling1D, 'averagePooling1d', O> {
  return new AveragePooling1D(options);
}
