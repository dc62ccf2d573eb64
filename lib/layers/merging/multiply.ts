import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/**
 * Multiplies two or more inputs element by element. Inputs broadcast as in {@link Add}: a gate [1, 1, c]
 * scales the channels of [h, w, c].
 */
export class Multiply extends KindMerge {
  static override readonly className: string = 'Multiply';

  protected override readonly kind = 'multiply';
}

/** Makes a {@link Multiply} layer. */
export function multiply<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Multiply, 'multiply', O> {
  return new Multiply(options);
}
