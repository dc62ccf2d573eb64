import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { GlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.js';

/**
 * Global max pooling of images: the largest value of each channel over all positions. [h, w, c] becomes [c],
 * or [1, 1, c] with keepDims.
 */
export class GlobalMaxPooling2D extends GlobalPooling {
  static override readonly className: string = 'GlobalMaxPooling2D';

  protected override readonly kind = 'max';
  protected override readonly axes = 2;
}

/** Makes a {@link GlobalMaxPooling2D} layer. */
export function globalMaxPooling2d<const O extends GlobalPoolingOptions = NoOptions>(
  options?: Given<O, GlobalPoolingOptions>,
): Shaped<GlobalMaxPooling2D, 'globalMaxPooling2d', O> {
  return new GlobalMaxPooling2D(options);
}
