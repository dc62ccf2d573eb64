import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { Shape } from '../tensor/shapes.js';
import type { GraphNode } from './graph.js';

/** What sizes are computed by. `div` rounds down. */
export type SizeFunction = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min';

/** A size that isn't known before the model runs: one of a tensor, whose axis 0 is the batch, or computed. */
export type SizeTerm =
  | { readonly tensor: SymbolicTensor; readonly axis: number }
  | { readonly compute: SizeFunction; readonly operands: readonly [Size, Size]; readonly depth: number };

export type Size = number | SizeTerm;

/** A value that is known when the model is loaded, but for sizes of tensors in it. */
export interface Known {
  readonly kind: 'known';
  readonly shape: Shape;
  readonly values: ArrayLike<Size>;
}

/** A value that the model computes. */
export interface Computed {
  readonly kind: 'computed';
  readonly tensor: SymbolicTensor;
}

/**
 * A tensor between SpaceToBatchND and BatchToSpaceND, by which TensorFlow dilates convolutions. The nodes
 * between them become layers once the end is known.
 */
export interface Blocks {
  readonly kind: 'blocks';
  readonly input: SymbolicTensor;
  /** Distance of neighboring kernel elements, [height, width]. */
  readonly dilation: readonly [number, number];
  /** Rows and columns of zeros, [[top, bottom], [left, right]]. */
  readonly padding: Sides2D;
  /** The node that computes it, and what it reads; absent for SpaceToBatchND itself. */
  readonly step?: { node: GraphNode; inputs: readonly Value[]; before: Blocks };
}

export type Sides2D = readonly [readonly [number, number], readonly [number, number]];

export type Value = Known | Computed | Blocks;

export function known(shape: Shape, values: ArrayLike<Size>): Known {
  return { kind: 'known', shape, values };
}

export function computed(tensor: SymbolicTensor): Computed {
  return { kind: 'computed', tensor };
}

/** The numbers of a value; undefined if it isn't known, or depends on sizes that aren't. */
export function numbersOf(value: Value | undefined): ArrayLike<number> | undefined {
  if (value?.kind !== 'known') return undefined;
  const { values } = value;
  if (ArrayBuffer.isView(values)) return values as ArrayLike<number>;
  return Array.from(values).every((each) => typeof each === 'number')
    ? (values as ArrayLike<number>)
    : undefined;
}

/** The size of a tensor's axis, the batch being axis 0. */
export function sizeOfAxis(tensor: SymbolicTensor, axis: number): Size {
  return (axis > 0 && tensor.sampleShape[axis - 1]) || { tensor, axis };
}

/** A size as messages name it. */
export function sizeText(size: Size): string {
  if (typeof size === 'number') return String(size);
  return isBatch(size) ? 'the size of the batch' : 'a size that is unknown before the model runs';
}

/** Whether it is the number of samples. */
export function isBatch(size: Size): boolean {
  return typeof size === 'object' && 'tensor' in size && size.axis === 0;
}
