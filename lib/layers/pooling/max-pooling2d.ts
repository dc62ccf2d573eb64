import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling2D, type Pooling2DOptions } from './base-pooling2d.js';

/**
 * Max pooling of images: the largest value of each window of each channel. [h, w, c] becomes
 * [outHeight, outWidth, c]. It shrinks images and keeps the strongest response of each filter.
 *
 * The output size per axis is `floor((I + padding - poolSize) / strides) + 1`, or ceil(I / strides) with
 * padding 'same'. With the default poolSize 2, [28, 28, c] becomes [14, 14, c]; [27, 27, c] becomes
 * [13, 13, c], or [14, 14, c] with 'same'. Padded positions never are the maximum.
 */
export class MaxPooling2D extends Pooling2D {
  static override readonly className: string = 'MaxPooling2D';

  protected override readonly kind = 'max';
}

/** Makes a {@link MaxPooling2D} layer. */
export function maxPooling2d<const O extends Pooling2DOptions = NoOptions>(
  options?: Given<O, Pooling2DOptions>,
): Shaped<MaxPooling2D, 'maxPooling2d', O> {
  return new MaxPooling2D(options);
}
