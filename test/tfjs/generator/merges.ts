import type { Draw } from './draw.js';
import type { LayerSpec } from './spec.js';

/** A value that may be merged. */
export interface Candidate {
  value: number;
  shape: readonly number[];
  hasTies: boolean;
}

interface Merge {
  layer: LayerSpec;
  inputs: number[];
}

/**
 * A layer that merges some of these values, if any can be merged. Each is used once, since TF.js disposes a
 * value too early if a layer takes it twice.
 */
export function drawMerge(draw: Draw, values: readonly Candidate[]): Merge | undefined {
  const first = draw.pick(values);
  const others = values.filter(({ value }) => value !== first.value);
  const ways = [alike, broadcast, concatenated, product].map((way) => way(draw, first, others));
  const found = ways.filter((way) => way !== undefined);
  return found.length > 0 ? draw.pick(found) : undefined;
}

const isSame = (a: readonly number[], b: readonly number[]) => a.join() === b.join();

/** Two or three values of equal shape. */
function alike(draw: Draw, first: Candidate, others: readonly Candidate[]): Merge | undefined {
  const same = others.filter(({ shape }) => isSame(shape, first.shape));
  if (same.length === 0) return undefined;
  const chosen = new Set([first, draw.pick(same), ...(draw.chance(0.4) ? [draw.pick(same)] : [])]);
  const inputs = [...chosen].map(({ value }) => value);
  const hasTies = [...chosen].some((each) => each.hasTies);
  const make = draw.pick(['add', 'average', 'multiply', ...(hasTies ? [] : ['maximum', 'minimum'])]);
  return { layer: { make, options: {} }, inputs };
}

/** A value that is broadcast along missing axes or axes of size 1. */
function broadcast(draw: Draw, first: Candidate, others: readonly Candidate[]): Merge | undefined {
  const fitting = others.filter(({ shape }) => {
    if (isSame(shape, first.shape) || shape.length > first.shape.length) return false;
    return shape.every((size, i) => {
      const wide = first.shape[first.shape.length - shape.length + i];
      return size === wide || size === 1;
    });
  });
  if (fitting.length === 0) return undefined;
  const make = draw.pick(['add', 'average', 'multiply']);
  return { layer: { make, options: {} }, inputs: [first.value, draw.pick(fitting).value] };
}

function concatenated(draw: Draw, first: Candidate, others: readonly Candidate[]): Merge | undefined {
  const axis = draw.whole(1, first.shape.length);
  const rest = (shape: readonly number[]) => shape.filter((_, i) => i !== axis - 1);
  const fitting = others.filter(({ shape }) => {
    return shape.length === first.shape.length && isSame(rest(shape), rest(first.shape));
  });
  if (fitting.length === 0) return undefined;
  const isLast = axis === first.shape.length;
  const options = isLast ? draw.pick([{}, { axis: -1 }, { axis }]) : { axis };
  const chosen = new Set([first, draw.pick(fitting), ...(draw.chance(0.3) ? [draw.pick(fitting)] : [])]);
  return { layer: { make: 'concatenate', options }, inputs: [...chosen].map(({ value }) => value) };
}

/** Dot products of vectors or matrices. */
function product(draw: Draw, first: Candidate, others: readonly Candidate[]): Merge | undefined {
  const rank = first.shape.length;
  if (rank > 2) return undefined;
  const fitting = others.flatMap(({ value, shape }) => {
    if (shape.length !== rank) return [];
    const axes = shape.flatMap((size, i) => (size === first.shape[rank - 1] ? [i + 1] : []));
    return axes.map((axis) => ({ value, axes: [rank, axis] }));
  });
  if (fitting.length === 0) return undefined;
  const { value, axes } = draw.pick(fitting);
  const isOne = axes[0] === axes[1];
  const options = {
    axes: isOne && draw.chance(0.5) ? draw.pick([-1, axes[0]]) : axes,
    ...draw.maybe(0.4, () => ({ normalize: draw.chance(0.5) })),
  };
  return { layer: { make: 'dot', options }, inputs: [first.value, value] };
}
