import type { ActivationAttributes } from '../../../program/contracts/index.js';
import type { NodeWriter } from '../node.js';

/** The attributes of a kind of activation. */
type OfKind<Kind, Attributes = ActivationAttributes> = Attributes extends { kind: unknown }
  ? Kind extends Attributes['kind']
    ? Attributes
    : never
  : never;

/** Writes an activation of `x`; `axisOf` gives the axis in the file for one of the program. */
type WriteActivation<Attributes> = (
  writer: NodeWriter<'activation'>,
  x: string,
  attributes: Attributes,
  axisOf: (axis: number) => number,
) => string;

type Writers = { readonly [Kind in ActivationAttributes['kind']]: WriteActivation<OfKind<Kind>> };

const plain = (opType: string) => (writer: NodeWriter<'activation'>, x: string) => writer.add(opType, [x]);

const softmax =
  (opType: string): WriteActivation<OfKind<'softmax'>> =>
  (writer, x, { axis = writer.shape().length - 1 }, axisOf) =>
    writer.add(opType, [x], { axis: axisOf(axis) });

const WRITERS: Writers = {
  relu,
  elu: (writer, x, { alpha = 1 }) => writer.add('Elu', [x], { alpha }),
  celu: (writer, x, { alpha = 1 }) => writer.add('Celu', [x], { alpha }),
  selu: (writer, x) => writer.add('Selu', [x], { alpha: 1.6732632423543772, gamma: 1.0507009873554805 }),
  silu: (writer, x) => writer.add('Mul', [x, writer.add('Sigmoid', [x])]),
  mish: (writer, x) => writer.add('Mul', [x, writer.add('Tanh', [writer.add('Softplus', [x])])]),
  hardSwish: (writer, x) => writer.add('HardSwish', [x]),
  hardSigmoid: (writer, x, { slope = 1 / 6, offset = 0.5 }) =>
    writer.add('HardSigmoid', [x], { alpha: slope, beta: offset }),
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  exponential: plain('Exp'),
  softplus: plain('Softplus'),
  softsign: plain('Softsign'),
  gelu,
  softmax: softmax('Softmax'),
  logSoftmax: softmax('LogSoftmax'),
};

function relu(
  writer: NodeWriter<'activation'>,
  x: string,
  { negativeSlope = 0, threshold = 0, maxValue }: OfKind<'relu'>,
): string {
  const clipped = (value: string) =>
    maxValue === undefined ? value : writer.add('Min', [value, writer.number(maxValue)]);
  if (threshold === 0 && negativeSlope === 0)
    return maxValue === undefined
      ? writer.add('Relu', [x])
      : writer.add('Clip', [x, writer.number(0), writer.number(maxValue)]);
  if (threshold === 0) return clipped(writer.add('LeakyRelu', [x], { alpha: negativeSlope }));
  if (negativeSlope === 0) return clipped(writer.add('ThresholdedRelu', [x], { alpha: threshold }));
  const above = writer.add('Greater', [x, writer.number(threshold)]);
  const below = writer.add('Mul', [
    writer.add('Sub', [x, writer.number(threshold)]),
    writer.number(negativeSlope),
  ]);
  return writer.add('Where', [above, clipped(x), below]);
}

function gelu(writer: NodeWriter<'activation'>, x: string, { approximate = false }: OfKind<'gelu'>): string {
  const half = writer.add('Mul', [x, writer.number(0.5)]);
  const inner = approximate ? tanhOfCube(writer, x) : writer.add('Erf', [scaled(writer, x, Math.SQRT1_2)]);
  return writer.add('Mul', [half, writer.add('Add', [inner, writer.number(1)])]);
}

/** tanh(sqrt(2 / pi) * (x + 0.044715 x^3)) */
function tanhOfCube(writer: NodeWriter<'activation'>, x: string): string {
  const cube = writer.add('Mul', [x, writer.add('Mul', [x, x])]);
  const sum = writer.add('Add', [x, scaled(writer, cube, 0.044715)]);
  return writer.add('Tanh', [scaled(writer, sum, Math.sqrt(2 / Math.PI))]);
}

function scaled(writer: NodeWriter<'activation'>, x: string, factor: number): string {
  return writer.add('Mul', [x, writer.number(factor)]);
}

export function activation(writer: NodeWriter<'activation'>): void {
  const { attributes } = writer;
  const { names, axes } = writer.alike();
  const write = WRITERS[attributes.kind] as WriteActivation<ActivationAttributes>;
  writer.give(
    write(writer, names[0], attributes, (axis) => axes.indexOf(axis) + 1),
    axes,
  );
}
