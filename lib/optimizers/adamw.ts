import { Adam, type AdamOptions } from './adam.js';

/**
 * The AdamW optimizer: Adam with a weightDecay of 0.004 by default (Loshchilov and Hutter, "Decoupled weight
 * decay regularization", ICLR 2019).
 */
export class AdamW extends Adam {
  /** Names it in saved models, as in Keras. */
  static override readonly className: string = 'AdamW';

  constructor(options: AdamOptions = {}) {
    super(options, 'adamw', 0.004);
  }
}

/** See AdamW. */
export function adamw(options: AdamOptions = {}): AdamW {
  return new AdamW(options);
}
