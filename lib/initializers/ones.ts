import type { Shape } from '../program/description.js';
import { sizeOf } from '../tensor/shapes.js';
import { Initializer } from './base-initializer.js';

/** Sets all values to 1. */
export class Ones extends Initializer {
  readonly className = 'Ones';

  constructor(options: object = {}) {
    super('ones', options);
  }

  build(shape: Shape): Float32Array {
    return new Float32Array(sizeOf(shape)).fill(1);
  }
}
