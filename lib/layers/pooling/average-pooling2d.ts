import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling2D, type Pooling2DOptions } from './base-pooling2d.js';

/** The mean of each window; padded cells are not counted. */
export class AveragePooling2D extends Pooling2D {
  static override readonly className: string = 'AveragePooling2D';

  protected override readonly kind = 'average';
}

/** The mean of each window; padded cells are not counted. */
export function averagePooling2d<const O extends Pooling2DOptions = NoOptions>(
  options?: Given<O, Pooling2DOptions>,
): Shaped<AveragePooling2D, 'averagePooling2d', O> {
  return new AveragePooling2D(options);
}
