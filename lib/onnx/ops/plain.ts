import { sizeOf } from '../../tensor/shapes.js';
import { constant, scalar, uniform, vector, numberOf } from '../constants.js';
import type { ElementType } from '../constants.js';
import { cannot, invalid, type Use } from '../context.js';
import { checkFolded, mapped } from '../fold.js';
import type { OnnxNode } from '../graph.js';
import { computeSize, isExpression, SAMPLE, type Size } from '../sizes.js';
import { elementType, rangeOf, textOf } from '../tensors.js';
import type { Value } from '../values.js';

/** Most integers that are computed one by one. */
const MAX_RANGE = 2 ** 20;

export function identity(use: Use): Value {
  return use.value(0);
}

export function constantNode({ context, node }: Use): Value {
  const tensor = node.tensor('value');
  if (tensor) return context.constantOf(tensor, 'its value');
  if (node.has('value_float')) return scalar(node.float('value_float', 0), 'float');
  if (node.has('value_int')) return scalar(node.int('value_int', 0));
  const floats = node.floats('value_floats');
  if (floats) return vector(floats, 'float');
  const ints = node.ints('value_ints');
  if (ints) return vector(ints);
  return cannot(
    `its value is of a kind that can't be read (${textOf(undefined) || 'strings or sparse numbers'})`,
  );
}

export function constantOfShape(use: Use): Value {
  const shape = Array.from(use.constant(0, 'shape').elements as ArrayLike<number>, numberOf);
  checkFolded(shape, Number.POSITIVE_INFINITY);
  const tensor = use.node.tensor('value');
  const value = tensor ? use.context.constantOf(tensor, 'its value') : constant('float', [1], [0]);
  if (sizeOf(value.shape) !== 1) invalid('its value has more than one element');
  return uniform(value.type, shape, numberOf(value.elements[0]));
}

/** Sizes that aren't known stay expressions. */
export function shapeOf(use: Use): Value {
  const { node } = use;
  const x = use.value(0);
  const dims: readonly Size[] = x.kind === 'constant' ? x.shape : x.dims;
  const clamp = (axis: number) => Math.min(Math.max(axis < 0 ? axis + dims.length : axis, 0), dims.length);
  return vector(dims.slice(clamp(node.int('start', 0)), clamp(node.int('end', dims.length))));
}

export function sizeNode(use: Use): Value {
  const x = use.value(0);
  const dims: readonly Size[] = x.kind === 'constant' ? x.shape : x.dims;
  return scalar(dims.reduce((product, size) => computeSize('mul', product, size), 1));
}

export function range(use: Use): Value {
  const [start, limit, delta] = ['start', 'limit', 'delta'].map((name, i) => use.constant(i, name));
  const [first, end, by] = [start, limit, delta].map(({ elements }) => elements[0]);
  if (first === 0 && by === 1 && isExpression(end) && end.kind === 'batch') return vector([SAMPLE]);
  const [from, to, step] = [start, limit, delta].map(({ elements }) => numberOf(elements[0]));
  const count = Math.max(Math.ceil((to - from) / step), 0);
  if (!(count <= MAX_RANGE)) return cannot(`its range has ${count} numbers`);
  return constant(
    start.type,
    [count],
    Array.from({ length: count }, (_, i) => from + i * step),
  );
}

/** All computation is in float32: casts of computed values change nothing but towards integers. */
export function cast(use: Use): Value {
  const { node } = use;
  const to = node.op === 'CastLike' ? undefined : (node.int('to') ?? invalid('its type is missing'));
  const type = to === undefined ? typeOf(use) : elementType(to)?.type;
  if (!type) return cannot(`it casts to a type that can't be computed (${to})`);
  const value = use.value(0);
  if (value.kind !== 'constant') {
    const isKept = type === 'float' || (type !== 'bool' && isIndex(use, node.outputs[0]));
    return isKept ? value : cannot(`it casts a computed value to ${type} numbers`);
  }
  const range = to === undefined ? undefined : rangeOf(to);
  const made = mapped(type, [value], (each) => castSize(each, type));
  return { ...made, ...(value.isWeight && { isWeight: true }), ...(range && { range }) };
}

/** Whether a value is nothing but indices of rows, which are whole. */
function isIndex({ context }: Use, name: string): boolean {
  const consumers = context.graph.nodes.filter(({ inputs }) => inputs.includes(name));
  const isUse = ({ op, inputs }: OnnxNode) => op === 'Gather' && inputs[0] !== name;
  return consumers.length === context.uses.get(name) && consumers.every(isUse);
}

function typeOf(use: Use): ElementType {
  const like = use.value(1);
  return like.kind === 'constant' ? like.type : 'float';
}

function castSize(value: Size, type: ElementType): Size {
  if (isExpression(value) || type === 'float') return value;
  return type === 'bool' ? Number(value !== 0) : Math.trunc(value);
}
