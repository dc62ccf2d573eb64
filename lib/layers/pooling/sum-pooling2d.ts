import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling2D, type Pooling2DOptions } from './base-pooling2d.js';

/** The sum of each window. */
export class SumPooling2D extends Pooling2D {
  static override readonly className: string = 'SumPooling2D';

  protected override readonly kind = 'sum';
}

/** The sum of each window. */
export function sumPooling2d<const O extends Pooling2DOptions = NoOptions>(
  options?: Given<O, Pooling2DOptions>,
): Shaped<SumPooling2D, 'sumPooling2d', O> {
  return new SumPooling2D(options);
}
