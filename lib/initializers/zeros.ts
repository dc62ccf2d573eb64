import type { Shape } from '../program/description.js';
import { sizeOf } from '../tensor/shapes.js';
import { Initializer } from './base-initializer.js';

/** Sets all values to 0. */
export class Zeros extends Initializer {
  readonly className = 'Zeros';

  constructor(options: object = {}) {
    super('zeros', options);
  }

  build(shape: Shape): Float32Array {
    return new Float32Array(sizeOf(shape));
  }
}
