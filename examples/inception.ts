/**
 * An Inception network: branches of different kernel sizes are concatenated (Szegedy et al., "Going deeper
 * with convolutions", 2014). An auxiliary output halfway has a loss weight of 0.3. Trains for a few epochs to
 * classify drawn shapes, and saves and loads the model.
 *
 *     npx tsx examples/inception.ts
 *
 * INCEPTION_EPOCHS sets the number of epochs.
 */
import * as tf from 'convforge';
import { saveAndLoad } from './round-trip.js';
import { drawShapes, SHAPES } from './shapes.js';

const epochs = Number(process.env.INCEPTION_EPOCHS ?? 4);
const size = 48;

function convolve(x: tf.SymbolicTensor, filters: number, kernelSize: number): tf.SymbolicTensor {
  const convolution = tf.layers.conv2d({ filters, kernelSize, padding: 'same', useBias: false });
  const normalized = tf.layers.batchNormalization({ momentum: 0.9 }).apply(convolution.apply(x));
  return tf.layers.activation({ activation: 'relu' }).apply(normalized);
}

/**
 * 1x1, 3x3 and 5x5 convolutions, the larger kernels on fewer channels, and a pooling. Returns 4 * filters
 * channels.
 */
function inceptionBlock(x: tf.SymbolicTensor, filters: number): tf.SymbolicTensor {
  const pooled = tf.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }).apply(x);
  const branches = [
    convolve(x, filters, 1),
    convolve(convolve(x, filters, 1), filters, 3),
    convolve(convolve(x, filters / 2, 1), filters, 5),
    convolve(pooled, filters, 1),
  ];
  return tf.layers.concatenate().apply(branches);
}

function halve(x: tf.SymbolicTensor): tf.SymbolicTensor {
  return tf.layers.maxPooling2d({ poolSize: 2 }).apply(x);
}

/** The scores of the classes. The layer's name is that of the output in compile and in the logs. */
function classify(x: tf.SymbolicTensor, classes: number, name: string): tf.SymbolicTensor {
  const features = tf.layers.globalAveragePooling2d().apply(x);
  return tf.layers.dense({ units: classes, activation: 'softmax', name }).apply(features);
}

function inception(classes: number): tf.LayersModel {
  const images = tf.input({ shape: [size, size, 3] });
  const scaled = tf.layers.rescaling({ scale: 1 / 127.5, offset: -1 }).apply(images);
  const early = inceptionBlock(halve(convolve(scaled, 16, 3)), 16);
  const late = inceptionBlock(halve(inceptionBlock(halve(early), 24)), 32);
  return tf.model({
    inputs: images,
    outputs: [classify(late, classes, 'main'), classify(early, classes, 'auxiliary')],
    name: 'inception',
  });
}

async function main(): Promise<void> {
  tf.setSeed(1);
  const { images, labels } = drawShapes(256, size);
  const model = inception(SHAPES.length);
  console.log(`${model.name}: ${model.countParams()} weights`);
  model.compile({
    optimizer: tf.optimizers.adam({ learningRate: 0.003 }),
    loss: 'sparseCategoricalCrossentropy',
    lossWeights: { main: 1, auxiliary: 0.3 },
    metrics: ['accuracy'],
  });
  await model.fit(images, { main: labels, auxiliary: labels }, { epochs, batchSize: 32, verbose: 2 });
  await saveAndLoad(model, 'inception', images.slice(0, 8));
}

main();
