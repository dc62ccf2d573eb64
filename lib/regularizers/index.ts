import { L1, type L1Options } from './l1.js';
import { L1L2, type L1L2Options } from './l1l2.js';
import { L2, type L2Options } from './l2.js';

export { Regularizer } from './base-regularizer.js';
export { getRegularizer, type RegularizerIdentifier, type RegularizerName } from './registry.js';
export { L1, L1L2, L2 };
export type { L1L2Options, L1Options, L2Options };

/** See {@link L1}. */
export const l1 = (options?: L1Options): L1 => new L1(options);
/** See {@link L2}. */
export const l2 = (options?: L2Options): L2 => new L2(options);
/** See {@link L1L2}. */
export const l1l2 = (options?: L1L2Options): L1L2 => new L1L2(options);
