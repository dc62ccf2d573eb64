import { outputShapes } from '../../lib/program/contracts/index.js';
import type {
  Attribute,
  AttributesOf,
  LossDescription,
  MetricDescription,
  NodeDescription,
  OpName,
  ParameterDescription,
  ProgramDescription,
  Shape,
} from '../../lib/program/description.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';

/** A node that still lacks its place in a chain. */
export interface LinkNode {
  op: OpName;
  /** Of any kind, since tests describe nodes that don't keep to their contracts, too. */
  attributes: Readonly<Record<string, Attribute>>;
  parameters: readonly ParameterDescription[];
  /** The shape that is declared. Default: that of the op's contract. */
  shape?: Shape;
  /** Instead of those of its place. */
  name?: string;
  inputs?: readonly number[];
  sharesWith?: number;
}

/** Makes a node for a value of this shape. */
export type Link = (input: Shape) => LinkNode;

export type Training = NonNullable<ProgramDescription['training']>;

interface WindowOptions {
  strides?: [number, number];
  dilation?: [number, number];
  /** top, bottom, left, right */
  padding?: [number, number, number, number];
}

/** The node in its place, on inputs of these shapes. */
export function describeNode(
  link: LinkNode,
  name: string,
  inputs: readonly number[],
  inputShapes: readonly Shape[],
): NodeDescription {
  const node = { name, inputs, ...link };
  return { ...node, shape: link.shape ?? contractShape(link, inputShapes) } as unknown as NodeDescription;
}

/** The shape of what a link gives for a value of this shape. */
export function shapeAfter(link: Link, input: Shape): Shape {
  return contractShape(link(input), [input]);
}

/** By the contract; for a node that breaks it, which an engine should refuse, any. */
function contractShape({ op, attributes, parameters }: LinkNode, inputs: readonly Shape[]): Shape {
  const query = {
    attributes: attributes as unknown as AttributesOf<OpName>,
    inputs,
    parameters: Object.fromEntries(parameters.map(({ name, shape }) => [name, shape])),
    fail: (_code: string, message: string) => {
      throw new Error(message);
    },
  };
  try {
    return outputShapes(op, query)[0];
  } catch {
    return [1];
  }
}

/** The first node of a program. */
export function inputNode(shape: Shape, name = 'input'): NodeDescription {
  return describeNode({ op: 'input', attributes: { shape }, parameters: [] }, name, [], []);
}

/** A program of these links one after another, named input, then conv2d_1, dense_2 and so on. */
export function chain(inputShape: Shape, links: readonly Link[], training?: Training): ProgramDescription {
  const nodes = [inputNode(inputShape)];
  links.forEach((link, index) => {
    const { shape } = nodes[index];
    const node = link(shape);
    nodes.push(describeNode(node, `${node.op}_${index + 1}`, [index], [shape]));
  });
  return { nodes, training };
}

export function conv2d(
  size: [number, number],
  filters: number,
  options: WindowOptions & { bias?: boolean; groups?: number } = {},
): Link {
  const { strides = [1, 1], dilation = [1, 1], padding = [0, 0, 0, 0], bias = true, groups = 1 } = options;
  return (input) => ({
    op: 'conv2d',
    attributes: { strides, dilation, padding, groups },
    parameters: kernelAndBias([...size, input[2] / groups, filters], bias),
  });
}

export function pool2d(
  kind: 'max' | 'average' | 'sum',
  size: [number, number],
  options: WindowOptions = {},
): Link {
  const { strides = size, padding = [0, 0, 0, 0] } = options;
  return () => ({ op: 'pool2d', attributes: { kind, size, strides, padding }, parameters: [] });
}

export function dense(units: number, { bias = true } = {}): Link {
  return (input) => ({
    op: 'dense',
    attributes: {},
    parameters: kernelAndBias([input[input.length - 1], units], bias),
  });
}

export function activation(kind: string, numbers: Record<string, number | boolean> = {}): Link {
  return () => ({ op: 'activation', attributes: { kind, ...numbers }, parameters: [] });
}

export function dropout(
  rate: number,
  stream = 0,
  options: { noiseShape?: number[]; alpha?: boolean; seed?: number } = {},
): Link {
  return () => ({ op: 'dropout', attributes: { rate, stream, ...options }, parameters: [] });
}

export function gaussianNoise(
  stddev: number,
  stream = 0,
  options: { multiplies?: boolean; seed?: number } = {},
): Link {
  return () => ({ op: 'gaussianNoise', attributes: { stddev, stream, ...options }, parameters: [] });
}

export function prelu(alphaShape: number[]): Link {
  const size = alphaShape.reduce((product, length) => product * length, 1);
  return () => ({
    op: 'prelu',
    attributes: { alphaShape },
    parameters: [{ name: 'alpha', shape: [size] }],
  });
}

export function rescaling(scale: number, offset: number): Link {
  return () => ({ op: 'rescaling', attributes: { scale, offset }, parameters: [] });
}

export function reshape(...shape: number[]): Link {
  return () => ({ op: 'reshape', attributes: { shape }, parameters: [] });
}

function kernelAndBias(kernel: number[], bias: boolean): ParameterDescription[] {
  const parameters: ParameterDescription[] = [{ name: 'kernel', shape: kernel }];
  if (bias) parameters.push({ name: 'bias', shape: [kernel[kernel.length - 1]] });
  return parameters;
}

/** Gradients equal the change of the weights in one step of it. */
export const UNIT_SGD: OptimizerDescription = { kind: 'sgd', learningRate: 1, momentum: 0, nesterov: false };

/** On the only output. */
export function training(
  kind: LossDescription['kind'],
  { fromLogits = false, optimizer = UNIT_SGD, metrics = [] as readonly MetricDescription[] } = {},
): Training {
  return { outputs: [{ loss: { kind, fromLogits }, metrics }], optimizer };
}
