import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/** The elementwise product of two or more inputs. */
export class Multiply extends KindMerge {
  static override readonly className: string = 'Multiply';

  protected override readonly kind = 'multiply';
}

/** The elementwise product of two or more inputs. */
export function multiply<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Multiply, 'multiply', O> {
  return new Multiply(options);
}
