import { Activation } from '../../layers/activation/activation.js';
import { ELU } from '../../layers/activation/elu.js';
import { LeakyReLU } from '../../layers/activation/leaky-relu.js';
import { PReLU } from '../../layers/activation/prelu.js';
import { ReLU } from '../../layers/activation/relu.js';
import { Softmax } from '../../layers/activation/softmax.js';
import { ThresholdedReLU } from '../../layers/activation/thresholded-relu.js';
import type { Layer } from '../../layers/base-layer.js';
import { Dropout } from '../../layers/regularization/dropout.js';
import { Reshape } from '../../layers/reshaping/reshape.js';
import type { ActivationIdentifier } from '../../layers/activation/applied.js';
import { sizeOf } from '../../tensor/shapes.js';
import { cannot, invalid, readAxis, type Use } from '../context.js';
import { numberOf } from '../fold.js';
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
