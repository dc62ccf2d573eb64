import { Pooling2D, type Pooling2DOptions } from './base-pooling2d.js';

/** The largest element of each window. */
export class MaxPooling2D extends Pooling2D {
  static override readonly className: string = 'MaxPooling2D';

  protected override readonly kind = 'max';
}

/** The largest element of each window. */
export function maxPooling2d(options: Pooling2DOptions = {}): MaxPooling2D {
  return new MaxPooling2D(options);
}
