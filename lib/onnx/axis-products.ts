import { Permute } from '../layers/reshaping/permute.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { constant } from './constants.js';
import type { Context } from './context.js';

/** Positions along an axis and their weights, for each of its outputs. */
export type Taps = readonly (readonly (readonly [position: number, weight: number])[])[];

/** Each output along axis `p` is a sum of weighted elements along that axis. */
export function mixAxis(
  context: Context,
  tensor: SymbolicTensor,
  p: number,
  taps: Taps,
  name: string,
): SymbolicTensor {
  const size = tensor.sampleShape[p - 1] as number;
  if (
    taps.length === size &&
    taps.every((each, i) => each.length === 1 && each[0][0] === i && each[0][1] === 1)
  )
    return tensor;
  if (taps.every((each) => each.length === 1 && each[0][1] === 1))
    return pickAlong(
      context,
      tensor,
      p,
      taps.map(([[position]]) => position),
      name,
    );
  const matrix = new Float32Array(size * taps.length);
  for (const [o, each] of taps.entries())
    for (const [i, weight] of each) matrix[i * taps.length + o] += weight;
  const rank = tensor.shape.length;
  const axes = Array.from({ length: rank - 1 }, (_, axis) => axis + 1);
  const there = axes.map((axis) => (axis === p ? rank - 1 : axis === rank - 1 ? p : axis));
  const swap = (from: SymbolicTensor, suffix: string) =>
    p === rank - 1
      ? from
      : context.apply((own) => new Permute({ name: own, dims: there }), `${name}/${suffix}`, from);
  const last = swap(tensor, 'last');
  const weights = constant('float', [size, taps.length], matrix);
  const mixed = context.operation('matMul', [last, weights], {}, name)[0];
  return swap(mixed, 'back');
}

/** Takes elements along an axis. */
export function pickAlong(
  context: Context,
  tensor: SymbolicTensor,
  p: number,
  indices: readonly number[],
  name: string,
): SymbolicTensor {
  return context.operation('gather', [tensor], { indices, indicesShape: [indices.length], axis: p }, name)[0];
}
