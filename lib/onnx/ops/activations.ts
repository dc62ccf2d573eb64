import { Activation } from '../../layers/activation/activation.js';
import { ELU } from '../../layers/activation/elu.js';
import { LeakyReLU } from '../../layers/activation/leaky-relu.js';
import { PReLU } from '../../layers/activation/prelu.js';
import { ReLU } from '../../layers/activation/relu.js';
import { Softmax } from '../../layers/activation/softmax.js';
import { ThresholdedReLU } from '../../layers/activation/thresholded-relu.js';
import type { Layer } from '../../layers/base-layer.js';
import { Rescaling } from '../../layers/preprocessing/rescaling.js';
import { Dropout } from '../../layers/regularization/dropout.js';
import { Reshape } from '../../layers/reshaping/reshape.js';
import type { ActivationIdentifier } from '../../layers/activation/applied.js';
import { sizeOf } from '../../tensor/shapes.js';
import { type Constant, numberOf } from '../constants.js';
import { cannot, invalid, readAxis, type Use } from '../context.js';
import { mapped } from '../fold.js';
import { type Computed, computed, type Value } from '../values.js';
import { weightOf } from '../weights.js';

/** Applies a layer to each element, wherever it lies. */
export function elementwise(use: Use, make: (name: string) => Layer, input = 0): Value {
  const value = use.value(input);
  if (value.kind === 'constant') return cannot("it takes a constant, which isn't computed here");
  const { context, node } = use;
  const from = value.kind === 'flattened' ? value.from : value;
  const made = computed(context.apply(make, node.name, from.tensor), from.order, from.dims);
  return value.kind === 'flattened' ? { ...value, from: made } : made;
}

/** Activations by ONNX's names that have a name here too. */
const NAMED: Readonly<Record<string, ActivationIdentifier>> = {
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Softplus: 'softplus',
  Softsign: 'softsign',
  Exp: 'exponential',
  Mish: 'mish',
  HardSwish: 'hardSwish',
};

export function named(use: Use): Value {
  const activation = NAMED[use.node.op];
  return elementwise(use, (name) => new Activation({ name, activation }));
}

export function relu(use: Use): Value {
  return elementwise(use, (name) => new ReLU({ name }));
}

export function leakyRelu(use: Use): Value {
  const alpha = use.node.float('alpha', 0.01);
  return elementwise(use, (name) => new LeakyReLU({ name, alpha }));
}

export function elu(use: Use): Value {
  const alpha = use.node.float('alpha', 1);
  return elementwise(use, (name) => new ELU({ name, alpha }));
}

export function thresholdedRelu(use: Use): Value {
  const theta = use.node.float('alpha', 1);
  return elementwise(use, (name) => new ThresholdedReLU({ name, theta }));
}

export function gelu(use: Use): Value {
  const activation = use.node.string('approximate', 'none') === 'tanh' ? 'geluNew' : 'gelu';
  return elementwise(use, (name) => new Activation({ name, activation }));
}

/** PRelu: slopes that broadcast to a sample. */
export function prelu(use: Use): Computed {
  const { context, node } = use;
  const x = use.computed(0);
  const slope = use.constant(1, 'slope');
  const rank = x.dims.length;
  // Before opset 7, a vector had a slope for each channel.
  const isOld = context.opset < 7 && slope.shape.length === 1 && rank > 2;
  const own = isOld ? [...slope.shape, ...new Array<number>(rank - 2).fill(1)] : slope.shape;
  const shape = [...new Array<number>(Math.max(0, rank - own.length)).fill(1), ...own];
  if (shape.length > rank || shape[0] !== 1)
    return cannot(`its slope has the shape [${slope.shape.join(', ')}]`);
  const { order } = x;
  const physical = order.map((axis) => shape[axis]);
  const sharedAxes = physical.map((size, p) => (size === 1 ? p : 0)).filter((p) => p > 0);
  const make = (name: string) => new PReLU({ name, ...(sharedAxes.length > 0 && { sharedAxes }) });
  const maker = weightOf(slope, { shape, axes: order });
  return computed(context.apply(make, node.name, x.tensor, [maker]), order, x.dims);
}

/** Softmax and LogSoftmax. Before opset 13, all axes from `axis` on count as one. */
export function softmax(use: Use): Computed {
  const { context, node } = use;
  const x = use.computed(0);
  const rank = x.dims.length;
  const isOld = context.opset < 13;
  const axis = readAxis(node.int('axis', isOld ? 1 : -1), rank);
  const isLog = node.op === 'LogSoftmax';
  const rest = x.dims.slice(axis + 1);
  if (isOld && rest.some((size) => size !== 1)) return flattenedSoftmax(use, x, axis);
  if (axis === 0) return cannot('it works along the batch, axis 0');
  const p = x.order.indexOf(axis);
  if (!isLog)
    return computed(
      context.apply((name) => new Softmax({ name, axis: p }), node.name, x.tensor),
      x.order,
      x.dims,
    );
  const isLast = p === rank - 1;
  const order = isLast ? x.order : [...x.order.filter((each) => each !== axis), axis];
  const make = (name: string) => new Activation({ name, activation: 'logSoftmax' });
  return computed(context.apply(make, node.name, context.ordered(x, order)), order, x.dims);
}

function flattenedSoftmax(use: Use, x: Computed, axis: number): Computed {
  const { context, node } = use;
  const known = x.dims
    .slice(1)
    .map((size) => (typeof size === 'number' ? size : cannot('it needs known sizes')));
  if (axis === 0) return cannot('it works along the batch, axis 0');
  const before = known.slice(0, axis - 1);
  const targetShape = [...before, sizeOf(known.slice(axis - 1))];
  const flat = context.apply(
    (name) => new Reshape({ name, targetShape }),
    `${node.name}/flatten`,
    context.plain(x),
  );
  const activation = node.op === 'LogSoftmax' ? 'logSoftmax' : 'softmax';
  const soft = context.apply((name) => new Activation({ name, activation }), node.name, flat);
  const back = context.apply(
    (name) => new Reshape({ name, targetShape: known }),
    `${node.name}/reshape`,
    soft,
  );
  return computed(back, undefined, x.dims);
}

/** Dropout is active only while the model trains. */
export function dropout(use: Use): Value {
  const { node, context } = use;
  const ratio = use.optionalConstant(1, 'ratio');
  const rate = ratio ? numberOf(ratio.elements[0]) : node.float('ratio', 0.5);
  const value = use.value(0);
  if (value.kind === 'constant' || rate === 0) return value;
  if (!(rate > 0 && rate < 1)) return invalid(`its ratio is ${rate}`);
  if (node.outputs.length > 1 && context.uses.has(node.outputs[1])) return cannot('its mask is used');
  return elementwise(use, (name) => new Dropout({ name, rate }));
}

/** HardSigmoid: alpha x + beta, from 0 to 1. */
export function hardSigmoid(use: Use): Value {
  const alpha = use.node.float('alpha', 0.2);
  const beta = use.node.float('beta', 0.5);
  if (Math.abs(alpha - 1 / 6) < 1e-7 && beta === 0.5)
    return elementwise(use, (name) => new Activation({ name, activation: 'hardSigmoid' }));
  return inTurn(use, [
    (name) => new Rescaling({ name, scale: alpha, offset: beta }),
    (name) => new ReLU({ name, maxValue: 1 }),
  ]);
}

/** Selu, whose two numbers may be others than usual. */
export function selu(use: Use): Value {
  const alpha = use.node.float('alpha', 1.67326319);
  const gamma = use.node.float('gamma', 1.05070102);
  if (Math.abs(alpha - 1.67326319) < 1e-6 && Math.abs(gamma - 1.05070102) < 1e-6)
    return elementwise(use, (name) => new Activation({ name, activation: 'selu' }));
  return inTurn(use, [(name) => new ELU({ name, alpha }), (name) => new Rescaling({ name, scale: gamma })]);
}

/** Celu: alpha times the elu of x / alpha. */
export function celu(use: Use): Value {
  const alpha = use.node.float('alpha', 1);
  return inTurn(use, [
    (name) => new Rescaling({ name, scale: 1 / alpha }),
    (name) => new ELU({ name }),
    (name) => new Rescaling({ name, scale: alpha }),
  ]);
}

/** Clip: bounds are attributes before opset 11, then inputs. */
export function clip(use: Use): Value {
  const { node } = use;
  const bound = (index: number, name: 'min' | 'max') => {
    const value = use.optionalConstant(index, name);
    return value ? numberOf(value.elements[0]) : node.float(name);
  };
  const [min, max] = [finite(bound(1, 'min')), finite(bound(2, 'max'))];
  const value = use.value(0);
  if (value.kind === 'constant') {
    const limits = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY];
    return mapped(value.type, [value], (x) => Math.min(Math.max(numberOf(x), limits[0]), limits[1]));
  }
  if (min === undefined && max === undefined) return value;
  if (min === 0 && (max === undefined || max > 0))
    return elementwise(use, (name) => new ReLU({ name, ...(max !== undefined && { maxValue: max }) }));
  return clipped(use, value, min, max);
}

/** A bound that limits float32 numbers. */
function finite(bound: number | undefined): number | undefined {
  return bound !== undefined && Math.abs(bound) < 3.4e38 ? bound : undefined;
}

export function clipped(use: Use, value: Exclude<Value, Constant>, min?: number, max?: number): Value {
  const { context, node } = use;
  const from = value.kind === 'flattened' ? value.from : value;
  const bounds = {
    ...(min !== undefined && { clipValueMin: min }),
    ...(max !== undefined && { clipValueMax: max }),
  };
  const made = computed(
    context.operation('clipByValue', [from.tensor], bounds, node.name)[0],
    from.order,
    from.dims,
  );
  return value.kind === 'flattened' ? { ...value, from: made } : made;
}

/** Applies layers one after the other to each element. */
function inTurn(use: Use, makers: readonly ((name: string) => Layer)[]): Value {
  const { context, node } = use;
  const value = use.value(0);
  if (value.kind === 'constant') return cannot("it takes a constant, which isn't computed here");
  const from = value.kind === 'flattened' ? value.from : value;
  const tensor = makers.reduce((x, make) => context.apply(make, node.name, x), from.tensor);
  const made = computed(tensor, from.order, from.dims);
  return value.kind === 'flattened' ? { ...value, from: made } : made;
}
