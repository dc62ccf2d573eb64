import type { Shape } from '../../lib/program/description.js';
import type { Link } from './chain.js';

// Nodes that merge values or move their elements. Output shapes are given rather than worked out.

const plain = (
  op: ReturnType<Link>['op'],
  shape: Shape,
  attributes: ReturnType<Link>['attributes'] = {},
): Link => {
  return () => ({ op, attributes, parameters: [], shape });
};

export const merge = (kind: string): Link => {
  return (shape) => ({ op: 'merge', attributes: { kind }, parameters: [], shape });
};

export const concatenate = (axis: number, ...shape: number[]): Link => plain('concatenate', shape, { axis });

export const broadcast = (...shape: number[]): Link => plain('broadcast', shape);

export const permute = (...axes: number[]): Link => {
  return (input) => ({
    op: 'permute',
    attributes: { axes },
    parameters: [],
    shape: axes.map((axis) => input[axis]),
  });
};

export const pad = (before: number[], after: number[]): Link => {
  return (input) => ({
    op: 'pad',
    attributes: { before, after },
    parameters: [],
    shape: input.map((size, axis) => size + before[axis] + after[axis]),
  });
};

export type Corners = 'halfPixel' | 'topLeft' | 'aligned';

export const resize = (
  kind: 'bilinear' | 'nearest',
  size: readonly [number, number],
  corners?: Corners,
): Link => {
  return (input) => ({
    op: 'resize',
    attributes: { kind, size, ...(corners && { corners }) },
    parameters: [],
    shape: [...size, input[2]],
  });
};

export const standardize = (mean: number[], scale: number[]): Link => {
  return (shape) => ({ op: 'standardize', attributes: { mean, scale }, parameters: [], shape });
};

export const unitLength = (leastSquare?: number): Link => {
  const attributes: Record<string, number> = leastSquare === undefined ? {} : { leastSquare };
  return (shape) => ({ op: 'unitLength', attributes, parameters: [], shape });
};

export function conv2dTranspose(
  size: [number, number],
  output: [number, number, number],
  { strides = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1], bias = true } = {},
): Link {
  return (input) => ({
    op: 'conv2dTranspose',
    attributes: { strides, padding, dilation },
    parameters: [
      { name: 'kernel', shape: [...size, output[2], input[2]] },
      ...(bias ? [{ name: 'bias', shape: [output[2]] }] : []),
    ],
    shape: output,
  });
}

export const embedding = (inputs: number, outputs: number): Link => {
  return (input) => ({
    op: 'embedding',
    attributes: {},
    parameters: [{ name: 'embeddings', shape: [inputs, outputs] }],
    shape: [...input, outputs],
  });
};

/** The steps of a sample become samples. */
export const fold: Link = (input) => plain('fold', input.slice(1))(input);

/** And back. */
export const unfold = (steps: number): Link => {
  return (input) => plain('unfold', [steps, ...input], { steps })(input);
};
