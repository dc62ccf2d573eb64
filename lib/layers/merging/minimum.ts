import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/** The smallest of two or more inputs, element by element. Of equal ones the first has the gradient. */
export class Minimum extends KindMerge {
  static override readonly className: string = 'Minimum';

  protected override readonly kind = 'minimum';
}

/** The smallest of two or more inputs, element by element. Of equal ones the first has the gradient. */
export function minimum<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Minimum, 'minimum', O> {
  return new Minimum(options);
}
