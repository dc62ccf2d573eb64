import type { Shape } from '../../program/description.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/** The first input less the second, element by element; there are no more than two. */
export class Subtract extends KindMerge {
  static override readonly className: string = 'Subtract';

  protected override readonly kind = 'subtract';

  protected override inferShape(first: Shape, ...others: Shape[]): Shape {
    if (others.length !== 1) {
      this.checks.fail('INVALID_ARGUMENT', `it takes two inputs; ${others.length + 1} were given.`);
    }
    return super.inferShape(first, ...others);
  }
}

/** A difference of two inputs: see Subtract. */
export function subtract<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Subtract, 'subtract', O> {
  return new Subtract(options);
}
