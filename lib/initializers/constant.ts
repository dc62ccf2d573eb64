import { OptionChecks } from '../options.js';
import type { Shape } from '../program/description.js';
import { sizeOf } from '../tensor/shapes.js';
import { Initializer } from './base-initializer.js';

/** Options of {@link Constant}. */
export interface ConstantOptions {
  /** The value. Default 0. */
  value?: number;
}

/** Sets all values to `value`. */
export class Constant extends Initializer {
  readonly className = 'Constant';
  readonly value: number;

  constructor(options: ConstantOptions = {}) {
    super();
    const checks = new OptionChecks('constant');
    checks.keys(options, ['value']);
    this.value = checks.number('value', options.value ?? 0, () => true, 'a finite number');
  }

  build(shape: Shape): Float32Array {
    return new Float32Array(sizeOf(shape)).fill(this.value);
  }

  override getConfig(): Record<string, unknown> {
    return { value: this.value };
  }
}
