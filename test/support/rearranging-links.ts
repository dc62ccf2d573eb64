import type { Link } from './chain.js';
import { sizeOf } from './numeric.js';

// Nodes that choose and repeat elements.

export const slice = (starts: number[], sizes: number[], steps: number[] = starts.map(() => 1)): Link => {
  return () => ({ op: 'slice', attributes: { starts, sizes, steps }, parameters: [] });
};

export const gather = (axis: number, indices: number[], indicesShape: number[] = [indices.length]): Link => {
  return () => ({ op: 'gather', attributes: { axis, indices, indicesShape }, parameters: [] });
};

export const constant = (...shape: number[]): Link => {
  return () => ({ op: 'constant', attributes: {}, parameters: [{ name: 'value', shape }] });
};

/** Indices along an axis of this size: all of them in an order of their own, some twice. */
export const someIndices = (size: number, ...shape: number[]): number[] =>
  Array.from({ length: sizeOf(shape) }, (_, i) => (i * 5 + 3) % size);
