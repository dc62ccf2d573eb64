import type { Layer } from '../../../lib/layers/base-layer.js';
import * as layers from '../../../lib/layers/index.js';
import type { SymbolicTensor } from '../../../lib/layers/symbolic-tensor.js';
import type { GraphBuilder, Network } from './network.js';

/** The tutorial's LeNet, on Fashion-MNIST if it can be had. */
export const LENET: Network = {
  name: 'LeNet',
  key: 'lenet',
  input: [28, 28, 1],
  batch: 128,
  batches: 16,
  classes: 10,
  build(graph, images) {
    const convolve = (x: SymbolicTensor, filters: number) =>
      graph.maxPool(graph.apply(layers.conv2d({ filters, kernelSize: 5, activation: 'relu' }) as Layer, x));
    const features = graph.flatten(convolve(convolve(images, 32), 64));
    return graph.softmax(graph.dense(features, 1000, 'relu'), 10);
  },
};

const SMALL = { input: [32, 32, 3], batch: 64, batches: 6, classes: 10 };

/** Three stages of three residual blocks (He et al., 2015), twice as wide as the paper's. */
export const RESNET_20: Network = {
  name: 'ResNet-20, widths 32, 64, 128',
  key: 'resnet-20',
  ...SMALL,
  build(graph, images) {
    let x = graph.relu(graph.normalize(graph.conv(images, 32, 3)));
    for (const filters of [32, 64, 128]) {
      for (let block = 0; block < 3; block++) {
        x = residualBlock(graph, x, filters, block === 0 && filters > 32 ? 2 : 1);
      }
    }
    return graph.classify(x, 10);
  },
};

/** relu(x + F(x)), where F is two convolutions. A 1x1 convolution projects x if its shape changes. */
export function residualBlock(
  graph: GraphBuilder,
  x: SymbolicTensor,
  filters: number,
  stride: number,
): SymbolicTensor {
  const inner = graph.relu(graph.normalize(graph.conv(x, filters, 3, { stride })));
  const last = graph.normalize(graph.conv(inner, filters, 3));
  const shortcut = stride > 1 ? graph.normalize(graph.conv(x, filters, 1, { stride })) : x;
  return graph.relu(graph.add(last, shortcut));
}

/** Pairs of convolutions with batch normalization, each pair followed by max-pooling. */
export const VGG: Network = {
  name: 'VGG, widths 64, 128, 256',
  key: 'vgg',
  ...SMALL,
  build(graph, images) {
    let x = images;
    for (const filters of [64, 128, 256]) {
      for (let i = 0; i < 2; i++) x = graph.relu(graph.normalize(graph.conv(x, filters, 3)));
      x = graph.maxPool(x);
    }
    return graph.softmax(graph.dense(graph.flatten(x), 512, 'relu'), 10);
  },
};

/** Depthwise separable convolutions (Howard et al., 2017) up to 512 channels, for small images. */
export const MOBILENET: Network = {
  name: 'MobileNet up to 512',
  key: 'mobilenet',
  ...SMALL,
  batches: 12,
  build(graph, images) {
    let x = graph.relu6(graph.normalize(graph.conv(images, 32, 3)));
    for (const [filters, stride] of [
      [64, 1],
      [128, 2],
      [128, 1],
      [256, 2],
      [256, 1],
      [512, 2],
      [512, 1],
    ]) {
      x = graph.relu6(graph.normalize(graph.depthwise(x, stride)));
      x = graph.relu6(graph.normalize(graph.conv(x, filters, 1)));
    }
    return graph.classify(x, 10);
  },
};

/** The U-Net of examples/unet.ts, without the rescaling. */
export const UNET: Network = {
  name: 'U-Net, 48x48',
  key: 'unet',
  input: [48, 48, 3],
  batch: 16,
  batches: 8,
  classes: 5,
  perPixel: true,
  build(graph, images) {
    const convolveTwice = (x: SymbolicTensor, filters: number) => {
      const once = graph.relu(graph.normalize(graph.conv(x, filters, 3)));
      return graph.relu(graph.normalize(graph.conv(once, filters, 3)));
    };
    const high = convolveTwice(images, 16);
    const middle = convolveTwice(graph.maxPool(high), 32);
    let x = convolveTwice(graph.maxPool(middle), 64);
    for (const skip of [middle, high]) {
      const filters = skip.shape.at(-1) as number;
      const up = layers.conv2dTranspose({ filters, kernelSize: 2, strides: 2, padding: 'same' });
      const joined = [skip, graph.apply(up as Layer, x)];
      x = convolveTwice(graph.apply(layers.concatenate() as Layer, joined), filters);
    }
    const scores = layers.conv2d({ filters: 5, kernelSize: 1, activation: 'softmax' });
    return graph.apply(scores as Layer, x);
  },
};
