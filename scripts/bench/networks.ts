import { lenet } from '../../lib/cli/lenet.js';
import { conv2d, dense, flatten, maxPooling2d, rescaling } from '../../lib/layers/index.js';
import { type Sequential, sequential } from '../../lib/models/index.js';
import type { NodeDescription, ProgramDescription, Shape } from '../../lib/program/description.js';

export { lenet };

/** Two pairs of convolutions with max-pooling after each, for images of 32x32x3 bytes. */
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

/** Residual blocks without batch norm, of 32, 64 and 128 channels, for images of 32x32x3 bytes. */
export function resnet(): ProgramDescription {
  const graph = new Graph([32, 32, 3]);
  let last = graph.add('rescaling', [0], [32, 32, 3], { scale: 1 / 255, offset: 0 });
  last = graph.relu(graph.conv(last, 3, 32, 1));
  for (const [channels, stride] of [
    [32, 1],
    [64, 2],
    [128, 2],
  ]) {
    last = graph.block(last, channels, stride);
  }
  const [height, width, channels] = graph.shapeOf(last);
  last = graph.add('pool2d', [last], [1, 1, channels], {
    kind: 'average',
    size: [height, width],
    strides: [height, width],
    padding: [0, 0, 0, 0],
  });
  last = graph.add('reshape', [last], [channels]);
  last = graph.add('dense', [last], [10], {}, [channels, 10]);
  graph.add('activation', [last], [10], { kind: 'softmax' });
  return {
    nodes: graph.nodes,
    training: {
      outputs: [
        {
          loss: { kind: 'sparseCategoricalCrossentropy', fromLogits: false },
          metrics: [{ kind: 'sparseCategoricalAccuracy' }],
        },
      ],
      optimizer: { kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    },
  };
}

class Graph {
  readonly nodes: NodeDescription[] = [];

  constructor(input: Shape) {
    this.add('input', [], input);
  }

  /** Appends a node, with a bias if it has a kernel, and returns its index. */
  add(
    op: NodeDescription['op'],
    inputs: number[],
    shape: Shape,
    attributes: NodeDescription['attributes'] = {},
    kernel?: Shape,
  ): number {
    const parameters = kernel
      ? [
          { name: 'kernel', shape: kernel },
          { name: 'bias', shape: kernel.slice(-1) },
        ]
      : [];
    const name = `${op}_${this.nodes.length}`;
    return this.nodes.push({ name, op, inputs, attributes, parameters, shape }) - 1;
  }

  shapeOf(node: number): Shape {
    return this.nodes[node].shape;
  }

  /** Padded as 'same' is: for even sizes at stride 2, below and to the right only. */
  conv(from: number, size: number, filters: number, stride: number): number {
    const [height, width, channels] = this.shapeOf(from);
    const [before, after] = size === 1 ? [0, 0] : [stride === 1 ? 1 : 0, 1];
    return this.add(
      'conv2d',
      [from],
      [height / stride, width / stride, filters],
      { strides: [stride, stride], dilation: [1, 1], padding: [before, after, before, after] },
      [size, size, channels, filters],
    );
  }

  relu(from: number): number {
    return this.add('activation', [from], this.shapeOf(from), { kind: 'relu' });
  }

  block(from: number, channels: number, stride: number): number {
    const inner = this.conv(this.relu(this.conv(from, 3, channels, stride)), 3, channels, 1);
    const shortcut = stride === 1 ? from : this.conv(from, 1, channels, stride);
    // The op is newer than some builds, which refuse it by its name.
    const sum = this.add('add' as NodeDescription['op'], [shortcut, inner], this.shapeOf(inner));
    return this.relu(sum);
  }
}
