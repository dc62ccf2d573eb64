import type { AttributesOf } from '../../../program/description.js';
import type { NodeWriter } from '../node.js';

export function add(writer: NodeWriter<'add'>): void {
  const { names, axes } = writer.alike();
  writer.give(chain(writer as NodeWriter, 'Add', names), axes);
}

const MERGES: Readonly<Record<AttributesOf<'merge'>['kind'], string>> = {
  subtract: 'Sub',
  multiply: 'Mul',
  average: 'Mean',
  maximum: 'Max',
  minimum: 'Min',
};

export function merge(writer: NodeWriter<'merge'>): void {
  const { kind } = writer.attributes;
  const { names, axes } = writer.alike();
  const isChained = kind === 'subtract' || kind === 'multiply';
  writer.give(
    isChained ? chain(writer as NodeWriter, MERGES[kind], names) : writer.add(MERGES[kind], names),
    axes,
  );
}

/** Applies an op of two inputs to several, one after another. */
function chain(writer: NodeWriter, opType: string, [first, ...others]: readonly string[]): string {
  return others.reduce((sum, name) => writer.add(opType, [sum, name]), first);
}

export function rescaling(writer: NodeWriter<'rescaling'>): void {
  const { scale, offset } = writer.attributes;
  const { names, axes } = writer.alike();
  const product = writer.add('Mul', [names[0], writer.number(scale)]);
  writer.give(writer.add('Add', [product, writer.number(offset)]), axes);
}

export function standardize(writer: NodeWriter<'standardize'>): void {
  const { mean, scale } = writer.attributes;
  const { names, axes } = writer.alike();
  const channels = axes.length - 1;
  const shape = axes.map((axis) => (axis === channels ? mean.length : 1));
  const difference = writer.add('Sub', [names[0], writer.floats(shape, mean)]);
  writer.give(writer.add('Mul', [difference, writer.floats(shape, scale)]), axes);
}

export function prelu(writer: NodeWriter<'prelu'>): void {
  const { names, axes } = writer.alike();
  const alpha = writer.parameter('alpha', writer.attributes.alphaShape, axes);
  writer.give(writer.add('PRelu', [names[0], alpha]), axes);
}

export function unitLength(writer: NodeWriter<'unitLength'>): void {
  const { leastSquare = 1e-12 } = writer.attributes;
  const { names, axes } = writer.alike();
  const axis = axes.indexOf(axes.length - 1) + 1;
  const square = writer.add('ReduceSumSquare', names, { axes: [axis], keepdims: 1 });
  const length = writer.add('Sqrt', [writer.add('Max', [square, writer.number(leastSquare)])]);
  writer.give(writer.add('Div', [names[0], length]), axes);
}
