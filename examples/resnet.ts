/**
 * ResNet-18 in its form for 32x32 images (He et al., "Deep residual learning for image recognition", 2015).
 * Trains for a few epochs to classify drawn shapes, and saves and loads the model.
 *
 *     npx tsx examples/resnet.ts
 *
 * RESNET_WIDTH is the number of filters of the first stage; RESNET_EPOCHS sets the number of epochs.
 */
import * as tf from 'convforge';
import { saveAndLoad } from './round-trip.js';
import { drawShapes, SHAPES } from './shapes.js';

const width = Number(process.env.RESNET_WIDTH ?? 64);
const epochs = Number(process.env.RESNET_EPOCHS ?? 3);
const size = 32;

/** A convolution and a batch normalization, which has the bias. */
function convolve(x: tf.SymbolicTensor, filters: number, kernelSize: number, strides = 1): tf.SymbolicTensor {
  const convolution = tf.layers.conv2d({
    filters,
    kernelSize,
    strides,
    padding: 'same',
    useBias: false,
    kernelInitializer: 'heNormal',
  });
  return tf.layers.batchNormalization({ momentum: 0.9 }).apply(convolution.apply(x));
}

function relu(x: tf.SymbolicTensor): tf.SymbolicTensor {
  return tf.layers.activation({ activation: 'relu' }).apply(x);
}

/**
 * A residual block: relu(x + F(x)), where F is two convolutions. If the size or the channels change, a 1x1
 * convolution projects x.
 */
function residualBlock(x: tf.SymbolicTensor, filters: number, strides: number): tf.SymbolicTensor {
  const inner = convolve(relu(convolve(x, filters, 3, strides)), filters, 3);
  const isProjected = strides > 1 || x.shape.at(-1) !== filters;
  const shortcut = isProjected ? convolve(x, filters, 1, strides) : x;
  return relu(tf.layers.add().apply([shortcut, inner]));
}

/** Four stages of two blocks. Each stage after the first halves the size and doubles the filters. */
function resnet18(classes: number): tf.LayersModel {
  const images = tf.input({ shape: [size, size, 3] });
  const scaled = tf.layers.rescaling({ scale: 1 / 127.5, offset: -1 }).apply(images);
  let x = relu(convolve(scaled, width, 3));
  for (const stage of [0, 1, 2, 3]) {
    const filters = width * 2 ** stage;
    x = residualBlock(x, filters, stage === 0 ? 1 : 2);
    x = residualBlock(x, filters, 1);
  }
  const features = tf.layers.globalAveragePooling2d().apply(x);
  const outputs = tf.layers.dense({ units: classes, activation: 'softmax' }).apply(features);
  return tf.model({ inputs: images, outputs, name: 'resnet18' });
}

async function main(): Promise<void> {
  tf.setSeed(1);
  const { images, labels } = drawShapes(256, size);
  const model = resnet18(SHAPES.length);
  console.log(`${model.name}: ${model.countParams()} weights`);
  model.compile({
    optimizer: tf.optimizers.sgd({ learningRate: 0.02, momentum: 0.9 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  await model.fit(images, labels, { epochs, batchSize: 32, verbose: 2 });
  await saveAndLoad(model, 'resnet', images.slice(0, 8));
}

main();
