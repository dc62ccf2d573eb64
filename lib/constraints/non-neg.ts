import type { ConstraintDescription } from '../program/description.js';
import { Constraint } from './base-constraint.js';

/** Sets negative elements to 0. */
export class NonNeg extends Constraint {
  readonly className = 'NonNeg';

  constructor(options: object = {}) {
    super('nonNeg', options, {});
  }

  describe(): ConstraintDescription {
    return { kind: 'nonNeg' };
  }
}
