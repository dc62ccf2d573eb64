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

export const padWith = (before: number[], after: number[], mode: string, value?: number): Link => {
  const attributes = { before, after, mode, ...(value !== undefined && { value }) };
  return () => ({ op: 'pad', attributes, parameters: [] });
};

/** A pooling, with strides 1 and no padding unless the options say so. */
export const pooling = (
  kind: 'max' | 'average' | 'sum',
  size: [number, number],
  options: {
    strides?: [number, number];
    padding?: [number, number, number, number];
    dilations?: [number, number];
    beyond?: [number, number];
    counted?: string;
  } = {},
): Link => {
  const attributes = { kind, size, strides: [1, 1], padding: [0, 0, 0, 0], ...options };
  return () => ({ op: 'pool2d', attributes, parameters: [] });
};

export const matMul = (transposeA?: boolean, transposeB?: boolean): Link => {
  const attributes = { ...(transposeA && { transposeA }), ...(transposeB && { transposeB }) };
  return () => ({ op: 'matMul', attributes, parameters: [] });
};

/** Mixes as many elements for each output as the lists allow. */
export const resample = (axis: number, size: number, indices: number[], weights: number[]): Link => {
  const attributes = { axis, size, taps: indices.length / size, indices, weights };
  return () => ({ op: 'resample', attributes, parameters: [] });
};

export const lrn = (size: number, alpha: number, beta: number, bias: number): Link => {
  return () => ({ op: 'lrn', attributes: { size, alpha, beta, bias }, parameters: [] });
};
