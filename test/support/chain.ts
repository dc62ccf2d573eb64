import { outputShapes } from '../../lib/program/contracts/index.js';
import {
  describeProgram,
  shapeOf,
  type Attribute,
  type AttributesOf,
  type LossDescription,
  type MetricDescription,
  type NodeDescription,
  type OpName,
  type ParameterDescription,
  type ProgramDescription,
  type Shape,
  type TrainingDescription,
  type ValueDescription,
  type ValueReference,
} from '../../lib/program/description.js';
import type { DType } from '../../lib/program/dtype.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';

/** A node without the fields that depend on its position in a chain. */
export interface LinkNode {
  op: OpName;
  /** Attributes of any type, since tests also describe invalid nodes. */
  attributes: Readonly<Record<string, Attribute>>;
  parameters: readonly ParameterDescription[];
  /** The declared output shape. Default: the shape by the op's contract. */
  shape?: Shape;
  /** The indices of its inputs. Default: the previous node. */
  name?: string;
  inputs?: readonly ValueReference[];
  outputs?: readonly ValueDescription[];
  sharesWith?: number;
}

/** Makes a node for a value of this shape. */
export type Link = (input: Shape) => LinkNode;

export type Training = TrainingDescription;

interface WindowOptions {
  strides?: [number, number];
  dilation?: [number, number];
  /** top, bottom, left, right */
  padding?: [number, number, number, number];
}

/** The node for inputs of these shapes. */
export function describeNode(
  link: LinkNode,
  name: string,
  inputs: readonly ValueReference[],
  inputShapes: readonly Shape[],
): NodeDescription {
  const { shape, ...node } = link;
  const shapes = shape ? [shape] : contractShapes(link, inputShapes);
  const dtype = (link.attributes.dtype ?? 'float32') as DType;
  const outputs = shapes.map((each) => ({ shape: each, dtype }));
  return { name, inputs, outputs, ...node } as unknown as NodeDescription;
}

/** The output shape of a link for a value of this shape. */
export function shapeAfter(link: Link, input: Shape): Shape {
  return contractShapes(link(input), [input])[0];
}

/** The output shapes by the contract. For a node that breaks it, which an engine must refuse, any shape. */
function contractShapes(
  { op, attributes, parameters }: LinkNode,
  inputs: readonly Shape[],
): readonly Shape[] {
  const query = {
    attributes: attributes as unknown as AttributesOf<OpName>,
    inputs,
    parameters: Object.fromEntries(parameters.map(({ name, shape }) => [name, shape])),
    fail: (_code: string, message: string) => {
      throw new Error(message);
    },
  };
  try {
    return outputShapes(op, query);
  } catch {
    return [[1]];
  }
}

/** The first node of a program. */
export function inputNode(shape: Shape, name = 'input', dtype?: DType): NodeDescription {
  const attributes = { shape, ...(dtype && { dtype }) };
  return describeNode({ op: 'input', attributes, parameters: [] }, name, [], []);
}

/** A program that chains these links. Its nodes are named input, conv2d_1, dense_2 and so on. */
export function chain(inputShape: Shape, links: readonly Link[], training?: Training): ProgramDescription {
  const nodes = [inputNode(inputShape)];
  links.forEach((link, index) => {
    const shape = shapeOf(nodes, index);
    const node = link(shape);
    nodes.push(describeNode(node, `${node.op}_${index + 1}`, [index], [shape]));
  });
  return describeProgram({ nodes }, { training });
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

/** With this optimizer, gradients equal the change of the weights in one step. */
export const UNIT_SGD: OptimizerDescription = { kind: 'sgd', learningRate: 1, momentum: 0, nesterov: false };

/** The loss on the only output. */
export function training(
  kind: LossDescription['kind'],
  { fromLogits = false, optimizer = UNIT_SGD, metrics = [] as readonly MetricDescription[] } = {},
): Training {
  return { outputs: [{ loss: { kind, fromLogits }, metrics }], optimizer };
}
