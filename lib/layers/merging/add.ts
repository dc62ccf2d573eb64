import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { Merge } from './base-merge.js';

/**
 * Adds two or more inputs element by element, as residual connections do. Inputs broadcast: [h, w, c] and
 * [1, 1, c] or [c] give [h, w, c].
 *
 * Throws SHAPE_MISMATCH if their shapes don't fit together.
 */
export class Add extends Merge {
  static override readonly className: string = 'Add';

  protected override lowerAlike(lowering: Lowering, inputs: readonly number[]): number {
    return lowering.add({ name: this.name, op: 'add', inputs });
  }
}

/** Makes an {@link Add} layer. */
export function add<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Add, 'add', O> {
  return new Add(options);
}
