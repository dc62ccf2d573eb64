import type { AttributesOf } from '../../../program/description.js';
import type { NodeWriter } from '../node.js';
import { asFloat } from './broadcasting.js';

type WriteUnary = (writer: NodeWriter, x: string) => string;

const plain =
  (opType: string): WriteUnary =>
  (writer, x) =>
    writer.add(opType, [x]);

const UNARIES: Readonly<Record<AttributesOf<'unary'>['kind'], WriteUnary>> = {
  abs: plain('Abs'),
  negative: plain('Neg'),
  sign: plain('Sign'),
  floor: plain('Floor'),
  ceil: plain('Ceil'),
  round: plain('Round'),
  log: plain('Log'),
  log1p: (writer, x) => writer.add('Log', [writer.add('Add', [x, writer.number(1)])]),
  expm1: (writer, x) => writer.add('Sub', [writer.add('Exp', [x]), writer.number(1)]),
  sqrt: plain('Sqrt'),
  rsqrt: (writer, x) => writer.add('Reciprocal', [writer.add('Sqrt', [x])]),
  square: (writer, x) => writer.add('Mul', [x, x]),
  reciprocal: plain('Reciprocal'),
  erf: plain('Erf'),
  sin: plain('Sin'),
  cos: plain('Cos'),
  logicalNot: (writer, x) => asFloat(writer, writer.add('Equal', [x, writer.number(0)])),
  isNaN: (writer, x) => asFloat(writer, writer.add('IsNaN', [x])),
};

export function unary(writer: NodeWriter<'unary'>): void {
  const { names, axes } = writer.alike();
  writer.give(UNARIES[writer.attributes.kind](writer as NodeWriter, names[0]), axes);
}

export function clip(writer: NodeWriter<'clip'>): void {
  const { min, max } = writer.attributes;
  const { names, axes } = writer.alike();
  const limits = [min, max].map((limit) => (limit === undefined ? undefined : writer.number(limit)));
  writer.give(writer.add('Clip', [names[0], ...limits]), axes);
}

export function cumsum(writer: NodeWriter<'cumsum'>): void {
  const { axis, exclusive = false, reverse = false } = writer.attributes;
  const { names, axes } = writer.alike();
  const place = writer.ints([axes.indexOf(axis) + 1]);
  const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
  writer.give(writer.add('CumSum', [names[0], place], attributes), axes);
}

export function lrn(writer: NodeWriter<'lrn'>): void {
  const { size, alpha, beta, bias } = writer.attributes;
  const x = writer.first();
  const [channels] = writer.known(-1);
  const isImage = writer.shape().length === 3;
  const image = isImage ? x : writer.add('Reshape', [x, writer.ints([0, channels, -1, 1])]);
  const normalized = writer.add('LRN', [image], { size, alpha, beta, bias });
  writer.giveFirst(isImage ? normalized : writer.add('Reshape', [normalized, writer.add('Shape', [x])]));
}
