/**
 * ResNet-18 in its form for small images (tf.applications.resnet18). Trains for a few epochs to classify drawn
 * shapes, and saves and loads the model.
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

async function main(): Promise<void> {
  tf.setSeed(1);
  const { images, labels } = drawShapes(256, size);
  const model = tf.applications.resnet18({ inputShape: [size, size, 3], classes: SHAPES.length, width });
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
