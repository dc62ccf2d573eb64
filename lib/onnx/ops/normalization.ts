import { BatchNormalization } from '../../layers/normalization/batch-normalization.js';
import { GroupNormalization } from '../../layers/normalization/group-normalization.js';
import { LayerNormalization } from '../../layers/normalization/layer-normalization.js';
import { sizeOf } from '../../tensor/shapes.js';
import type { Constant } from '../constants.js';
import { cannot, invalid, type MakeWeight, readAxis, type Use } from '../context.js';
import type { OperationArgument } from '../size-attributes.js';
import { channelsLast, type Computed, computed, identityOrder, type Value } from '../values.js';
import { repeated, weightOf } from '../weights.js';

const keyOf = ({ node }: Use, config: object) => JSON.stringify([node.op, node.inputs.slice(1), config]);

/** A constant of as many numbers as channels. */
function perChannel(use: Use, index: number, what: string, { dims }: Computed): Constant {
  const constant = use.constant(index, what);
  if (dims.length < 2 || sizeOf(constant.shape) !== dims[1])
    invalid(
      `its ${what} has ${sizeOf(constant.shape)} numbers, its input ${String(dims[1] ?? 'no')} channels`,
    );
  return constant;
}

export function batchNormalization(use: Use): Computed {
  const { context, node } = use;
  const x = use.computed(0);
  if (node.int('spatial', 1) === 0 && x.dims.length > 2)
    cannot('it has statistics for each position (spatial 0)');
  const names = ['scale', 'bias', 'mean', 'variance'];
  const constants = names.map((name, i) => perChannel(use, i + 1, name, x));
  const epsilon = node.float('epsilon', 1e-5);
  const momentum = node.float('momentum', 0.9);
  const always = node.int('training_mode', 0) !== 0;
  const order = channelsLast(x.dims.length);
  const make = (name: string) => new BatchNormalization({ name, epsilon, momentum });
  const makers = constants.map((each) => weightOf(each));
  const key = keyOf(use, { epsilon, momentum });
  const call = always ? { training: true } : undefined;
  return computed(
    context.apply(make, node.name, context.ordered(x, order), makers, key, call),
    order,
    x.dims,
  );
}

/** A normalization of each channel of a sample. */
export function instanceNormalization(use: Use): Computed {
  const x = use.computed(0);
  const makers = ['scale', 'bias'].map((name, i) => weightOf(perChannel(use, i + 1, name, x)));
  return normalizedGroups(use, x, -1, makers);
}

/** Before opset 21, scale and bias have a number for each group. */
export function groupNormalization(use: Use): Computed {
  const x = use.computed(0);
  const groups = use.node.int('num_groups') ?? invalid('its num_groups is missing');
  const channels = x.dims[1];
  if (typeof channels !== 'number' || channels % groups !== 0)
    return invalid(`${groups} groups don't divide its channels`);
  const makers = ['scale', 'bias'].map((name, i): MakeWeight => {
    const constant = use.constant(i + 1, name);
    const count = sizeOf(constant.shape);
    if (count !== channels && count !== groups) invalid(`its ${name} has ${count} numbers`);
    return repeated(constant, channels / count);
  });
  return normalizedGroups(use, x, groups, makers);
}

function normalizedGroups(use: Use, x: Computed, groups: number, makers: readonly MakeWeight[]): Computed {
  const { context, node } = use;
  const epsilon = node.float('epsilon', 1e-5);
  const order = channelsLast(x.dims.length);
  const make = (name: string) => new GroupNormalization({ name, epsilon, groups });
  const key = keyOf(use, { epsilon, groups });
  return computed(context.apply(make, node.name, context.ordered(x, order), makers, key), order, x.dims);
}

/** A normalization over the last axes. */
export function layerNormalization(use: Use): Value | readonly Value[] {
  const { context, node } = use;
  const x = use.computed(0);
  const rank = x.dims.length;
  const first = readAxis(node.int('axis', -1), rank);
  if (first === 0) cannot('it normalizes over the batch');
  const axes = identityOrder(rank).slice(first);
  const isLast = axes.every((axis) => x.order[axis] === axis);
  const order = isLast ? x.order : identityOrder(rank);
  const epsilon = node.float('epsilon', 1e-5);
  const scale = normalized(use, 1, 'scale', x, first);
  const bias = use.optional(2) && normalized(use, 2, 'bias', x, first);
  const center = bias !== undefined;
  const make = (name: string) =>
    new LayerNormalization({ name, epsilon, center, axis: axes.map((axis) => axis - rank) });
  const makers = [weightOf(scale), ...(bias ? [weightOf(bias)] : [])];
  const key = keyOf(use, { epsilon, first });
  const y = computed(context.apply(make, node.name, context.ordered(x, order), makers, key), order, x.dims);
  if (!node.outputs.slice(1).some((name) => context.uses.has(name))) return y;
  return [y, ...moments(use, x, axes, epsilon)];
}

/** The mean and the reciprocal of the standard deviation. */
function moments({ context, node }: Use, x: Computed, axes: readonly number[], epsilon: number): Computed[] {
  const axis = axes.map((each) => x.order.indexOf(each)).sort((a, b) => a - b);
  const dims = x.dims.map((size, at) => (axes.includes(at) ? 1 : size));
  const run = (op: string, inputs: readonly OperationArgument[], attributes = {}) =>
    context.operation(op, inputs, attributes, `${node.name}/${op}`)[0];
  const mean = run('mean', [x.tensor], { axis, keepDims: true });
  const variance = run('mean', [run('square', [run('sub', [x.tensor, mean])])], { axis, keepDims: true });
  const scale = run('rsqrt', [run('add', [variance, epsilon])]);
  return [computed(mean, x.order, dims), computed(scale, x.order, dims)];
}

function normalized(use: Use, index: number, what: string, { dims }: Computed, first: number): Constant {
  const constant = use.constant(index, what);
  const sizes = dims.slice(first);
  const count = sizes.reduce<number>(
    (product, size) => product * (typeof size === 'number' ? size : Number.NaN),
    1,
  );
  if (Number.isNaN(count)) return cannot("it normalizes over sizes that the file's inputs leave open");
  if (sizeOf(constant.shape) === count) return constant;
  return cannot(`its ${what} isn't of the shape that it normalizes over`);
}
