import {
  type TrainingDescription,
  describeProgram,
  type OpName,
  type ParameterDescription,
  type ProgramDescription,
  type Shape,
} from '../../lib/program/description.js';
import { type LoweredNode, Lowering } from '../../lib/layers/lower.js';
import type { ConvShape, DenseShape, KernelShape, PoolShape } from './support/kernel-shapes.js';

/** The name of the node that is measured. */
export const MEASURED = 'measured';

/** A node without its position in a program. */
export type BenchNode<Op extends OpName = OpName> = Omit<LoweredNode<Op>, 'name' | 'inputs'>;

/**
 * A program that trains the one node. A small dense layer comes first, so that the gradient by the node's
 * input is needed; it takes almost no time. The learning rate is 0, so each step does the same work.
 */
export function kernelProgram(shape: KernelShape): ProgramDescription {
  switch (shape.op) {
    case 'conv':
      return trainedNode([shape.height, shape.width, shape.inputs], convNode(shape));
    case 'dense':
      return trainedNode([shape.inputs], denseNode(shape));
    case 'pool':
      return trainedNode([shape.height, shape.width, shape.channels], poolNode(shape));
  }
}

/** As above, for a node whose input has the shape `input`. */
export function trainedNode<Op extends OpName>(input: Shape, node: BenchNode<Op>): ProgramDescription {
  const channels = input[input.length - 1];
  const lowering = new Lowering();
  const first = lowering.add({
    name: 'input',
    op: 'input',
    inputs: [],
    attributes: { shape: [...input.slice(0, -1), 1] },
  });
  const dense = lowering.add({
    name: 'dense',
    op: 'dense',
    inputs: [first],
    parameters: weights([1, channels]),
  });
  // Keeps the dense layer from fusing the activation.
  const apart = lowering.add({
    name: 'reshape',
    op: 'reshape',
    inputs: [dense],
    attributes: { shape: input },
  });
  lowering.add({ ...node, name: MEASURED, inputs: [apart] } as LoweredNode<Op>);
  const training: TrainingDescription = {
    outputs: [{ loss: { kind: 'meanSquaredError', fromLogits: false }, metrics: [] }],
    optimizer: { kind: 'sgd', learningRate: 0, momentum: 0, nesterov: false },
  };
  return describeProgram({ nodes: lowering.nodes }, { training });
}

function convNode({ inputs, outputs, size, stride, pad, dilation, groups }: ConvShape): BenchNode<'conv2d'> {
  return {
    op: 'conv2d',
    attributes: {
      strides: [stride, stride],
      dilation: [dilation, dilation],
      padding: [pad, pad, pad, pad],
      ...(groups > 1 && { groups }),
    },
    parameters: weights([size, size, inputs / groups, outputs]),
  };
}

function denseNode({ inputs, units }: DenseShape): BenchNode<'dense'> {
  return { op: 'dense', parameters: weights([inputs, units]) };
}

function poolNode({ kind, size, stride }: PoolShape): BenchNode<'pool2d'> {
  return {
    op: 'pool2d',
    attributes: { kind, size: [size, size], strides: [stride, stride], padding: [0, 0, 0, 0] },
  };
}

function weights(kernel: Shape): ParameterDescription[] {
  return [
    { name: 'kernel', shape: kernel },
    { name: 'bias', shape: kernel.slice(-1) },
  ];
}
