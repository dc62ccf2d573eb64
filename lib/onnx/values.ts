import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { Constant } from './constants.js';
import { BATCH, type Size, sizeOfAxis } from './sizes.js';

/**
 * A value that the model computes. The file's axes may lie in memory in another order: axis p of `tensor` is
 * the file's axis order[p]. Axis 0 is the batch in both.
 */
export interface Computed {
  readonly kind: 'computed';
  readonly tensor: SymbolicTensor;
  readonly order: readonly number[];
  /** The sizes of the file's axes. */
  readonly dims: readonly Size[];
}

/**
 * [batch, elements] of a value whose axes lie in another order. A matrix product takes it with the rows of its
 * kernel permuted; anything else first puts the axes into the file's order.
 */
export interface Flattened {
  readonly kind: 'flattened';
  readonly from: Computed;
  readonly dims: readonly Size[];
}

export type Value = Constant | Computed | Flattened;

/** The value of a tensor whose axes lie in this order, by default the file's. */
export function computed(
  tensor: SymbolicTensor,
  order: readonly number[] = identityOrder(tensor.shape.length),
  dims?: readonly Size[],
): Computed {
  if (dims) return { kind: 'computed', tensor, order, dims };
  const sizes: Size[] = new Array(order.length);
  for (const [p, axis] of order.entries()) sizes[axis] = p === 0 ? BATCH : sizeOfAxis(tensor, p - 1);
  return { kind: 'computed', tensor, order, dims: sizes };
}

export function identityOrder(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** [0, 2, 3, 1] for images: channels, the file's axis 1, are the last. */
export function channelsLast(rank: number): number[] {
  return rank < 3 ? identityOrder(rank) : [0, ...identityOrder(rank).slice(2), 1];
}

export function sameOrder(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((axis, p) => axis === b[p]);
}

/** The file's axes in the order in which they lie, with their sizes. */
export function physicalDims({ order, dims }: Computed): Size[] {
  return order.map((axis) => dims[axis]);
}
