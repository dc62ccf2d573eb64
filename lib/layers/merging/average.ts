import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/** Averages two or more inputs element by element. Inputs broadcast as in {@link Add}. */
export class Average extends KindMerge {
  static override readonly className: string = 'Average';

  protected override readonly kind = 'average';
}

/** Makes an {@link Average} layer. */
export function average<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Average, 'average', O> {
  return new Average(options);
}
