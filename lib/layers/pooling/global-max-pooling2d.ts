import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { GlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.js';

/** The largest element of each channel of an image. */
export class GlobalMaxPooling2D extends GlobalPooling {
  static override readonly className: string = 'GlobalMaxPooling2D';

  protected override readonly kind = 'max';
  protected override readonly axes = 2;
}

/** The largest element of each channel of an image. */
export function globalMaxPooling2d<const O extends GlobalPoolingOptions = NoOptions>(
  options?: Given<O, GlobalPoolingOptions>,
): Shaped<GlobalMaxPooling2D, 'globalMaxPooling2d', O> {
  return new GlobalMaxPooling2D(options);
}
