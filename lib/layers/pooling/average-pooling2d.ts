import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Pooling2D, type Pooling2DOptions } from './base-pooling2d.js';

/**
 * Average pooling of images: the mean of each window of each channel. [h, w, c] becomes
 * [outHeight, outWidth, c].
 *
 * The output size per axis is `floor((I + padding - poolSize) / strides) + 1`, or ceil(I / strides) with
 * padding 'same'. With the default poolSize 2, [28, 28, c] becomes [14, 14, c]. Padded positions aren't
 * counted: at the border, the mean is over the values inside the image.
 */
export class AveragePooling2D extends Pooling2D {
  static override readonly className: string = 'AveragePooling2D';

  protected override readonly kind = 'average';
}

/** Makes an {@link AveragePooling2D} layer. */
export function averagePooling2d<const O extends Pooling2DOptions = NoOptions>(
  options?: Given<O, Pooling2DOptions>,
): Shaped<AveragePooling2D, 'averagePooling2d', O> {
  return new AveragePooling2D(options);
}
