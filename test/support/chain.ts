import type {
  LossDescription,
  MetricDescription,
  NodeDescription,
  ParameterDescription,
  ProgramDescription,
  Shape,
} from '../../lib/program/description.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';

/** A node that still lacks its place in a chain. */
export type Link = (input: Shape) => Omit<NodeDescription, 'name' | 'inputs'>;

export type Training = NonNullable<ProgramDescription['training']>;

interface WindowOptions {
  strides?: [number, number];
  dilation?: [number, number];
  /** top, bottom, left, right */
  padding?: [number, number, number, number];
}

/** A program of these links one after another, named input, then conv2d_1, dense_2 and so on. */
export function chain(inputShape: Shape, links: readonly Link[], training?: Training): ProgramDescription {
  const nodes: NodeDescription[] = [
    { name: 'input', op: 'input', inputs: [], attributes: {}, parameters: [], shape: inputShape },
  ];
  links.forEach((link, index) => {
    const node = link(nodes[index].shape);
    nodes.push({ name: `${node.op}_${index + 1}`, inputs: [index], ...node });
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
    shape: [...windowCounts(input, size, strides, dilation, padding), filters],
  });
}

export function pool2d(
  kind: 'max' | 'average' | 'sum',
  size: [number, number],
  options: WindowOptions = {},
): Link {
  const { strides = size, padding = [0, 0, 0, 0] } = options;
  return (input) => ({
    op: 'pool2d',
    attributes: { kind, size, strides, padding },
    parameters: [],
    shape: [...windowCounts(input, size, strides, [1, 1], padding), input[2]],
  });
}

export function dense(units: number, { bias = true } = {}): Link {
  return (input) => ({
    op: 'dense',
    attributes: {},
    parameters: kernelAndBias([input[input.length - 1], units], bias),
    shape: [...input.slice(0, -1), units],
  });
}

export function activation(kind: string, numbers: Record<string, number | boolean> = {}): Link {
  return (shape) => ({ op: 'activation', attributes: { kind, ...numbers }, parameters: [], shape });
}

export function dropout(
  rate: number,
  stream = 0,
  options: { noiseShape?: number[]; alpha?: boolean; seed?: number } = {},
): Link {
  return (shape) => ({ op: 'dropout', attributes: { rate, stream, ...options }, parameters: [], shape });
}

export function gaussianNoise(
  stddev: number,
  stream = 0,
  options: { multiplies?: boolean; seed?: number } = {},
): Link {
  return (shape) => ({
    op: 'gaussianNoise',
    attributes: { stddev, stream, ...options },
    parameters: [],
    shape,
  });
}

export function prelu(alphaShape: number[]): Link {
  const size = alphaShape.reduce((product, length) => product * length, 1);
  return (shape) => ({
    op: 'prelu',
    attributes: { alphaShape },
    parameters: [{ name: 'alpha', shape: [size] }],
    shape,
  });
}

export function rescaling(scale: number, offset: number): Link {
  return (shape) => ({ op: 'rescaling', attributes: { scale, offset }, parameters: [], shape });
}

export function reshape(...shape: number[]): Link {
  return () => ({ op: 'reshape', attributes: {}, parameters: [], shape });
}

/** Counts the windows one by one instead of by the formula that engines use. */
function windowCounts(
  input: Shape,
  size: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
  [top, bottom, left, right]: readonly number[],
): number[] {
  return [top + bottom, left + right].map((padding, axis) => {
    const lastCell = (size[axis] - 1) * dilation[axis];
    let count = 0;
    while (count * strides[axis] + lastCell < input[axis] + padding) count++;
    return count;
  });
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
