import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/**
 * Takes the maximum of two or more inputs element by element. Inputs broadcast as in {@link Add}. If several
 * are equal, the gradient goes to the first.
 */
export class Maximum extends KindMerge {
  static override readonly className: string = 'Maximum';

  protected override readonly kind = 'maximum';
}

/** Makes a {@link Maximum} layer. */
export function maximum<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Maximum, 'maximum', O> {
  return new Maximum(options);
}
