/**
 * MobileNetV2: depthwise separable convolutions in inverted residual blocks (Sandler et al., "MobileNetV2:
 * inverted residuals and linear bottlenecks", 2018). Trains for a few epochs to classify drawn shapes, and
 * saves and loads the model.
 *
 *     npx tsx examples/mobilenet.ts
 *
 * MOBILENET_EPOCHS sets the number of epochs.
 */
import * as tf from 'convforge';
import { saveAndLoad } from './round-trip.js';
import { drawShapes, SHAPES } from './shapes.js';

const epochs = Number(process.env.MOBILENET_EPOCHS ?? 4);
const size = 64;

/** A stage of blocks with `filters` output channels. The first block has the stride. */
interface Stage {
  filters: number;
  blocks: number;
  strides: number;
  /** The factor by which the first 1x1 convolution widens the channels. */
  expansion: number;
}

const STAGES: readonly Stage[] = [
  { filters: 16, blocks: 1, strides: 1, expansion: 1 },
  { filters: 24, blocks: 2, strides: 2, expansion: 6 },
  { filters: 32, blocks: 2, strides: 2, expansion: 6 },
  { filters: 64, blocks: 3, strides: 2, expansion: 6 },
];

function normalize(x: tf.SymbolicTensor): tf.SymbolicTensor {
  return tf.layers.batchNormalization({ momentum: 0.9 }).apply(x);
}

function relu6(x: tf.SymbolicTensor): tf.SymbolicTensor {
  return tf.layers.activation({ activation: 'relu6' }).apply(x);
}

function pointwise(x: tf.SymbolicTensor, filters: number): tf.SymbolicTensor {
  return normalize(tf.layers.conv2d({ filters, kernelSize: 1, useBias: false }).apply(x));
}

/**
 * A 1x1 convolution widens the channels, a depthwise convolution filters them, and a 1x1 convolution without
 * activation narrows them. The input is added if it has the same shape.
 */
function invertedResidual(
  x: tf.SymbolicTensor,
  filters: number,
  strides: number,
  expansion: number,
): tf.SymbolicTensor {
  const channels = x.shape.at(-1) as number;
  const wide = expansion === 1 ? x : relu6(pointwise(x, channels * expansion));
  const depthwise = tf.layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', useBias: false });
  const narrow = pointwise(relu6(normalize(depthwise.apply(wide))), filters);
  const isResidual = strides === 1 && channels === filters;
  return isResidual ? tf.layers.add().apply([x, narrow]) : narrow;
}

function mobilenet(classes: number): tf.LayersModel {
  const images = tf.input({ shape: [size, size, 3] });
  const scaled = tf.layers.rescaling({ scale: 1 / 127.5, offset: -1 }).apply(images);
  const stem = tf.layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', useBias: false });
  let x = relu6(normalize(stem.apply(scaled)));
  for (const { filters, blocks, strides, expansion } of STAGES) {
    for (let block = 0; block < blocks; block++) {
      x = invertedResidual(x, filters, block === 0 ? strides : 1, expansion);
    }
  }
  const features = tf.layers.globalAveragePooling2d().apply(relu6(pointwise(x, 256)));
  const dropped = tf.layers.dropout({ rate: 0.2 }).apply(features);
  const outputs = tf.layers.dense({ units: classes, activation: 'softmax' }).apply(dropped);
  return tf.model({ inputs: images, outputs, name: 'mobilenet' });
}

async function main(): Promise<void> {
  tf.setSeed(1);
  const { images, labels } = drawShapes(512, size);
  const model = mobilenet(SHAPES.length);
  console.log(`${model.name}: ${model.countParams()} weights`);
  model.compile({
    optimizer: tf.optimizers.adam({ learningRate: 0.003 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  await model.fit(images, labels, { epochs, batchSize: 32, verbose: 2 });
  await saveAndLoad(model, 'mobilenet', images.slice(0, 8));
}

main();
