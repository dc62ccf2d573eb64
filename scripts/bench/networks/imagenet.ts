import type { Layer } from '../../../lib/layers/base-layer.js';
import { maxPooling2d } from '../../../lib/layers/index.js';
import type { SymbolicTensor } from '../../../lib/layers/symbolic-tensor.js';
import { around, type GraphBuilder, type Network } from './network.js';
import { residualBlock } from './small-images.js';

const LARGE = { input: [224, 224, 3], batch: 16, batches: 2, classes: 1000 };

/** ResNet-18 (He et al., 2015) as torchvision has it. */
export const RESNET_18: Network = {
  name: 'ResNet-18, 224x224',
  key: 'resnet-18',
  ...LARGE,
  build(graph, images) {
    const stem = graph.relu(graph.normalize(graph.conv(images, 64, 7, { stride: 2 })));
    const pool = maxPooling2d({ poolSize: 3, strides: 2, padding: around(1) });
    let x = graph.apply(pool as Layer, stem);
    for (const filters of [64, 128, 256, 512]) {
      x = residualBlock(graph, x, filters, filters > 64 ? 2 : 1);
      x = residualBlock(graph, x, filters, 1);
    }
    return graph.classify(x, 1000);
  },
};

/** Stages of inverted residual blocks: expansion, filters, number of blocks, stride of the first one. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** MobileNetV2 (Sandler et al., 2018) as torchvision has it, without dropout. */
export const MOBILENET_V2: Network = {
  name: 'MobileNetV2, 224x224',
  key: 'mobilenet-v2',
  ...LARGE,
  build(graph, images) {
    let x = graph.relu6(graph.normalize(graph.conv(images, 32, 3, { stride: 2 })));
    for (const [expansion, filters, blocks, stride] of STAGES) {
      for (let block = 0; block < blocks; block++) {
        x = invertedResidual(graph, x, filters, block === 0 ? stride : 1, expansion);
      }
    }
    return graph.classify(graph.relu6(graph.normalize(graph.conv(x, 1280, 1))), 1000);
  },
};

function invertedResidual(
  graph: GraphBuilder,
  x: SymbolicTensor,
  filters: number,
  stride: number,
  expansion: number,
): SymbolicTensor {
  const channels = x.shape.at(-1) as number;
  const wide = expansion === 1 ? x : graph.relu6(graph.normalize(graph.conv(x, channels * expansion, 1)));
  const filtered = graph.relu6(graph.normalize(graph.depthwise(wide, stride)));
  const narrow = graph.normalize(graph.conv(filtered, filters, 1));
  return stride === 1 && channels === filters ? graph.add(x, narrow) : narrow;
}

/** Stages of blocks: expansion, kernel size, stride of the first block, filters, number of blocks. */
const EFFICIENT_STAGES = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
];

/** EfficientNet-B0 (Tan and Le, 2019) as torchvision has it, without dropout and stochastic depth. */
export const EFFICIENTNET_B0: Network = {
  name: 'EfficientNet-B0, 224x224',
  key: 'efficientnet-b0',
  ...LARGE,
  build(graph, images) {
    let x = graph.swish(graph.normalize(graph.conv(images, 32, 3, { stride: 2 })));
    for (const [expansion, kernelSize, stride, filters, blocks] of EFFICIENT_STAGES) {
      for (let block = 0; block < blocks; block++)
        x = efficientBlock(graph, x, { expansion, kernelSize, stride: block === 0 ? stride : 1, filters });
    }
    return graph.classify(graph.swish(graph.normalize(graph.conv(x, 1280, 1))), 1000);
  },
};

interface EfficientBlock {
  expansion: number;
  kernelSize: number;
  stride: number;
  filters: number;
}

function efficientBlock(
  graph: GraphBuilder,
  x: SymbolicTensor,
  { expansion, kernelSize, stride, filters }: EfficientBlock,
): SymbolicTensor {
  const channels = x.shape.at(-1) as number;
  const wide = expansion === 1 ? x : graph.swish(graph.normalize(graph.conv(x, channels * expansion, 1)));
  const filtered = graph.swish(graph.normalize(graph.depthwise(wide, stride, kernelSize)));
  const gated = graph.squeezeAndExcite(filtered, channels / 4);
  const narrow = graph.normalize(graph.conv(gated, filters, 1));
  return stride === 1 && channels === filters ? graph.add(x, narrow) : narrow;
}
