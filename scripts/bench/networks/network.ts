import type { Layer } from '../../../lib/layers/base-layer.js';
import * as layers from '../../../lib/layers/index.js';
import type { SymbolicTensor } from '../../../lib/layers/symbolic-tensor.js';
import { input, type LayersModel, model } from '../../../lib/models/index.js';
import type { Shape } from '../../../lib/tensor/index.js';

/** A network that is measured, here and in peers. */
export interface Network {
  /** The name in tables. */
  name: string;
  /** The name of its files, and what peers/networks/networks.py calls it. */
  key: string;
  /** The shape of an image: [height, width, channels]. */
  input: Shape;
  batch: number;
  /** The number of batches of an epoch. */
  batches: number;
  classes: number;
  /** Whether each pixel has a class, rather than each image. */
  perPixel?: boolean;
  /** From images to probabilities. */
  build(graph: GraphBuilder, images: SymbolicTensor): SymbolicTensor;
}

/** A model, compiled to train, and its layers in the order in which peers have them. */
export interface BuiltNetwork {
  model: LayersModel;
  layers: readonly Layer[];
}

/** Builds a network of random weights. `setSeed` makes them reproducible. */
export function buildNetwork(network: Network): BuiltNetwork {
  const graph = new GraphBuilder();
  const images = input({ shape: network.input });
  const outputs = network.build(graph, images);
  const built = model({ inputs: images, outputs, name: network.key });
  built.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  return { model: built, layers: graph.layers };
}

interface ConvOptions {
  stride?: number;
  bias?: boolean;
}

/** Applies layers as PyTorch's networks have them: explicit padding, and batch normalization with its epsilon. */
export class GraphBuilder {
  /** The layers in the order of their making. */
  readonly layers: Layer[] = [];

  apply(layer: Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
    this.layers.push(layer);
    return layer.apply(x as SymbolicTensor) as SymbolicTensor;
  }

  /** A convolution that keeps the size at stride 1, for odd kernel sizes. Without a bias by default. */
  conv(x: SymbolicTensor, filters: number, kernelSize: number, options: ConvOptions = {}): SymbolicTensor {
    const { stride = 1, bias = false } = options;
    const padding = around((kernelSize - 1) / 2);
    return this.apply(
      layers.conv2d({ filters, kernelSize, strides: stride, padding, useBias: bias }) as Layer,
      x,
    );
  }

  depthwise(x: SymbolicTensor, stride: number, kernelSize = 3): SymbolicTensor {
    const padding = around((kernelSize - 1) / 2);
    return this.apply(
      layers.depthwiseConv2d({ kernelSize, strides: stride, padding, useBias: false }) as Layer,
      x,
    );
  }

  normalize(x: SymbolicTensor): SymbolicTensor {
    return this.apply(layers.batchNormalization({ epsilon: 1e-5, momentum: 0.9 }) as Layer, x);
  }

  relu(x: SymbolicTensor): SymbolicTensor {
    return this.apply(layers.activation({ activation: 'relu' }) as Layer, x);
  }

  relu6(x: SymbolicTensor): SymbolicTensor {
    return this.apply(layers.activation({ activation: 'relu6' }) as Layer, x);
  }

  swish(x: SymbolicTensor): SymbolicTensor {
    return this.apply(layers.activation({ activation: 'swish' }) as Layer, x);
  }

  /** Multiplies each channel by a gate from the means of all, which two layers compute (Hu et al., 2018). */
  squeezeAndExcite(x: SymbolicTensor, squeezed: number): SymbolicTensor {
    const means = this.apply(layers.globalAveragePooling2d({ keepDims: true }) as Layer, x);
    const narrow = this.swish(this.conv(means, squeezed, 1, { bias: true }));
    const scores = this.conv(narrow, x.shape.at(-1) as number, 1, { bias: true });
    const gates = this.apply(layers.activation({ activation: 'sigmoid' }) as Layer, scores);
    return this.apply(layers.multiply() as Layer, [x, gates]);
  }

  /** Pools windows of 2x2. */
  maxPool(x: SymbolicTensor): SymbolicTensor {
    return this.apply(layers.maxPooling2d({ poolSize: 2 }) as Layer, x);
  }

  add(a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
    return this.apply(layers.add() as Layer, [a, b]);
  }

  /** The mean of each channel, and a dense layer with softmax. */
  classify(x: SymbolicTensor, classes: number): SymbolicTensor {
    return this.softmax(this.apply(layers.globalAveragePooling2d() as Layer, x), classes);
  }

  softmax(x: SymbolicTensor, classes: number): SymbolicTensor {
    return this.dense(x, classes, 'softmax');
  }

  dense(x: SymbolicTensor, units: number, activation: 'relu' | 'softmax'): SymbolicTensor {
    return this.apply(layers.dense({ units, activation }) as Layer, x);
  }

  flatten(x: SymbolicTensor): SymbolicTensor {
    return this.apply(layers.flatten() as Layer, x);
  }
}

/** Padding of as many cells on each side. */
export function around(cells: number): [[number, number], [number, number]] {
  return [
    [cells, cells],
    [cells, cells],
  ];
}
