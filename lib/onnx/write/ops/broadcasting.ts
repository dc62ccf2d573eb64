import type { AttributesOf, Shape } from '../../../program/description.js';
import type { BinaryKind } from '../../../program/contracts/binary.js';
import { lastAxes } from '../graph.js';
import type { NodeWriter } from '../node.js';

/** Writes a function of two tensors. */
type WriteBinary = (writer: NodeWriter, a: string, b: string) => string;

/** TensorProto.DataType. */
const [FLOAT, BOOL] = [1, 9];

const plain =
  (opType: string): WriteBinary =>
  (writer, a, b) =>
    writer.add(opType, [a, b]);

/** A comparison, as 1 or 0. */
const compared =
  (opType: string): WriteBinary =>
  (writer, a, b) =>
    asFloat(writer, writer.add(opType, [a, b]));

/** A function of truth values, as 1 or 0. */
const logical =
  (opType: string): WriteBinary =>
  (writer, a, b) =>
    asFloat(writer, writer.add(opType, [asBoolean(writer, a), asBoolean(writer, b)]));

export function asFloat(writer: NodeWriter, value: string): string {
  return writer.add('Cast', [value], { to: FLOAT });
}

function asBoolean(writer: NodeWriter, value: string): string {
  return writer.add('Cast', [value], { to: BOOL });
}

const BINARIES: Readonly<Record<BinaryKind, WriteBinary>> = {
  add: plain('Add'),
  subtract: plain('Sub'),
  multiply: plain('Mul'),
  divide: plain('Div'),
  power: plain('Pow'),
  maximum: plain('Max'),
  minimum: plain('Min'),
  squaredDifference(writer, a, b) {
    const difference = writer.add('Sub', [a, b]);
    return writer.add('Mul', [difference, difference]);
  },
  modulo,
  floorDivide: (writer, a, b) => writer.add('Floor', [writer.add('Div', [a, b])]),
  less: compared('Less'),
  lessEqual: compared('LessOrEqual'),
  greater: compared('Greater'),
  greaterEqual: compared('GreaterOrEqual'),
  equal: compared('Equal'),
  notEqual: (writer, a, b) => asFloat(writer, writer.add('Not', [writer.add('Equal', [a, b])])),
  logicalAnd: logical('And'),
  logicalOr: logical('Or'),
  logicalXor: logical('Xor'),
};

/** The remainder with the sign of the divisor: ONNX's of floats has that of the dividend. */
function modulo(writer: NodeWriter, a: string, b: string): string {
  const zero = writer.number(0);
  const remainder = writer.add('Mod', [a, b], { fmod: 1 });
  const isOther = writer.add('Xor', [writer.add('Less', [remainder, zero]), writer.add('Less', [b, zero])]);
  const isRest = writer.add('Not', [writer.add('Equal', [remainder, zero])]);
  const moved = writer.add('Add', [remainder, b]);
  return writer.add('Where', [writer.add('And', [isOther, isRest]), moved, remainder]);
}

export function binary(writer: NodeWriter<'binary'>): void {
  const { names, axes } = writer.aligned();
  writer.give(BINARIES[writer.attributes.kind](writer as NodeWriter, names[0], names[1]), axes);
}

export function select(writer: NodeWriter<'select'>): void {
  const { names, axes } = writer.aligned();
  const [condition, ...values] = names;
  writer.give(writer.add('Where', [asBoolean(writer as NodeWriter, condition), ...values]), axes);
}

export function operand(writer: NodeWriter<'operand'>): void {
  const { kind, reversed = false, value } = writer.attributes;
  const { names, axes } = writer.aligned();
  const [input] = names;
  const constant = value === undefined ? operandTensor(writer, axes) : writer.number(value);
  const [a, b] = reversed ? [constant, input] : [input, constant];
  writer.give(BINARIES[kind](writer as NodeWriter, a, b), axes);
}

function operandTensor(writer: NodeWriter<'operand'>, axes: readonly number[]): string {
  const shape = writer.node.parameters.find(({ name }) => name === 'operand')?.shape ?? [];
  const full: Shape = [...new Array<number>(axes.length - shape.length).fill(1), ...shape];
  return writer.parameter('operand', full, axes) as string;
}

export function matMul(writer: NodeWriter<'matMul'>): void {
  const { transposeA = false, transposeB = false } = writer.attributes;
  const rank = writer.variants[0].output.length;
  const matrices = [transposeA, transposeB].map((isTransposed, input) => {
    const axes = lastAxes(writer.shape(input).length);
    const order = isTransposed ? [...axes.slice(0, -2), ...axes.slice(-2).reverse()] : axes;
    return writer.extended(input, order, rank);
  });
  writer.give(writer.add('MatMul', matrices));
}

const REDUCTIONS: Readonly<Record<AttributesOf<'reduce'>['kind'], string>> = {
  sum: 'ReduceSum',
  mean: 'ReduceMean',
  max: 'ReduceMax',
  min: 'ReduceMin',
  product: 'ReduceProd',
};

export function reduce(writer: NodeWriter<'reduce'>): void {
  const { kind, axes: reduced, keepDims = false } = writer.attributes;
  if (reduced.length === 0) writer.pass();
  else {
    const { names, axes } = writer.alike();
    const places = reduced.map((axis) => axes.indexOf(axis) + 1);
    const keepdims = keepDims ? 1 : 0;
    const result =
      kind === 'sum'
        ? writer.add('ReduceSum', [names[0], writer.ints(places)], { keepdims })
        : writer.add(REDUCTIONS[kind], names, { axes: places, keepdims });
    const kept = axes.filter((axis) => keepDims || !reduced.includes(axis));
    const order = [...kept].sort((a, b) => a - b);
    writer.give(
      result,
      kept.map((axis) => order.indexOf(axis)),
    );
  }
}
