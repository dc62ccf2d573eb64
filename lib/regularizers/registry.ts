import { type PartClass, partReader } from '../name-table.js';
import type { Serialized } from '../serialized.js';
import { Regularizer } from './base-regularizer.js';
import { L1 } from './l1.js';
import { L1L2 } from './l1l2.js';
import { L2 } from './l2.js';

const CLASSES = {
  l1: L1,
  l2: L2,
  l1l2: L1L2,
} as const satisfies Record<string, PartClass<Regularizer>>;

const read = partReader<Regularizer>(
  'regularizer',
  Regularizer,
  CLASSES,
  "give a name such as 'l2', or regularizers.l2({l2: 0.001}).",
  (Class) => (Class === L1L2 ? { l1: 0.01, l2: 0.01 } : {}),
);

/** The name of a regularizer. */
export type RegularizerName = keyof typeof CLASSES;

/**
 * A regularizer, its name, or its class name and config. By name, the factors of 'l1', 'l2' and 'l1l2' are
 * 0.01.
 */
export type RegularizerIdentifier = RegularizerName | 'l1_l2' | Regularizer | Serialized;

/**
 * Throws INVALID_ARGUMENT for an unknown name (the message has the nearest known one), or for any other
 * value.
 */
export function getRegularizer(identifier: RegularizerIdentifier): Regularizer {
  return read(identifier);
}
