import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling1D, type Pooling1DOptions } from './base-pooling1d.js';

/** The sum of each window of a sequence. */
export class SumPooling1D extends Pooling1D {
  static override readonly className: string = 'SumPooling1D';

  protected override readonly kind = 'sum';
}

/** The sum of each window of a sequence. */
export function sumPooling1d<const O extends Pooling1DOptions = NoOptions>(
  options?: Given<O, Pooling1DOptions>,
): Shaped<SumPooling1D, 'sumPooling1d', O> {
  return new SumPooling1D(options);
}
