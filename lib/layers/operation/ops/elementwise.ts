import { broadcastShapes, sameShape } from '../../../tensor/shapes.js';
import type { AttributesOf } from '../../../program/description.js';
import type { Argument, Call, OpDefinition } from '../call.js';
import type { Value } from '../plan.js';

/*
 * Elementwise functions. Shapes are broadcast as NumPy does, the batch included.
 */

type Unary = AttributesOf<'unary'>['kind'];
type Binary = AttributesOf<'binary'>['kind'];

/** Functions of two values that ops for any number of values of one shape compute. */
const MERGING: Partial<Readonly<Record<Binary, AttributesOf<'merge'>['kind']>>> = {
  subtract: 'subtract',
  multiply: 'multiply',
  maximum: 'maximum',
  minimum: 'minimum',
};

/** Functions of a value and a number that rescale the value. `isFirst`: the number is the first argument. */
const LINEAR: Partial<
  Readonly<Record<Binary, (number: number, isFirst: boolean) => AttributesOf<'rescaling'>>>
> = {
  add: (number) => ({ scale: 1, offset: number }),
  subtract: (number, isFirst) => (isFirst ? { scale: -1, offset: number } : { scale: 1, offset: -number }),
  multiply: (number) => ({ scale: number, offset: 0 }),
};

function unary(kind: Unary): OpDefinition {
  return {
    arguments: 1,
    attributes: [],
    build: (call) => call.add('unary', [call.value()], { kind }),
  };
}

function binary(kind: Binary): OpDefinition {
  return {
    arguments: 2,
    attributes: [],
    build: (call) => combined(call, kind, call.arguments[0], call.arguments[1]),
  };
}

/** A function of two arguments, one of which at least is a value. */
function combined(call: Call, kind: Binary, a: Argument, b: Argument): Value {
  if (isValue(a)) return isValue(b) ? ofValues(call, kind, a, b) : withConstant(call, a, b, { kind });
  return isValue(b) ? withConstant(call, b, a, { kind, reversed: true }) : call.value();
}

function withConstant(
  call: Call,
  value: Value,
  constant: Exclude<Argument, Value>,
  attributes: { kind: Binary; reversed?: boolean },
): Value {
  if (typeof constant === 'number') {
    const linear = LINEAR[attributes.kind]?.(constant, attributes.reversed === true);
    if (linear) return call.add('rescaling', [value], linear);
    return call.add('operand', [value], { ...attributes, value: constant });
  }
  const shape = call.operandShape(constant, value);
  return call.add('operand', [value], attributes, { operand: { constant, shape } });
}

function ofValues(call: Call, kind: Binary, a: Value, b: Value): Value {
  call.checkRanks([a, b]);
  const merge = MERGING[kind];
  if (!sameShape(a.shape, b.shape) || (kind !== 'add' && !merge)) {
    call.errorsNaming(() => broadcastShapes(a.shape, b.shape, 'its arguments'));
    return call.add('binary', [a, b], { kind });
  }
  return merge ? call.add('merge', [a, b], { kind: merge }) : call.add('add', [a, b], {});
}

function isValue(argument: Argument): argument is Value {
  return typeof argument === 'object' && argument.kind === 'value';
}

export const abs = unary('abs');
export const neg = unary('negative');
export const sign = unary('sign');
export const floor = unary('floor');
export const ceil = unary('ceil');
export const round = unary('round');
export const log = unary('log');
export const log1p = unary('log1p');
export const expm1 = unary('expm1');
export const sqrt = unary('sqrt');
export const rsqrt = unary('rsqrt');
export const square = unary('square');
export const reciprocal = unary('reciprocal');
export const erf = unary('erf');
export const sin = unary('sin');
export const cos = unary('cos');
export const logicalNot = unary('logicalNot');
const notANumber = unary('isNaN');
export { notANumber as isNaN };

export const add = binary('add');
export const sub = binary('subtract');
export const mul = binary('multiply');
export const div = binary('divide');
export const pow = binary('power');
export const maximum = binary('maximum');
export const minimum = binary('minimum');
export const squaredDifference = binary('squaredDifference');
export const mod = binary('modulo');
export const floorDiv = binary('floorDivide');
export const less = binary('less');
export const lessEqual = binary('lessEqual');
export const greater = binary('greater');
export const greaterEqual = binary('greaterEqual');
export const equal = binary('equal');
export const notEqual = binary('notEqual');
export const logicalAnd = binary('logicalAnd');
export const logicalOr = binary('logicalOr');
export const logicalXor = binary('logicalXor');

/** A limit that isn't given doesn't count. */
export const clipByValue: OpDefinition = {
  arguments: 1,
  attributes: ['clipValueMin', 'clipValueMax'],
  build(call) {
    const limit = (name: string) => (call.given(name) === undefined ? undefined : call.number(name));
    const [min, max] = [limit('clipValueMin'), limit('clipValueMax')];
    const given = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
    return Object.keys(given).length > 0 ? call.add('clip', [call.value()], given) : call.value();
  },
};

/** The second argument where the first isn't 0, elsewhere the third. */
export const where: OpDefinition = {
  arguments: 3,
  attributes: [],
  build(call) {
    const [condition, a, b] = call.asValues([0, 1, 2]);
    return call.add('select', [condition, a, b], {});
  },
};

/** The value as it is. */
export const identity: OpDefinition = {
  arguments: 1,
  attributes: [],
  build: (call) => call.value(),
};
