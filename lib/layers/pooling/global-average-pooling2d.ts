import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { GlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.js';

/**
 * Global average pooling of images: the mean of each channel over all positions. [h, w, c] becomes [c], or
 * [1, 1, c] with keepDims. It can replace flatten before a classifier's last dense layer, with fewer weights
 * and for images of any size.
 */
export class GlobalAveragePooling2D extends GlobalPooling {
  static override readonly className: string = 'GlobalAveragePooling2D';

  protected override readonly kind = 'average';
  protected override readonly axes = 2;
}

/** Makes a {@link GlobalAveragePooling2D} layer. */
export function globalAveragePooling2d<const O extends GlobalPoolingOptions = NoOptions>(
  options?: Given<O, GlobalPoolingOptions>,
): Shaped<GlobalAveragePooling2D, 'globalAveragePooling2d', O> {
  return new GlobalAveragePooling2D(options);
}
