import type { Link } from './chain.js';

// Nodes that merge values or move their elements.

const plain = (op: ReturnType<Link>['op'], attributes: ReturnType<Link>['attributes'] = {}): Link => {
  return () => ({ op, attributes, parameters: [] });
};

export const merge = (kind: string): Link => plain('merge', { kind });

export const concatenate = (axis: number): Link => plain('concatenate', { axis });

export const broadcast = (...shape: number[]): Link => plain('broadcast', { shape });

export const permute = (...axes: number[]): Link => plain('permute', { axes });

export const split = (axis: number, ...sizes: number[]): Link => plain('split', { axis, sizes });

export const spaceToDepth = (blockSize: number, reverse?: boolean): Link =>
  plain('spaceToDepth', { blockSize, ...(reverse !== undefined && { reverse }) });

export const pad = (before: number[], after: number[]): Link => plain('pad', { before, after });

export type Corners = 'halfPixel' | 'topLeft' | 'aligned';

export const resize = (
  kind: 'bilinear' | 'nearest',
  size: readonly [number, number],
  corners?: Corners,
): Link => plain('resize', { kind, size, ...(corners && { corners }) });

export const standardize = (mean: number[], scale: number[]): Link => plain('standardize', { mean, scale });

export const unitLength = (leastSquare?: number): Link =>
  plain('unitLength', leastSquare === undefined ? {} : { leastSquare });

export function conv2dTranspose(
  size: [number, number],
  [rows, columns, filters]: [number, number, number],
  { strides = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1], bias = true } = {},
): Link {
  return (input) => ({
    op: 'conv2dTranspose',
    attributes: { strides, padding, dilation, outputSize: [rows, columns] },
    parameters: [
      { name: 'kernel', shape: [...size, filters, input[2]] },
      ...(bias ? [{ name: 'bias', shape: [filters] }] : []),
    ],
  });
}

export const embedding = (inputs: number, outputs: number): Link => {
  return () => ({
    op: 'embedding',
    attributes: {},
    parameters: [{ name: 'embeddings', shape: [inputs, outputs] }],
  });
};

/** Turns the steps of a sample into samples. */
export const fold: Link = plain('fold');

/** Turns them back into steps. */
export const unfold = (steps: number): Link => plain('unfold', { steps });
