import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { GlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.js';

/** The mean of each channel of an image. */
export class GlobalAveragePooling2D extends GlobalPooling {
  static override readonly className: string = 'GlobalAveragePooling2D';

  protected override readonly kind = 'average';
  protected override readonly axes = 2;
}

/** The mean of each channel of an image. */
export function globalAveragePooling2d<const O extends GlobalPoolingOptions = NoOptions>(
  options?: Given<O, GlobalPoolingOptions>,
): Shaped<GlobalAveragePooling2D, 'globalAveragePooling2d', O> {
  return new GlobalAveragePooling2D(options);
}
