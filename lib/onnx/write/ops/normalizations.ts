import type { NodeWriter } from '../node.js';

type Normalization = 'batchNormalization' | 'groupNormalization' | 'layerNormalization';

export function batchNormalization(writer: NodeWriter<'batchNormalization'>): void {
  const { epsilon, always = false, frozen = false } = writer.attributes;
  writer.giveFirst(always && !frozen ? byBatch(writer, writer.first()) : byMovingStatistics(writer, epsilon));
}

function byMovingStatistics(writer: NodeWriter<'batchNormalization'>, epsilon: number): string {
  const [channels] = writer.known(-1);
  const scale = vector(writer, 'gamma', channels, 1);
  const offset = vector(writer, 'beta', channels, 0);
  const statistics = [writer.parameter('moving_mean'), writer.parameter('moving_variance')];
  const inputs = [writer.first(), scale, offset, ...statistics];
  return writer.add('BatchNormalization', inputs, { epsilon });
}

function vector(
  writer: NodeWriter<Normalization>,
  name: string,
  length: number,
  value: number,
): string | undefined {
  return writer.parameter(name) ?? writer.floats([length], new Array<number>(length).fill(value));
}

/** Normalizes by the statistics of the batch. */
function byBatch(writer: NodeWriter<'batchNormalization'>, x: string): string {
  const axes = [
    0,
    ...writer
      .shape()
      .slice(1)
      .map((_, i) => i + 2),
  ];
  const mean = writer.add('ReduceMean', [x], { axes, keepdims: 1 });
  const difference = writer.add('Sub', [x, mean]);
  const square = writer.add('Mul', [difference, difference]);
  const variance = writer.add('ReduceMean', [square], { axes, keepdims: 1 });
  const sum = writer.add('Add', [variance, writer.number(writer.attributes.epsilon)]);
  return scaledAndShifted(writer, writer.add('Div', [difference, writer.add('Sqrt', [sum])]));
}

/** Multiplies by gamma and adds beta, where there are any. Channels are first. */
function scaledAndShifted(
  writer: NodeWriter<'batchNormalization' | 'groupNormalization'>,
  normalized: string,
): string {
  const shape = [
    ...writer.known(-1),
    ...writer
      .shape()
      .slice(1)
      .map(() => 1),
  ];
  const gamma = writer.parameter('gamma', shape);
  const beta = writer.parameter('beta', shape);
  const product = gamma === undefined ? normalized : writer.add('Mul', [normalized, gamma]);
  return beta === undefined ? product : writer.add('Add', [product, beta]);
}

/** By InstanceNormalization, with the elements of a group in a row: GroupNormalization needs opset 21. */
export function groupNormalization(writer: NodeWriter<'groupNormalization'>): void {
  const { epsilon, groups } = writer.attributes;
  const x = writer.first();
  const rows = writer.add('Reshape', [x, writer.ints([0, groups, -1])]);
  const [ones, zeros] = [1, 0].map((value) => writer.floats([groups], new Array<number>(groups).fill(value)));
  const normalized = writer.add('InstanceNormalization', [rows, ones, zeros], { epsilon });
  const back = writer.add('Reshape', [normalized, writer.add('Shape', [x])]);
  writer.giveFirst(scaledAndShifted(writer, back));
}

export function layerNormalization(writer: NodeWriter<'layerNormalization'>): void {
  const { epsilon, axes } = writer.attributes;
  const normalized = writer.known(-axes);
  const ones = () => {
    const count = normalized.reduce((product, size) => product * size, 1);
    return writer.floats(normalized, new Array<number>(count).fill(1));
  };
  const inputs = [
    writer.last(),
    writer.parameter('gamma', normalized) ?? ones(),
    writer.parameter('beta', normalized),
  ];
  writer.give(writer.add('LayerNormalization', inputs, { axis: writer.shape().length - axes + 1, epsilon }));
}
