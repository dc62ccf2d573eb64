import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
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
  const most = Math.max(...taps.map(({ length }) => length), 1);
  const padded = taps.flatMap((each) => {
    const filler = [each[0]?.[0] ?? 0, 0] as const;
    return [...each, ...new Array<typeof filler>(most - each.length).fill(filler)];
  });
  const [indices, weights] = [padded.map(([position]) => position), padded.map(([, weight]) => weight)];
  const attributes = { axis: p, size: taps.length, taps: most, indices, weights };
  return context.operation('resample', [tensor], attributes, name)[0];
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
