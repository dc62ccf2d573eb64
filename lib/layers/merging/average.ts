import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import type { LayerOptions } from '../base-layer.js';
import { KindMerge } from './base-merge.js';

/** The elementwise mean of two or more inputs. */
export class Average extends KindMerge {
  static override readonly className: string = 'Average';

  protected override readonly kind = 'average';
}

/** The elementwise mean of two or more inputs. */
export function average<const O extends LayerOptions = NoOptions>(
  options?: Given<O, LayerOptions>,
): Shaped<Average, 'average', O> {
  return new Average(options);
}
