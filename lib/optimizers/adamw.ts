import { fromZero } from '../option-kinds.js';
import { optional } from '../option-schema.js';
import { ADAM_SCHEMA, Adam, type AdamOptions } from './adam.js';

const ADAMW_SCHEMA = { ...ADAM_SCHEMA, weightDecay: optional(fromZero, 0.004) };

/**
 * The AdamW optimizer: Adam with a weightDecay of 0.004 by default (Loshchilov and Hutter, "Decoupled weight
 * decay regularization", ICLR 2019).
 */
export class AdamW extends Adam {
  /** Names it in saved models, as in Keras. */
  static override readonly className: string = 'AdamW';

  constructor(options: AdamOptions = {}) {
    super(options, 'adamw', ADAMW_SCHEMA);
  }
}

/** See AdamW. */
export function adamw(options: AdamOptions = {}): AdamW {
  return new AdamW(options);
}
