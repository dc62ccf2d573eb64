import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling2D, type Pooling2DOptions } from './base-pooling2d.js';

/**
 * Sum pooling of images: the sum of each window of each channel. [h, w, c] becomes [outHeight, outWidth, c].
 *
 * The output size per axis is `floor((I + padding - poolSize) / strides) + 1`, or ceil(I / strides) with
 * padding 'same'. With the default poolSize 2, [28, 28, c] becomes [14, 14, c].
 */
export class SumPooling2D extends Pooling2D {
  static override readonly className: string = 'SumPooling2D';

  protected override readonly kind = 'sum';
}

/** Makes a {@link SumPooling2D} layer. */
export function sumPooling2d<const O extends Pooling2DOptions = NoOptions>(
  options?: Given<O, Pooling2DOptions>,
): Shaped<SumPooling2D, 'sumPooling2d', O> {
  return new SumPooling2D(options);
}
