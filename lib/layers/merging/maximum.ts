import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/** The largest of two or more inputs, element by element. Of equal ones the first has the gradient. */
export class Maximum extends KindMerge {
  static override readonly className: string = 'Maximum';

  protected override readonly kind = 'maximum';
}

/** The largest of two or more inputs, element by element. Of equal ones the first has the gradient. */
export function maximum<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Maximum, 'maximum', O> {
  return new Maximum(options);
}
