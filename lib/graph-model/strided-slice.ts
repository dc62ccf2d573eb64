import { sliceOfAxis } from '../tensor/strided-slice.js';
import type { FoldedNode } from './folded-node.js';

/** What a StridedSlice takes of one axis. */
export interface AxisSlice {
  /** The axis of the input; undefined for a new one, of size 1. */
  axis?: number;
  start: number;
  step: number;
  /** Number of elements taken. */
  size: number;
  /** Whether the axis, of one element, is left out of the output. */
  isShrunk: boolean;
}

/**
 * Reads TensorFlow's form of x[2:, ::-1, None, ..., 0]: lists of starts, ends and steps, of which bit masks say
 * which don't count. `shape` may have null for a size that isn't known, which must then be taken whole: its
 * size is NaN.
 */
export function slicedAxes(
  node: FoldedNode,
  shape: readonly (number | null)[],
  [starts, ends, steps = starts.map(() => 1)]: readonly (readonly number[])[],
): AxisSlice[] {
  const mask = (name: string) => node.attributes.whole(name);
  const [startMask, endMask] = [mask('begin_mask'), mask('end_mask')];
  const [newMask, shrinkMask] = [mask('new_axis_mask'), mask('shrink_axis_mask')];
  const ellipsis = mask('ellipsis_mask');
  const has = (bits: number, i: number) => ((bits >> i) & 1) === 1;
  const added = starts.filter((_, i) => has(newMask, i) && !has(ellipsis, i)).length;
  const named = starts.length - added - (ellipsis === 0 ? 0 : 1);
  if (named > shape.length) return node.fail('it slices more axes than there are');
  const slices: AxisSlice[] = [];
  let axis = 0;
  const whole = () => {
    slices.push({ axis, start: 0, step: 1, size: shape[axis] ?? Number.NaN, isShrunk: false });
    axis++;
  };
  for (let i = 0; i < starts.length; i++) {
    if (has(ellipsis, i)) {
      for (let rest = shape.length - named; rest > 0; rest--) whole();
    } else if (has(newMask, i)) {
      slices.push({ start: 0, step: 1, size: 1, isShrunk: false });
    } else {
      const start = has(startMask, i) ? undefined : starts[i];
      const end = has(endMask, i) ? undefined : ends[i];
      const isShrunk = has(shrinkMask, i);
      slices.push(sliceAxis(node, { axis, size: shape[axis], start, end, step: steps[i], isShrunk }));
      axis++;
    }
  }
  while (axis < shape.length) whole();
  return slices;
}

interface AxisBounds {
  axis: number;
  size: number | null;
  start?: number;
  end?: number;
  step: number;
  isShrunk: boolean;
}

function sliceAxis(node: FoldedNode, { axis, size, start, end, step, isShrunk }: AxisBounds): AxisSlice {
  if (step === 0) return node.fail('its step is 0');
  if (size === null) {
    const isWhole = step === 1 && (start ?? 0) === 0 && end === undefined && !isShrunk;
    if (isWhole) return { axis, start: 0, step, size: Number.NaN, isShrunk };
    return node.fail(`it slices axis ${axis}, whose size is unknown before the model runs`);
  }
  if (isShrunk) return { axis, ...sliceOfAxis(size, 1, start ?? 0), step: 1, size: 1, isShrunk };
  return { axis, ...sliceOfAxis(size, step, start, end), step, isShrunk };
}
