import { Pooling2D, type Pooling2DOptions } from './base-pooling2d.js';

/** The sum of each window. */
export class SumPooling2D extends Pooling2D {
  static override readonly className: string = 'SumPooling2D';

  protected override readonly kind = 'sum';
}

/** The sum of each window. */
export function sumPooling2d(options: Pooling2DOptions = {}): SumPooling2D {
  return new SumPooling2D(options);
}
