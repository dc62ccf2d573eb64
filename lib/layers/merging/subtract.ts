import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/**
 * Subtracts the second input from the first, element by element. It takes exactly two inputs, which broadcast
 * as in {@link Add}.
 */
export class Subtract extends KindMerge {
  static override readonly className: string = 'Subtract';

  protected override readonly kind = 'subtract';
}

/** Makes a {@link Subtract} layer. */
export function subtract<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Subtract, 'subtract', O> {
  return new Subtract(options);
}
