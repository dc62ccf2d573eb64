import { Conv1D } from '../../layers/convolutional/conv1d.js';
import { Conv2D } from '../../layers/convolutional/conv2d.js';
import { DepthwiseConv2D } from '../../layers/convolutional/depthwise-conv2d.js';
import { ZeroPadding1D } from '../../layers/reshaping/zero-padding1d.js';
import { type AddedBias, addedBias } from '../added-bias.js';
import type { Constant } from '../constants.js';
import { cannot, invalid, type MakeWeight, type Use } from '../context.js';
import { channelsLast, type Computed, computed } from '../values.js';
import { weightOf } from '../weights.js';
import { conv3d } from './volumes.js';
import { pairs, readWindows, type Windows } from '../windows.js';

/** What the inputs of a convolution come to. */
interface Convolution {
  x: Computed;
  kernel: Constant;
  bias?: Constant;
  windows: Windows;
  groups: number;
  /** What takes the place of a bias. */
  added?: AddedBias;
}

function read(use: Use): Convolution {
  const x = use.computed(0);
  const kernel = use.constant(1, 'kernel');
  const rank = x.dims.length;
  const added = use.optional(2) ? undefined : addedBias(use, kernel.shape[0], rank - 2);
  const bias = added?.vector ?? use.optionalConstant(2, 'bias');
  if (kernel.shape.length !== rank) invalid(`its kernel has ${kernel.shape.length} axes, its input ${rank}`);
  if (rank < 3 || rank > 5) cannot(`it has ${rank - 2} spatial axes; 1 to 3 can be done`);
  const groups = use.node.int('group', 1);
  const windows = readWindows(use.node, x, kernel.shape.slice(2));
  return { x, kernel, windows, groups, ...(bias && { bias }), ...(added && { added }) };
}

/** A key for convolutions of the same tensors of the file, which share their weights. */
function keyOf({ node }: Use, config: object): string {
  return JSON.stringify([node.op, node.inputs.slice(1), config]);
}

function makersOf(kernel: MakeWeight, bias: Constant | undefined): MakeWeight[] {
  return bias ? [kernel, weightOf(bias)] : [kernel];
}

/** Conv: a kernel [filters, channels / group, ...size]. */
export function conv(use: Use): Computed {
  const parts = read(use);
  const made = convolved(use, parts);
  const { added } = parts;
  if (added) use.context.set(added.node.outputs[0], made);
  return made;
}

function convolved(use: Use, parts: Convolution): Computed {
  const { x, kernel, bias, windows, groups } = parts;
  const channels = x.dims[1];
  if (groups < 1 || typeof channels !== 'number' || channels !== kernel.shape[1] * groups) {
    invalid(
      `its kernel takes ${kernel.shape[1]} channels in each of ${groups} groups, its input has ${String(channels)}`,
    );
  }
  if (x.dims.length === 5) return conv3d(use, x, kernel, bias, windows, groups);
  return x.dims.length === 4 ? conv2d(use, parts, channels) : conv1d(use, parts);
}

function conv2d(
  use: Use,
  { x, kernel, bias, windows, groups, added }: Convolution,
  channels: number,
): Computed {
  const [filters] = kernel.shape;
  const options = {
    kernelSize: pairOf(windows.size),
    strides: pairOf(windows.strides),
    dilationRate: pairOf(windows.dilations),
    padding: windows.pads === 'same' ? ('same' as const) : pairs(windows.pads),
    useBias: bias !== undefined,
  };
  const isDepthwise = groups === channels && groups > 1;
  const order = channelsLast(4);
  const makers = makersOf(weightOf(kernel, { axes: [2, 3, 1, 0] }), bias);
  const make = (name: string) =>
    isDepthwise
      ? new DepthwiseConv2D({ name, ...options, depthMultiplier: filters / channels })
      : new Conv2D({ name, ...options, filters, groups });
  const { context, node } = use;
  const key = keyOf(use, { ...options, groups, added: added?.name });
  return computed(context.apply(make, node.name, context.ordered(x, order), makers, key), order);
}

function pairOf([height, width]: readonly number[]): [number, number] {
  return [height, width];
}

function conv1d(use: Use, { x, kernel, bias, windows, groups, added }: Convolution): Computed {
  const { context, node } = use;
  const [filters] = kernel.shape;
  const order = channelsLast(3);
  let sequence = context.ordered(x, order);
  const [[before, after]] = windows.pads === 'same' ? [[0, 0]] : windows.pads;
  const padding = [before, after] as const;
  if (before + after > 0) {
    sequence = context.apply((name) => new ZeroPadding1D({ name, padding }), `${node.name}/pad`, sequence);
  }
  const options = {
    filters,
    kernelSize: windows.size[0],
    strides: windows.strides[0],
    dilationRate: windows.dilations[0],
    padding: windows.pads === 'same' ? ('same' as const) : ('valid' as const),
    groups,
    useBias: bias !== undefined,
  };
  const makers = makersOf(weightOf(kernel, { axes: [2, 1, 0] }), bias);
  const make = (name: string) => new Conv1D({ name, ...options });
  return computed(
    context.apply(make, node.name, sequence, makers, keyOf(use, { ...options, added: added?.name })),
    order,
  );
}
