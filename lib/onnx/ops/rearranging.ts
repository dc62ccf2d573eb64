import { Concatenate } from '../../layers/merging/concatenate.js';
import { DepthToSpace, SpaceToDepth } from '../../layers/reshaping/space-to-depth.js';
import { type Constant, reshaped } from '../constants.js';
import { cannot, invalid, readAxis, type Use } from '../context.js';
import { joinedConstants, transposed } from '../fold.js';
import type { OnnxNode } from '../graph.js';
import { reshape as reshapeValue, resolvedSizes, withDims } from '../reshaping.js';
import { computeSize, type Size } from '../sizes.js';
import { sizeOf } from '../../tensor/shapes.js';
import {
  channelsLast,
  type Computed,
  computed,
  type Flattened,
  identityOrder,
  type Value,
} from '../values.js';

/** A value that is no constant, without what is left to be flattened. */
export function flatless(use: Use, value: Value): Constant | Computed {
  return value.kind === 'flattened' ? use.context.unflattened(value) : value;
}

/** Axes are renamed; nothing moves. */
export function transpose(use: Use): Value {
  const x = flatless(use, use.value(0));
  const rank = x.kind === 'constant' ? x.shape.length : x.dims.length;
  const perm = use.node.ints('perm') ?? identityOrder(rank).reverse();
  if (perm.length !== rank || identityOrder(rank).some((axis) => !perm.includes(axis)))
    invalid(`its perm is [${perm.join(', ')}], its input has ${rank} axes`);
  if (x.kind === 'constant') return transposed(x, perm);
  if (perm[0] !== 0) return cannot(`its perm is [${perm.join(', ')}]; axis 0, the batch, must stay first`);
  return computed(
    x.tensor,
    x.order.map((axis) => perm.indexOf(axis)),
    perm.map((axis) => x.dims[axis]),
  );
}

export function flatten(use: Use): Value {
  const x = flatless(use, use.value(0));
  const axis = use.node.int('axis', 1);
  if (x.kind === 'constant') {
    const at = axis < 0 ? axis + x.shape.length : axis;
    return reshaped(x, [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))]);
  }
  const at = axis === x.dims.length ? axis : readAxis(axis, x.dims.length);
  const sample = x.dims.slice(1);
  const isBatchAlone = at === 1 || x.dims.slice(1, at).every((size) => size === 1);
  if (at === 0 || !isBatchAlone)
    return cannot(`its axis is ${axis}, which takes the batch together with other axes`);
  return reshapeValue(
    use.context,
    x,
    [x.dims[0], sample.reduce((a, b) => computeSize('mul', a, b), 1)],
    use.node.name,
  );
}

export function reshape(use: Use): Computed | Flattened | Constant {
  const x = flatless(use, use.value(0));
  const wanted = use.optionalConstant(1, 'shape');
  const list = wanted ? Array.from(wanted.elements as ArrayLike<Size>) : use.node.ints('shape');
  if (!list) return invalid('its shape is missing');
  const zeroIsSize = use.node.int('allowzero', 0) !== 0;
  if (x.kind === 'constant') return reshapeConstant(x, list, zeroIsSize);
  if (list.length === 1 && list[0] === -1 && isPickedFrom(use)) return flatSamples(use, x);
  return reshapeValue(use.context, x, resolvedSizes(use.context, x, list, zeroIsSize), use.node.name);
}

/** Whether a Gather from axis 0 is all that takes the output. It can tell whether samples stay apart. */
function isPickedFrom({ context, node }: Use): boolean {
  const [output] = node.outputs;
  const isGather = (each: OnnxNode) =>
    each.op === 'Gather' && each.inputs[0] === output && each.int('axis', 0) === 0;
  return context.uses.get(output) === 1 && context.graph.nodes.some(isGather);
}

/** The elements of all samples, as [batch, elements]. */
function flatSamples({ context, node }: Use, x: Computed): Computed {
  const count = x.dims.slice(1).reduce((a, b) => computeSize('mul', a, b), 1);
  return context.unflattened(reshapeValue(context, x, [x.dims[0], count], node.name));
}

function reshapeConstant(x: Constant, wanted: readonly Size[], zeroIsSize: boolean): Constant {
  const sizes = wanted.map((size, axis) => (size === 0 && !zeroIsSize ? x.shape[axis] : size)) as number[];
  if (!sizes.every((size) => Number.isSafeInteger(size))) return cannot("its shape isn't known");
  const known = sizeOf(sizes.filter((size) => size !== -1));
  const shape = sizes.map((size) => (size === -1 ? sizeOf(x.shape) / known : size));
  if (sizeOf(shape) !== sizeOf(x.shape))
    invalid(`it reshapes a constant of [${x.shape.join(', ')}] to [${sizes.join(', ')}]`);
  return reshaped(x, shape);
}

export function squeeze(use: Use): Value {
  const x = flatless(use, use.value(0));
  const dims: readonly Size[] = x.kind === 'constant' ? x.shape : x.dims;
  const given = use.numbers(1, 'axes')?.map((axis) => readAxis(axis, dims.length));
  const axes = given ?? identityOrder(dims.length).filter((axis) => dims[axis] === 1);
  const rest = dims.filter((_, axis) => !axes.includes(axis));
  if (x.kind === 'constant') return reshaped(x, rest as number[]);
  if (axes.includes(0)) return cannot('it removes axis 0, the batch');
  if (axes.some((axis) => dims[axis] !== 1)) return invalid('it removes an axis of more than one element');
  return withDims(use.context, x, rest, use.node.name);
}

export function unsqueeze(use: Use): Value {
  const x = flatless(use, use.value(0));
  const axes = use.numbers(1, 'axes') ?? invalid('its axes are missing');
  const dims: readonly Size[] = x.kind === 'constant' ? x.shape : x.dims;
  const rank = dims.length + axes.length;
  const added = axes.map((axis) => readAxis(axis, rank));
  const rest = dims.values();
  const wide = identityOrder(rank).map((axis) => (added.includes(axis) ? 1 : (rest.next().value as Size)));
  if (x.kind === 'constant') return reshaped(x, wide as number[]);
  if (added.includes(0)) return cannot('it puts an axis before axis 0, the batch');
  return withDims(use.context, x, wide, use.node.name);
}

export function concat(use: Use): Value {
  const { context, node } = use;
  const given = node.inputs.map((_, i) => flatless(use, use.value(i)));
  const filled = given.filter((each) => each.kind !== 'constant' || sizeOf(each.shape) > 0);
  const values = filled.length > 0 ? filled : given;
  const [first] = values;
  const constants = values.filter((each) => each.kind === 'constant');
  const rank = first.kind === 'constant' ? first.shape.length : first.dims.length;
  const axis = readAxis(node.int('axis', 1), rank);
  if (constants.length === values.length) return joinedConstants(constants, axis);
  const all = values.filter((each) => each.kind === 'computed');
  if (constants.length > 0) return cannot('it joins constants with values of the model');
  if (axis === 0) return cannot('it joins along axis 0, the batch');
  const { order } = all.find((each) => each.order[rank - 1] !== rank - 1) ?? all[0];
  const total = all.map(({ dims }) => dims[axis]).reduce((a, b) => computeSize('add', a, b));
  if (all.length === 1) return all[0];
  const tensors = all.map((each) => context.ordered(each, order, `${node.name}/transpose`));
  const p = order.indexOf(axis);
  const joined = context.apply((name) => new Concatenate({ name, axis: p }), node.name, tensors);
  const sizes = typeof total === 'number' ? all[0].dims.with(axis, total) : undefined;
  return computed(joined, order, sizes);
}

/** Blocks of channels become blocks of pixels. */
export function depthToSpace(use: Use): Computed {
  const { context, node } = use;
  const x = use.computed(0);
  if (x.dims.length !== 4) return invalid(`its input has ${x.dims.length} axes; it must have 4`);
  const blockSize = node.int('blocksize') ?? invalid('its blocksize is missing');
  const order = channelsLast(4);
  const isDcr = node.string('mode', 'DCR') === 'DCR';
  const [, channels] = x.dims;
  if (isDcr || typeof channels !== 'number') {
    if (!isDcr) return cannot('its mode is CRD, which needs a known number of channels');
    const tensor = context.ordered(x, order);
    return computed(
      context.apply((name) => new DepthToSpace({ name, blockSize }), node.name, tensor),
      order,
    );
  }
  // CRD: channel c of block cell b is c * cells + b instead of b * channels + c.
  const cells = blockSize * blockSize;
  const joined = swapChannels(use, x, channels / cells, cells);
  const tensor = context.ordered(joined, order);
  return computed(
    context.apply((name) => new DepthToSpace({ name, blockSize }), node.name, tensor),
    order,
  );
}

export function spaceToDepth(use: Use): Computed {
  const { context, node } = use;
  const x = use.computed(0);
  if (x.dims.length !== 4) return invalid(`its input has ${x.dims.length} axes; it must have 4`);
  const blockSize = node.int('blocksize') ?? invalid('its blocksize is missing');
  const order = channelsLast(4);
  const tensor = context.ordered(x, order);
  const made = context.apply((name) => new SpaceToDepth({ name, blockSize }), node.name, tensor);
  const blocks = computed(made, order);
  const [, channels] = x.dims;
  if (node.string('mode', 'DCR') === 'DCR') return blocks;
  if (typeof channels !== 'number') return cannot('its mode is CRD, which needs a known number of channels');
  return swapChannels(use, blocks, blockSize * blockSize, channels);
}

/** Channel a * second + b becomes b * first + a. */
function swapChannels({ context, node }: Use, x: Computed, first: number, second: number): Computed {
  const [batch, , height, width] = x.dims;
  const split = reshapeValue(context, x, [batch, first, second, height, width], `${node.name}/split`);
  const { tensor, order } = context.unflattened(split);
  const swapped = computed(
    tensor,
    order.map((axis) => [0, 2, 1, 3, 4][axis]),
    [batch, second, first, height, width],
  );
  return context.unflattened(reshapeValue(context, swapped, x.dims, `${node.name}/join`));
}
