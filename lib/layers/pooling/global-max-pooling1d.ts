import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { GlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.js';

/**
 * Global max pooling of sequences: the largest value of each channel over all steps. [steps, c] becomes [c],
 * or [1, c] with keepDims.
 */
export class GlobalMaxPooling1D extends GlobalPooling {
  static override readonly className: string = 'GlobalMaxPooling1D';

  protected override readonly kind = 'max';
  protected override readonly axes = 1;
}

/** Makes a {@link GlobalMaxPooling1D} layer. */
export function globalMaxPooling1d<const O extends GlobalPoolingOptions = NoOptions>(
  options?: Given<O, GlobalPoolingOptions>,
): Shaped<GlobalMaxPooling1D, 'globalMaxPooling1d', O> {
  return new GlobalMaxPooling1D(options);
}
