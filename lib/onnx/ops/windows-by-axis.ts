import { Maximum } from '../../layers/merging/maximum.js';
import { cannot, type Use } from '../context.js';
import { mixAxis, pickAlong, type Taps } from '../along-axis.js';
import { samePadding, windowExtent } from '../../program/contracts/window.js';
import { type Computed, computed } from '../values.js';
import type { Windows } from '../windows.js';

/** How windows lie along an axis of `cells` elements. */
interface AxisWindows {
  cells: number;
  count: number;
  size: number;
  stride: number;
  dilation: number;
  before: number;
  after: number;
}

function axisWindows({ node }: Use, { dims }: Computed, windows: Windows, axis: number): AxisWindows {
  const cells = dims[axis + 2];
  if (typeof cells !== 'number') return cannot("it needs sizes that the file's inputs leave open");
  const { size, strides, dilations, pads } = windows;
  const [stride, dilation] = [strides[axis], dilations[axis]];
  const extent = windowExtent(size[axis], dilation);
  const [before, after] = pads === 'same' ? samePadding(cells, extent, stride) : pads[axis];
  const span = cells + before + after - extent;
  let count = Math.floor(span / stride) + 1;
  if (node.int('ceil_mode', 0) !== 0) {
    count = Math.ceil(span / stride) + 1;
    // The last window must begin inside of the input or the padding before it.
    if ((count - 1) * stride >= cells + before) count--;
  }
  return { cells, count, size: size[axis], stride, dilation, before, after };
}

/** Max pooling, along one axis after the other: for dilated windows and any number of axes. */
export function maxByAxis(use: Use, x: Computed, windows: Windows): Computed {
  const { context, node } = use;
  let { tensor } = x;
  for (const axis of windows.size.keys()) {
    const along = axisWindows(use, x, windows, axis);
    const p = x.order.indexOf(axis + 2);
    const from = tensor;
    const parts = Array.from({ length: along.size }, (_, k) => {
      const indices = Array.from({ length: along.count }, (__, o) => insidePosition(along, o, k));
      return pickAlong(context, from, p, indices, `${node.name}/pick`);
    });
    tensor =
      parts.length === 1
        ? parts[0]
        : context.apply((name) => new Maximum({ name }), `${node.name}/max`, parts);
  }
  return computed(tensor, x.order);
}

/** The k-th position of a window, or another one of it that is inside: that changes no maximum. */
function insidePosition(
  { cells, size, stride, dilation, before }: AxisWindows,
  o: number,
  k: number,
): number {
  const position = (i: number) => o * stride - before + i * dilation;
  const inside = (i: number) => position(i) >= 0 && position(i) < cells;
  for (let i = 0; i < size; i++) if (inside((k + i) % size)) return position((k + i) % size);
  return cannot('one of its windows lies in the padding alone');
}

/** Sums or averages over windows, along one axis after the other. */
export function sumByAxis(use: Use, x: Computed, windows: Windows, isAverage: boolean): Computed {
  const { context, node } = use;
  const isCounted = node.int('count_include_pad', 0) !== 0;
  let { tensor } = x;
  for (const axis of windows.size.keys()) {
    const along = axisWindows(use, x, windows, axis);
    const taps: Taps = Array.from({ length: along.count }, (_, o) => {
      const positions = Array.from(
        { length: along.size },
        (__, k) => o * along.stride - along.before + k * along.dilation,
      );
      const inside = positions.filter((position) => position >= 0 && position < along.cells);
      const counted = isCounted
        ? positions.filter((position) => position < along.cells + along.after)
        : inside;
      return inside.map((position) => [position, isAverage ? 1 / counted.length : 1] as const);
    });
    tensor = mixAxis(
      context,
      tensor,
      x.order.indexOf(axis + 2),
      taps,
      `${node.name}/${isAverage ? 'average' : 'sum'}`,
    );
  }
  return computed(tensor, x.order);
}
