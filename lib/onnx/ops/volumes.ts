import { Conv2D } from '../../layers/convolutional/conv2d.js';
import { Conv2DTranspose } from '../../layers/convolutional/conv2d-transpose.js';
import { TimeDistributed } from '../../layers/core/time-distributed.js';
import { Add } from '../../layers/merging/add.js';
import { Cropping2D } from '../../layers/reshaping/cropping2d.js';
import type { Layer } from '../../layers/base-layer.js';
import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import { samePadding, windowExtent } from '../../program/contracts/window.js';
import { mixAxis, pickAlong, type Taps } from '../along-axis.js';
import { type Constant, reshaped } from '../constants.js';
import { cannot, type Use } from '../context.js';
import { sliced } from '../fold.js';
import { channelsLast, type Computed, computed } from '../values.js';
import { weightOf } from '../weights.js';
import { type Pads, pairs, type Windows } from '../windows.js';

/*
 * Convolutions of volumes, as sums of convolutions of images: each plane of the kernel meets the planes of the
 * volume that it lies over.
 */

/** Plane k of a kernel [a, b, depth, height, width]. */
function plane(kernel: Constant, k: number): Constant {
  const [a, b, , height, width] = kernel.shape;
  const cut = sliced(kernel, [0, 0, k, 0, 0], [a, b, 1, height, width], [1, 1, 1, 1, 1]);
  return reshaped(cut, [a, b, height, width]);
}

/** Applies a layer to each plane of a volume. */
function eachPlane(
  use: Use,
  layer: Layer,
  x: SymbolicTensor,
  kernel: Constant,
  bias?: Constant,
): SymbolicTensor {
  const makers = [weightOf(kernel, { axes: [2, 3, 1, 0] }), ...(bias ? [weightOf(bias)] : [])];
  return use.context.apply((name) => new TimeDistributed({ name, layer }), use.node.name, x, makers);
}

function summed({ context, node }: Use, parts: readonly SymbolicTensor[]): SymbolicTensor {
  return parts.length === 1
    ? parts[0]
    : context.apply((name) => new Add({ name }), `${node.name}/sum`, parts);
}

function pair([, height, width]: readonly number[]): [number, number] {
  return [height, width];
}

export function conv3d(
  use: Use,
  x: Computed,
  kernel: Constant,
  bias: Constant | undefined,
  windows: Windows,
  groups: number,
): Computed {
  const { context, node } = use;
  const { size, strides, dilations, pads } = windows;
  const depth = x.dims[2];
  if (typeof depth !== 'number') return cannot('it needs a known number of planes');
  const extent = windowExtent(size[0], dilations[0]);
  const [before, after] = pads === 'same' ? samePadding(depth, extent, strides[0]) : pads[0];
  const order = channelsLast(5);
  const none: Pads = [0, 0];
  const paddings = [none, [before, after], none, none, none];
  const tensor = context.ordered(x, order);
  const padded =
    before + after === 0 ? tensor : context.operation('pad', [tensor], { paddings }, `${node.name}/pad`)[0];
  const count = Math.floor((depth + before + after - extent) / strides[0]) + 1;
  const [filters] = kernel.shape;
  const options = {
    filters,
    groups,
    kernelSize: pair(size),
    strides: pair(strides),
    dilationRate: pair(dilations),
    padding: pads === 'same' ? ('same' as const) : pairs(pads.slice(1)),
  };
  const parts = Array.from({ length: size[0] }, (_, k) => {
    const planes = Array.from({ length: count }, (__, o) => o * strides[0] + k * dilations[0]);
    const under = pickAlong(context, padded, 1, planes, `${node.name}/planes`);
    const own = k === 0 ? bias : undefined;
    const layer = new Conv2D({ ...options, useBias: own !== undefined });
    return eachPlane(use, layer, under, plane(kernel, k), own);
  });
  return computed(summed(use, parts), order);
}

/** `cuts` are what is cut off the whole output at its ends; a negative number adds at the end. */
export function convTranspose3d(
  use: Use,
  volume: SymbolicTensor,
  { kernel, bias }: { kernel: Constant; bias?: Constant },
  windows: Windows,
  cuts: readonly Pads[],
): SymbolicTensor {
  const { context, node } = use;
  const { size, strides, dilations } = windows;
  const [depth] = volume.sampleShape;
  if (typeof depth !== 'number') return cannot('it needs a known number of planes');
  const [planes, ...edges] = cuts;
  const [, filters] = kernel.shape;
  const options = {
    filters,
    kernelSize: pair(size),
    strides: pair(strides),
    dilationRate: pair(dilations),
    outputPadding: edges.map(([, after]) => Math.max(-after, 0)) as [number, number],
    useBias: false,
  };
  const whole = (depth - 1) * strides[0] + windowExtent(size[0], dilations[0]);
  const parts = Array.from({ length: size[0] }, (_, k) => {
    const made = eachPlane(use, new Conv2DTranspose(options), volume, plane(kernel, k));
    const taps: Taps = Array.from({ length: whole - planes[0] - planes[1] }, (__, o) => {
      const at = (o + planes[0] - k * dilations[0]) / strides[0];
      return Number.isInteger(at) && at >= 0 && at < depth ? [[at, 1]] : [];
    });
    return mixAxis(context, made, 1, taps, `${node.name}/planes`);
  });
  const [rows, columns] = edges.map(([before, after]): Pads => [before, Math.max(after, 0)]);
  let sum = summed(use, parts);
  if ([...rows, ...columns].some((each) => each !== 0)) {
    const layer = new Cropping2D({ cropping: [rows, columns] });
    sum = context.apply((name) => new TimeDistributed({ name, layer }), `${node.name}/crop`, sum);
  }
  if (!bias) return sum;
  return context.operation('add', [sum, { ...bias, isTrainable: true }], {}, `${node.name}/bias`)[0];
}
