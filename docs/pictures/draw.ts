/**
 * Draws the pictures of docs/convolutional-networks.md into docs/pictures. The trained network's take some
 * seconds and Fashion-MNIST.
 *
 *     npx tsx docs/pictures/draw.ts
 */
import { join } from 'node:path';
import * as tf from 'convforge';
import * as matrices from './matrices.js';
import { designedFilters, lenet, shapes } from './network.js';

const EPOCHS = 5;

async function save(name: string, svg: string): Promise<void> {
  await tf.report.write(join(__dirname, `${name}.svg`), svg);
}

async function main(): Promise<void> {
  await save('convolution', matrices.convolution());
  await save('stride', matrices.stride());
  await save('padding', matrices.padding());
  await save('relu', matrices.relu());
  await save('pooling', matrices.pooling());
  await save('output-size', matrices.outputSize());

  tf.setSeed(1);
  const { train, test } = await tf.datasets.fashionMnist({ log: console.log });
  const model = lenet();
  await save('lenet', shapes(model));
  const boot = test.images.slice(0, 1);
  await save('designed-filters', await designedFilters(boot.squeeze([0])));

  const { history } = await model.fit(train.images, train.labels, {
    epochs: EPOCHS,
    batchSize: 128,
    validationData: [test.images, test.labels],
    verbose: 2,
  });
  const accuracy = { title: 'Accuracy on Fashion-MNIST', xLabel: 'epoch', yLabel: 'accuracy' };
  const series = { training: history.acc, test: history.val_acc };
  const curves = Object.entries(series).map(([name, y]) => ({ name, y }));
  await save('accuracy', await tf.report.lineChart({ ...accuracy, series: curves, width: 560, height: 320 }));
  await save(
    'filters',
    await tf.report.filters(model.getLayer('conv1'), { title: 'Filters of conv1', width: 640 }),
  );
  const shown = { title: 'Feature maps of an ankle boot', layers: ['conv1', 'pool1', 'conv2'], width: 640 };
  await save('feature-maps', await tf.report.featureMaps(model, boot, shown));
}

main();
