import { lenet } from '../../lib/cli/lenet.js';
import { conv2d, dense, flatten, maxPooling2d, rescaling } from '../../lib/layers/index.js';
import { type Sequential, sequential } from '../../lib/models/index.js';
import {
  type TrainingDescription,
  describeProgram,
  type AttributesOf,
  type NodeDescription,
  type OpName,
  type ProgramDescription,
  type Shape,
} from '../../lib/program/description.js';
import { type LoweredNode, Lowering } from '../../lib/layers/lower.js';

export { lenet };

/** Two pairs of convolutions, each followed by max-pooling, for uint8 images of 32x32x3. */
export function vgg(): Sequential {
  const conv = (filters: number) => conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' });
  const model = sequential({
    name: 'vgg',
    layers: [
      rescaling({ scale: 1 / 255, inputShape: [32, 32, 3] }),
      conv(32),
      conv(32),
      maxPooling2d({ poolSize: 2 }),
      conv(64),
      conv(64),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 256, activation: 'relu' }),
      dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Residual blocks without batch normalization, of 32, 64 and 128 channels, for uint8 images of 32x32x3. */
export function resnet(): ProgramDescription {
  const graph = new Graph([32, 32, 3]);
  let last = graph.add('rescaling', [0], { scale: 1 / 255, offset: 0 });
  last = graph.relu(graph.conv(last, 3, 32, 1));
  for (const [channels, stride] of [
    [32, 1],
    [64, 2],
    [128, 2],
  ]) {
    last = graph.block(last, channels, stride);
  }
  const [height, width, channels] = graph.shapeOf(last);
  last = graph.add('pool2d', [last], {
    kind: 'average',
    size: [height, width],
    strides: [height, width],
    padding: [0, 0, 0, 0],
  });
  last = graph.add('reshape', [last], { shape: [channels] });
  last = graph.add('dense', [last], {}, [channels, 10]);
  graph.add('activation', [last], { kind: 'softmax' });
  const training: TrainingDescription = {
    outputs: [
      {
        loss: { kind: 'sparseCategoricalCrossentropy', fromLogits: false },
        metrics: [{ kind: 'sparseCategoricalAccuracy' }],
      },
    ],
    optimizer: { kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  };
  return describeProgram({ nodes: graph.nodes }, { training });
}

class Graph {
  readonly #lowering = new Lowering();

  constructor(input: Shape) {
    this.add('input', [], { shape: input });
  }

  get nodes(): readonly NodeDescription[] {
    return this.#lowering.nodes;
  }

  /** Appends a node, with a bias if it has a kernel, and returns its index. */
  add<Op extends OpName>(op: Op, inputs: number[], attributes: AttributesOf<Op>, kernel?: Shape): number {
    const parameters = kernel
      ? [
          { name: 'kernel', shape: kernel },
          { name: 'bias', shape: kernel.slice(-1) },
        ]
      : [];
    const node = { name: `${op}_${this.nodes.length}`, op, inputs, attributes, parameters };
    return this.#lowering.add(node as LoweredNode<Op>);
  }

  shapeOf(node: number): Shape {
    return this.#lowering.shapeOf(node);
  }

  /** 'same' padding: for even sizes at stride 2, below and to the right only. */
  conv(from: number, size: number, filters: number, stride: number): number {
    const [, , channels] = this.shapeOf(from);
    const [before, after] = size === 1 ? [0, 0] : [stride === 1 ? 1 : 0, 1];
    return this.add(
      'conv2d',
      [from],
      { strides: [stride, stride], dilation: [1, 1], padding: [before, after, before, after] },
      [size, size, channels, filters],
    );
  }

  relu(from: number): number {
    return this.add('activation', [from], { kind: 'relu' });
  }

  block(from: number, channels: number, stride: number): number {
    const inner = this.conv(this.relu(this.conv(from, 3, channels, stride)), 3, channels, 1);
    const shortcut = stride === 1 ? from : this.conv(from, 1, channels, stride);
    return this.relu(this.add('add', [shortcut, inner], {}));
  }
}
