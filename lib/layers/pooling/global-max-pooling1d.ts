import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { GlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.js';

/** The largest element of each channel of a sequence. */
export class GlobalMaxPooling1D extends GlobalPooling {
  static override readonly className: string = 'GlobalMaxPooling1D';

  protected override readonly kind = 'max';
  protected override readonly axes = 1;
}

/** The largest element of each channel of a sequence. */
export function globalMaxPooling1d<const O extends GlobalPoolingOptions = NoOptions>(
  options?: Given<O, GlobalPoolingOptions>,
): Shaped<GlobalMaxPooling1D, 'globalMaxPooling1d', O> {
  return new GlobalMaxPooling1D(options);
}
