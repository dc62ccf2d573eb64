import { GlobalAveragePooling1D } from '../../layers/pooling/global-average-pooling1d.js';
import { GlobalAveragePooling2D } from '../../layers/pooling/global-average-pooling2d.js';
import { GlobalMaxPooling1D } from '../../layers/pooling/global-max-pooling1d.js';
import { GlobalMaxPooling2D } from '../../layers/pooling/global-max-pooling2d.js';
import { AveragePooling2D } from '../../layers/pooling/average-pooling2d.js';
import { MaxPooling2D } from '../../layers/pooling/max-pooling2d.js';
import { SumPooling2D } from '../../layers/pooling/sum-pooling2d.js';
import { ZeroPadding2D } from '../../layers/reshaping/zero-padding2d.js';
import { windowCount } from '../../program/contracts/window.js';
import { cannot, invalid, type Use } from '../context.js';
import { reshapeTensor } from '../reshaping.js';
import type { Size } from '../sizes.js';
import { channelsLast, type Computed, computed, type Value } from '../values.js';
import { operate } from './arithmetic.js';
import { maxByAxis, sumByAxis } from './windows-by-axis.js';
import { type Pads, pairs, readWindows, type Windows } from '../windows.js';

/** Pools each channel to one number. */
export function globalPool(use: Use): Computed {
  const { context, node } = use;
  const x = use.computed(0);
  const rank = x.dims.length;
  if (rank < 3 || rank > 4) return cannot(`it pools ${rank - 2} axes; 1 or 2 can be done`);
  const Classes =
    node.op === 'GlobalMaxPool'
      ? [GlobalMaxPooling1D, GlobalMaxPooling2D]
      : [GlobalAveragePooling1D, GlobalAveragePooling2D];
  const Class = Classes[rank - 3];
  const order = channelsLast(rank);
  const tensor = context.ordered(x, order);
  return computed(
    context.apply((name) => new Class({ name, keepDims: true }), node.name, tensor),
    order,
  );
}

/** MaxPool and AveragePool of sequences and images. */
export function pool(use: Use): Computed {
  const { node } = use;
  const x = use.computed(0);
  const rank = x.dims.length;
  if (node.outputs.length > 1 && use.context.uses.has(node.outputs[1])) return cannot('its indices are used');
  const windows = readWindows(node, x);
  const isMax = node.op === 'MaxPool';
  if (rank > 4 || windows.dilations.some((each) => each !== 1))
    return isMax ? maxByAxis(use, x, windows) : sumByAxis(use, x, windows, true);
  const pads = ceiled(use, x, windows);
  return windowed(use, x, windows, pads, isMax ? MaxPooling2D : AveragePooling2D);
}

/** LpPool: the p-th root of the sum of powers. */
export function lpPool(use: Use): Value {
  const { node } = use;
  const x = use.computed(0);
  const windows = readWindows(node, x);
  const power = node.int('p', 2);
  const absolute = operate(use, x, 'abs') as Computed;
  const powers = power === 1 ? absolute : raised(use, absolute, power);
  const isPlain = x.dims.length <= 4 && windows.dilations.every((each) => each === 1);
  const sums = isPlain
    ? windowed(use, powers, windows, ceiled(use, powers, windows), SumPooling2D)
    : sumByAxis(use, powers, windows, false);
  return power === 1 ? sums : raised(use, sums, 1 / power);
}

function raised({ context, node }: Use, x: Computed, power: number): Computed {
  return computed(context.operation('pow', [x.tensor, power], {}, `${node.name}/power`)[0], x.order, x.dims);
}

/** The padding, and what ceil_mode adds to it: as much as the last windows reach over. */
function ceiled(use: Use, { dims }: Computed, { size, strides, pads }: Windows): Windows['pads'] {
  if (use.node.int('ceil_mode', 0) === 0 || pads === 'same') return pads;
  return pads.map(([before, after], axis): Pads => {
    const cells = dims[axis + 2];
    if (strides[axis] === 1) return [before, after];
    if (typeof cells !== 'number')
      return cannot("its ceil_mode needs sizes that the file's inputs leave open");
    const padded = cells + before + after;
    const floor = windowCount(cells, before + after, size[axis], strides[axis]);
    const reach = floor * strides[axis] + size[axis] - padded;
    // A window must begin inside of the input or the padding before it.
    const isMore = reach < strides[axis] && reach > 0 && floor * strides[axis] < cells + before;
    return [before, isMore ? after + reach : after];
  });
}

type PoolingClass = typeof MaxPooling2D | typeof AveragePooling2D | typeof SumPooling2D;

export function windowed(
  use: Use,
  x: Computed,
  windows: Windows,
  pads: Windows['pads'],
  Class: PoolingClass,
): Computed {
  const { context, node } = use;
  const rank = x.dims.length;
  const order = channelsLast(rank);
  let image = context.ordered(x, order);
  const isSequence = rank === 3;
  if (isSequence) image = reshapeTensor(context, image, [x.dims[2], 1, x.dims[1]], `${node.name}/image`);
  const wide = (list: readonly number[]): [number, number] => [list[0], isSequence ? 1 : list[1]];
  let padding = pads === 'same' ? ('same' as const) : pairs(isSequence ? [pads[0], [0, 0]] : pads);
  const isCounted = node.op === 'AveragePool' && node.int('count_include_pad', 0) !== 0;
  if (isCounted && padding !== 'same' && windows.pads !== 'same') {
    const own = pairs(isSequence ? [windows.pads[0], [0, 0]] : windows.pads);
    const rest = pairs(padding.map(([, after], axis): Pads => [0, after - own[axis][1]]));
    padding = rest;
    if (own.flat().some((each) => each > 0))
      image = context.apply((name) => new ZeroPadding2D({ name, padding: own }), `${node.name}/pad`, image);
  } else if (isCounted) return cannot('it counts padding that auto_pad adds');
  const options = { poolSize: wide(windows.size), strides: wide(windows.strides), padding };
  const pooled = context.apply((name) => new Class({ name, ...options }), node.name, image);
  if (!isSequence) return computed(pooled, order);
  const [steps] = pooled.sampleShape;
  const sizes: Size[] = [steps ?? invalid('it needs a known number of steps'), x.dims[1]];
  return computed(reshapeTensor(context, pooled, sizes, `${node.name}/sequence`), order);
}
