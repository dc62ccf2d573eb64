import { Pooling1D, type Pooling1DOptions } from './base-pooling1d.js';

/** The sum of each window of a sequence. */
export class SumPooling1D extends Pooling1D {
  static override readonly className: string = 'SumPooling1D';

  protected override readonly kind = 'sum';
}

/** The sum of each window of a sequence. */
export function sumPooling1d(options: Pooling1DOptions = {}): SumPooling1D {
  return new SumPooling1D(options);
}
