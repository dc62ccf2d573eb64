/**
 * A U-Net, which classifies each pixel: an encoder and a decoder, whose levels are joined by concatenation
 * (Ronneberger et al., "U-Net: convolutional networks for biomedical image segmentation", 2015). Trains for a
 * few epochs on drawn shapes, and saves and loads the model.
 *
 *     npx tsx examples/unet.ts
 *
 * UNET_EPOCHS sets the number of epochs. Writes convforge-out/unet.png: an image, its mask and the predicted
 * mask.
 */
import { writeFile } from 'node:fs/promises';
import * as tf from 'convforge';
import { saveAndLoad } from './round-trip.js';
import { drawShapes, SHAPES } from './shapes.js';

const epochs = Number(process.env.UNET_EPOCHS ?? 6);
const size = 48;
const levels = [16, 32, 64];

/** Two 3x3 convolutions, each with batch normalization. */
function convolveTwice(x: tf.SymbolicTensor, filters: number): tf.SymbolicTensor {
  let y = x;
  for (let i = 0; i < 2; i++) {
    const convolution = tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false });
    const normalized = tf.layers.batchNormalization({ momentum: 0.9 }).apply(convolution.apply(y));
    y = tf.layers.activation({ activation: 'relu' }).apply(normalized);
  }
  return y;
}

function unet(classes: number): tf.LayersModel {
  const images = tf.input({ shape: [size, size, 3] });
  let x = tf.layers.rescaling({ scale: 1 / 127.5, offset: -1 }).apply(images);
  const skips: tf.SymbolicTensor[] = [];
  for (const filters of levels.slice(0, -1)) {
    x = convolveTwice(x, filters);
    skips.push(x);
    x = tf.layers.maxPooling2d({ poolSize: 2 }).apply(x);
  }
  x = convolveTwice(x, levels[levels.length - 1]);
  for (const filters of levels.slice(0, -1).reverse()) {
    const up = tf.layers.conv2dTranspose({ filters, kernelSize: 2, strides: 2, padding: 'same' }).apply(x);
    x = convolveTwice(tf.layers.concatenate().apply([skips.pop() as tf.SymbolicTensor, up]), filters);
  }
  const outputs = tf.layers.conv2d({ filters: classes, kernelSize: 1, activation: 'softmax' }).apply(x);
  return tf.model({ inputs: images, outputs, name: 'unet' });
}

/** An image, its mask and the predicted class of each pixel, side by side in grey. */
async function draw(model: tf.LayersModel, images: tf.Tensor, masks: tf.Tensor): Promise<void> {
  const image = images.slice(0, 1);
  const scores = await model.predict(image);
  const grey = [
    image.cast('float32').mean(-1),
    masks.slice(0, 1).cast('float32').mul(60),
    scores.argMax(-1).cast('float32').mul(60),
  ];
  const row = tf.concat(grey, 2).reshape([size, 3 * size, 1]);
  await writeFile('convforge-out/unet.png', await tf.node.encodePng(row));
}

async function main(): Promise<void> {
  tf.setSeed(1);
  const { images, masks } = drawShapes(256, size);
  const model = unet(1 + SHAPES.length);
  console.log(`${model.name}: ${model.countParams()} weights`);
  model.compile({
    optimizer: tf.optimizers.adam({ learningRate: 0.003 }),
    loss: 'sparseCategoricalCrossentropy', // the mean over an image's pixels
    metrics: ['accuracy'],
  });
  await model.fit(images, masks, { epochs, batchSize: 16, verbose: 2 });
  await saveAndLoad(model, 'unet', images.slice(0, 8));
  await draw(model, images, masks);
}

main();
