import '@tensorflow/tfjs-backend-cpu';
import * as tfjs from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import * as tf from '../../../lib/index.js';
import { expectError } from '../../support/convforge-error.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder();

const x = tf.randomNormal([16, 6, 6, 2], 0, 1, 'float32', 1);
const y = tf.oneHot(tf.range(0, 16).mod(3).toInt(), 3);

/** A small net, whose middle is made by operations or by layers. */
function classifier(middle: (image: tf.SymbolicTensor) => tf.SymbolicTensor): tf.Functional {
  tf.setSeed(7);
  const image = tf.input({ shape: [6, 6, 2] });
  const features = tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(image);
  const scores = tf.layers.dense({ units: 3, activation: 'softmax' }).apply(middle(features));
  const net = tf.model({ inputs: image, outputs: scores });
  net.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy' });
  return net;
}

const byOperations = (h: tf.SymbolicTensor) => {
  const wide = tf.concat([h.mul(tf.sigmoid(h)), h.slice([0, 0, 0, 1], [-1, -1, -1, 2])], -1);
  return wide.mean([1, 2]);
};

const byLayers = (h: tf.SymbolicTensor) => {
  const { layers } = tf;
  const gated = layers.multiply().apply([h, layers.activation({ activation: 'sigmoid' }).apply(h)]);
  // A convolution that copies channels 1 and 2, and stays as it is.
  const copy = layers.conv2d({ filters: 2, kernelSize: 1, useBias: false, trainable: false });
  const cut = copy.apply(h);
  copy.setWeights([tf.tensor([0, 0, 1, 0, 0, 1, 0, 0], [1, 1, 4, 2])]);
  return layers.globalAveragePooling2d().apply(layers.concatenate().apply([gated, cut]));
};

it('trains to the losses of the same net by layers', async () => {
  const losses: number[][] = [];
  const nets = [byOperations, byLayers].map(classifier);
  // The layer that copies channels draws a seed, too.
  const [dense, other] = nets.map(({ layers }) => layers[layers.length - 1]);
  other.setWeights(dense.getWeights());
  for (const net of nets) {
    const { history } = await net.fit(x, y, { epochs: 8, batchSize: 8, shuffle: false, verbose: 0 });
    losses.push(history.loss);
  }
  const [own, expected] = losses;
  expect(own.at(-1)).toBeLessThan(own[0]);
  expect(own).toEqual(expected);
});

it('goes on training from a file', async () => {
  const net = classifier((h) => byOperations(h.add(tf.tensor([0.5, -1, 0, 2]))));
  await net.fit(x, y, { epochs: 2, verbose: 0, shuffle: false });
  await net.save(folder('trained'), { includeOptimizer: true });
  const again = await tf.loadLayersModel(folder('trained'));
  expect(again.getConfig()).toEqual(net.getConfig());
  const fits = [];
  for (const each of [net, again])
    fits.push((await each.fit(x, y, { epochs: 2, verbose: 0, shuffle: false })).history.loss);
  expect(fits[1]).toEqual(fits[0]);
  // The tensor is a weight that training leaves as it is.
  const constant = again.layers.find(({ name }) => name.startsWith('add'));
  expect([...(constant?.getWeights()[0].dataSync() ?? [])]).toEqual([0.5, -1, 0, 2]);
});

it('is shared by models, also after one of them is disposed of', async () => {
  const image = tf.input({ shape: [3] });
  const shifted = image.add(tf.tensor([1, 2, 3]));
  const first = tf.model({ inputs: image, outputs: shifted });
  const second = tf.model({ inputs: image, outputs: shifted.square() });
  const ones = tf.ones([1, 3]);
  expect([...first.predict(ones).dataSync()]).toEqual([2, 3, 4]);
  expect([...second.predict(ones).dataSync()]).toEqual([4, 9, 16]);
  first.dispose();
  expect([...second.predict(ones).dataSync()]).toEqual([4, 9, 16]);
});

it('has the names of functions in the summary', () => {
  const image = tf.input({ shape: [3] });
  const lines: string[] = [];
  const outputs = image.mul(image).mul(2).leakyRelu();
  tf.model({ inputs: image, outputs }).summary(80, undefined, (line) => lines.push(line));
  for (const name of ['mul_1', 'mul_2', 'leaky_relu_1'])
    expect(lines.some((line) => line.startsWith(`${name} (Operation)`))).toBe(true);
});

it('is refused by TF.js, which names the class', async () => {
  const image = tf.input({ shape: [3] });
  const { modelTopology } = {
    modelTopology: tf.model({ inputs: image, outputs: image.mul(2) }).toJSON(null, false),
  };
  await expect(tfjs.models.modelFromJSON({ modelTopology } as never)).rejects.toThrow(
    /Unknown layer: Operation/,
  );
});

it('refuses what would mix samples', async () => {
  const image = tf.input({ shape: [4, 3] });
  await expectError(() => image.sum(), 'UNSUPPORTED', /all axes, the batch too/);
  await expectError(() => image.reverse(0), 'UNSUPPORTED', /axis 0, the batch/);
  await expectError(() => image.transpose(), 'UNSUPPORTED', /axis 0 is the batch/);
  await expectError(() => tf.topk(image as never), 'UNSUPPORTED', /value of a model/);
});
