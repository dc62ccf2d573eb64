import { GlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.js';

/** The mean of each channel of a sequence. */
export class GlobalAveragePooling1D extends GlobalPooling {
  static override readonly className: string = 'GlobalAveragePooling1D';

  protected override readonly kind = 'average';
  protected override readonly axes = 1;
}

/** The mean of each channel of a sequence. */
export function globalAveragePooling1d(options: GlobalPoolingOptions = {}): GlobalAveragePooling1D {
  return new GlobalAveragePooling1D(options);
}
