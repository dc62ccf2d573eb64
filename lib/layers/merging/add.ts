import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { Merge } from './base-merge.js';

/** The elementwise sum of two or more inputs. */
export class Add extends Merge {
  static override readonly className: string = 'Add';

  protected override lowerAlike(lowering: Lowering, inputs: readonly number[]): number {
    return lowering.add({ name: this.name, op: 'add', inputs });
  }
}

/** A sum of several inputs: see Add. */
export function add<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Add, 'add', O> {
  return new Add(options);
}
