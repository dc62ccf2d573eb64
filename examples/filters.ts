/**
 * Draws the filters of a network before and after training, and its feature maps of an image. The network is
 * a small LeNet, trained for one epoch on a part of Fashion-MNIST.
 *
 *     npx tsx examples/filters.ts
 *
 * FILTERS_IMAGES is the number of training images. Writes convforge-out/filters.html.
 */
import * as tf from 'convforge';

const images = Number(process.env.FILTERS_IMAGES ?? 10_000);

function lenet(classes: number): tf.LayersModel {
  return tf.sequential({
    name: 'small-lenet',
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
      tf.layers.conv2d({ filters: 8, kernelSize: 5, activation: 'relu', name: 'edges' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu', name: 'parts' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
}

async function main(): Promise<void> {
  tf.setSeed(1);
  const { train, test, classNames } = await tf.datasets.fashionMnist({ log: console.log });
  const model = lenet(classNames.length);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });

  const edges = model.getLayer('edges');
  const before = await tf.report.filters(edges, { title: 'Filters before training' });
  await model.fit(train.images.slice(0, images), train.labels.slice(0, images), { epochs: 1, verbose: 2 });
  const after = await tf.report.filters(edges, { title: 'Filters after training' });

  const maps = await tf.report.featureMaps(model, test.images.slice(0, 1)); // an ankle boot
  const page = await tf.report.page({ title: 'Filters and feature maps', figures: [before, after, maps] });
  await tf.report.write('convforge-out/filters.html', page);
  console.log('Filters and feature maps: convforge-out/filters.html');
}

main();
