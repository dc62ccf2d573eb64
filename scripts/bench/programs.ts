import type {
  NodeDescription,
  ParameterDescription,
  ProgramDescription,
  Shape,
} from '../../lib/program/description.js';
import type { ConvShape, DenseShape, KernelShape, PoolShape } from './support/kernel-shapes.js';

/** The node that is measured. */
export const MEASURED = 'measured';

type Node = Omit<NodeDescription, 'name' | 'inputs'>;

/**
 * A program of the one node, in training. A dense layer of one input stands before it, so that something learns there and
 * the gradient by the node's input is wanted; it takes next to no time. The learning rate is 0: each step does the same work.
 */
export function kernelProgram(shape: KernelShape): ProgramDescription {
  const { input, node } = nodeOf(shape);
  return trainedNode(input, node);
}

/** The same for a node that takes values of shape `input`. */
export function trainedNode(input: Shape, node: Node): ProgramDescription {
  const channels = input[input.length - 1];
  const nodes = [
    { op: 'input', shape: [...input.slice(0, -1), 1], attributes: {}, parameters: [] },
    { op: 'dense', shape: input, attributes: {}, parameters: weights([1, channels]) },
    // Keeps the dense layer from taking an activation into its own pass.
    { op: 'reshape', shape: input, attributes: {}, parameters: [] },
    node,
  ] as const;
  return {
    nodes: nodes.map((each, i) => ({
      ...each,
      name: each === node ? MEASURED : each.op,
      inputs: i === 0 ? [] : [i - 1],
    })),
    training: {
      outputs: [{ loss: { kind: 'meanSquaredError', fromLogits: false }, metrics: [] }],
      optimizer: { kind: 'sgd', learningRate: 0, momentum: 0, nesterov: false },
    },
  };
}

function nodeOf(shape: KernelShape): { input: Shape; node: Node } {
  switch (shape.op) {
    case 'conv':
      return { input: [shape.height, shape.width, shape.inputs], node: convNode(shape) };
    case 'dense':
      return { input: [shape.inputs], node: denseNode(shape) };
    case 'pool':
      return { input: [shape.height, shape.width, shape.channels], node: poolNode(shape) };
  }
}

function convNode({ height, width, inputs, outputs, size, stride, pad, dilation, groups }: ConvShape): Node {
  const extent = (size - 1) * dilation + 1;
  const count = (length: number) => Math.floor((length + 2 * pad - extent) / stride) + 1;
  return {
    op: 'conv2d',
    shape: [count(height), count(width), outputs],
    attributes: {
      strides: [stride, stride],
      dilation: [dilation, dilation],
      padding: [pad, pad, pad, pad],
      ...(groups > 1 && { groups }),
    },
    parameters: weights([size, size, inputs / groups, outputs]),
  };
}

function denseNode({ inputs, units }: DenseShape): Node {
  return { op: 'dense', shape: [units], attributes: {}, parameters: weights([inputs, units]) };
}

function poolNode({ kind, height, width, channels, size, stride }: PoolShape): Node {
  const count = (length: number) => Math.floor((length - size) / stride) + 1;
  return {
    op: 'pool2d',
    shape: [count(height), count(width), channels],
    attributes: { kind, size: [size, size], strides: [stride, stride], padding: [0, 0, 0, 0] },
    parameters: [],
  };
}

function weights(kernel: Shape): ParameterDescription[] {
  return [
    { name: 'kernel', shape: kernel },
    { name: 'bias', shape: kernel.slice(-1) },
  ];
}
