import { Configured } from '../configured.js';
import type { ParameterDescription } from '../program/description.js';

/** A penalty on weights that is added to the model's loss: see `regularizers`. */
export abstract class Regularizer extends Configured {
  /** Keras's name of the class, such as "L2". Saved models use it. */
  abstract readonly className: string;

  /** @internal */
  abstract describe(): NonNullable<ParameterDescription['regularizer']>;
}
