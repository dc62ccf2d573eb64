import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { GlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.js';

/**
 * Global average pooling of sequences: the mean of each channel over all steps. [steps, c] becomes [c], or
 * [1, c] with keepDims.
 */
export class GlobalAveragePooling1D extends GlobalPooling {
  static override readonly className: string = 'GlobalAveragePooling1D';

  protected override readonly kind = 'average';
  protected override readonly axes = 1;
}

/** Makes a {@link GlobalAveragePooling1D} layer. */
export function globalAveragePooling1d<const O extends GlobalPoolingOptions = NoOptions>(
  options?: Given<O, GlobalPoolingOptions>,
): Shaped<GlobalAveragePooling1D, 'globalAveragePooling1d', O> {
  return new GlobalAveragePooling1D(options);
}
