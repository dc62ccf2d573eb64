import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/**
 * Takes the minimum of two or more inputs element by element. Inputs broadcast as in {@link Add}. If several
 * are equal, the gradient goes to the first.
 */
export class Minimum extends KindMerge {
  static override readonly className: string = 'Minimum';

  protected override readonly kind = 'minimum';
}

/** Makes a {@link Minimum} layer. */
export function minimum<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Minimum, 'minimum', O> {
  return new Minimum(options);
}
