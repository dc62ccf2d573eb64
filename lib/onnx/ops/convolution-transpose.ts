import { Conv2DTranspose } from '../../layers/convolutional/conv2d-transpose.js';
import { Concatenate } from '../../layers/merging/concatenate.js';
import { Cropping2D } from '../../layers/reshaping/cropping2d.js';
import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import { windowExtent } from '../../program/contracts/window.js';
import { addedBias } from '../added-bias.js';
import type { Constant } from '../constants.js';
import { cannot, invalid, type Use } from '../context.js';
import { sliced } from '../fold.js';
import type { OnnxNode } from '../graph.js';
import { reshapeTensor } from '../reshaping.js';
import { channelsLast, type Computed, computed } from '../values.js';
import { weightOf } from '../weights.js';
import { convTranspose3d } from './volumes.js';
import { type Pads, readWindows, type Windows } from '../windows.js';

/** ConvTranspose: a kernel [channels, filters / group, ...size]. */
export function convTranspose(use: Use): Computed {
  const { context, node } = use;
  const kernel = use.constant(1, 'kernel');
  const filters = kernel.shape[1] * node.int('group', 1);
  const isOpen = !use.optional(2) && kernel.shape.length < 5;
  const added = isOpen ? addedBias(use, filters, kernel.shape.length - 2) : undefined;
  const bias = added?.vector ?? use.optionalConstant(2, 'bias');
  const names = [...node.inputs.slice(1), ...(added ? [added.name] : [])];
  const made = transposed(use, { kernel, names, ...(bias && { bias }) });
  if (added) context.set(added.node.outputs[0], made);
  return made;
}

/** The weights of a convolution. */
export interface Weights {
  kernel: Constant;
  bias?: Constant;
  /** The names of their tensors. Uses of the same ones share a layer. */
  names: readonly string[];
}

function transposed(use: Use, weights: Weights): Computed {
  const { context, node } = use;
  const { kernel } = weights;
  const x = use.computed(0);
  const rank = x.dims.length;
  if (kernel.shape.length !== rank) invalid(`its kernel has ${kernel.shape.length} axes, its input ${rank}`);
  if (rank < 3 || rank > 5) return cannot(`it has ${rank - 2} spatial axes; 1 to 3 can be done`);
  const groups = node.int('group', 1);
  const channels = kernel.shape[0];
  if (x.dims[1] !== channels || channels % groups !== 0)
    invalid(`its kernel takes ${channels} channels in ${groups} groups`);
  const windows = readWindows(node, x, kernel.shape.slice(2));
  const cuts = cutsOf(node, x, windows);
  const order = channelsLast(rank);
  if (rank === 5) {
    const volume = context.ordered(x, order);
    const made = inGroups(use, volume, weights, groups, (part, own) =>
      convTranspose3d(use, part, own, windows, cuts),
    );
    return computed(made, order);
  }
  const isSequence = rank === 3;
  let image = context.ordered(x, order);
  if (isSequence) image = reshapeTensor(context, image, [x.dims[2], 1, channels], `${node.name}/image`);
  const made = inGroups(use, image, weights, groups, (part, own, group) =>
    addGroup(use, part, own, windows, cuts, group),
  );
  if (!isSequence) return computed(made, order);
  const [steps, , filters] = made.sampleShape;
  const sizes = [steps ?? cannot('it needs a known number of steps'), filters as number];
  return computed(reshapeTensor(context, made, sizes, `${node.name}/sequence`), order);
}

/** Convolves each group of channels by itself. */
function inGroups(
  { context, node }: Use,
  x: SymbolicTensor,
  weights: Weights,
  groups: number,
  convolve: (part: SymbolicTensor, own: Weights, group: string) => SymbolicTensor,
): SymbolicTensor {
  if (groups === 1) return convolve(x, weights, '0');
  const { kernel, bias, names } = weights;
  const size = kernel.shape[0] / groups;
  const filters = kernel.shape[1];
  const sizes = new Array<number>(groups).fill(size);
  const axis = x.sampleShape.length;
  const parts = context.operation('split', [x], { numOrSizeSplits: sizes, axis }, `${node.name}/split`);
  const made = parts.map((part, g) => {
    const starts = kernel.shape.map((_, each) => (each === 0 ? g * size : 0));
    const steps = kernel.shape.map(() => 1);
    const own = sliced(kernel, starts, kernel.shape.with(0, size), steps);
    const ownBias = bias && sliced(bias, [g * filters], [filters], [1]);
    return convolve(part, { kernel: own, names, ...(ownBias && { bias: ownBias }) }, String(g));
  });
  return context.apply((name) => new Concatenate({ name, axis }), `${node.name}/groups`, made);
}

function addGroup(
  use: Use,
  image: SymbolicTensor,
  { kernel, bias, names }: Weights,
  { size, strides, dilations }: Windows,
  cuts: readonly Pads[],
  group: string,
): SymbolicTensor {
  const { context, node } = use;
  const wide = (list: readonly number[], other: number): [number, number] => [list[0], list[1] ?? other];
  const more = cuts.map(([, after]) => Math.max(-after, 0));
  const options = {
    filters: kernel.shape[1],
    kernelSize: wide(size, 1),
    strides: wide(strides, 1),
    dilationRate: wide(dilations, 1),
    useBias: bias !== undefined,
    // Without it, a kernel smaller than its stride gives more than the convolution does.
    outputPadding: wide(more, 0),
  };
  const isImage = kernel.shape.length === 4;
  const maker = weightOf(
    kernel,
    isImage ? { axes: [2, 3, 1, 0] } : { shape: [...kernel.shape, 1], axes: [2, 3, 1, 0] },
  );
  const makers = bias ? [maker, weightOf(bias)] : [maker];
  const make = (name: string) => new Conv2DTranspose({ name, ...options });
  const key = JSON.stringify([node.op, names, group, options]);
  const whole = context.apply(make, node.name, image, makers, key);
  const cropping = cuts.map(([before, after]): Pads => [before, Math.max(after, 0)]);
  if (cropping.flat().every((each) => each === 0)) return whole;
  const both = [cropping[0], cropping[1] ?? ([0, 0] as const)] as const;
  return context.apply((name) => new Cropping2D({ name, cropping: both }), `${node.name}/crop`, whole);
}

/** How much of the whole output is cut off at the ends; a negative number adds at the end. */
function cutsOf(node: OnnxNode, x: Computed, { size, strides, dilations, pads }: Windows): Pads[] {
  const more = node.ints('output_padding') ?? size.map(() => 0);
  const wanted = node.ints('output_shape')?.slice(-size.length);
  const auto = node.string('auto_pad', 'NOTSET');
  return size.map((each, axis): Pads => {
    const extent = windowExtent(each, dilations[axis]);
    const isSame = auto === 'SAME_UPPER' || auto === 'SAME_LOWER';
    if (!wanted && !isSame) {
      const [before, after] = (pads as readonly Pads[])[axis];
      return [before, after - more[axis]];
    }
    // The whole output is (cells - 1) * stride + extent, and what is wanted of it cells * stride, or told.
    const cells = x.dims[axis + 2];
    if (wanted && typeof cells !== 'number') return cannot('its output_shape needs known sizes');
    const stride = strides[axis];
    const total = wanted
      ? ((cells as number) - 1) * stride + more[axis] + extent - wanted[axis]
      : extent - stride + more[axis];
    const [half, rest] = [Math.floor(total / 2), Math.ceil(total / 2)];
    const [before, after] = auto === 'SAME_UPPER' ? [half, rest] : [rest, half];
    return total < 0 ? [0, total - more[axis]] : [before, after - more[axis]];
  });
}
