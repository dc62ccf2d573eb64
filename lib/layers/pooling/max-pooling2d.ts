import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling2D, type Pooling2DOptions } from './base-pooling2d.js';

/** The largest element of each window. */
export class MaxPooling2D extends Pooling2D {
  static override readonly className: string = 'MaxPooling2D';

  protected override readonly kind = 'max';
}

/** The largest element of each window. */
export function maxPooling2d<const O extends Pooling2DOptions = NoOptions>(
  options?: Given<O, Pooling2DOptions>,
): Shaped<MaxPooling2D, 'maxPooling2d', O> {
  return new MaxPooling2D(options);
}
