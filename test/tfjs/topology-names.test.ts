import { readFile } from 'node:fs/promises';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { loadInTfjs, saveFromTfjs } from '../support/tfjs-files.js';

const pathOf = temporaryFolder();

/** The config of a layer in the file, which TF.js must read. */
async function written(layer: tf.layers.Layer): Promise<Record<string, unknown>> {
  await tf.sequential({ layers: [layer] }).save(pathOf('model'));
  await loadInTfjs(pathOf('model'));
  const json = JSON.parse(await readFile(pathOf('model/model.json'), 'utf8'));
  return json.modelTopology.config.layers[0].config;
}

it.each([
  ['l1', tf.regularizers.l1({ l1: 0.5 }), { l1: 0.5, l2: 0 }],
  ['l2', tf.regularizers.l2({ l2: 0.25 }), { l1: 0, l2: 0.25 }],
  ['l1l2', tf.regularizers.l1l2({ l1: 0.5, l2: 0.25 }), { l1: 0.5, l2: 0.25 }],
  ["'l2'", 'l2', { l1: 0, l2: 0.01 }],
] as const)('the regularizer %s is L1L2', async (_name, regularizer, config) => {
  const options = { inputShape: [3], units: 2, kernelRegularizer: regularizer, biasRegularizer: regularizer };
  expect(await written(tf.layers.dense(options))).toMatchObject({
    kernel_regularizer: { class_name: 'L1L2', config },
    bias_regularizer: { class_name: 'L1L2', config },
  });
});

it.each(['silu', 'swish'] as const)('the activation %s is saved as swish', async (activation) => {
  expect(await written(tf.layers.dense({ inputShape: [3], units: 2, activation }))).toMatchObject({
    activation: 'swish',
  });
  expect(await written(tf.layers.activation({ inputShape: [3], activation }))).toMatchObject({
    activation: 'swish',
  });
});

it('a truncated normal distribution is saved as normal', async () => {
  const kernelInitializer = tf.initializers.varianceScaling({ distribution: 'truncatedNormal' });
  const config = await written(tf.layers.dense({ inputShape: [3], units: 2, kernelInitializer }));
  expect(config.kernel_initializer).toMatchObject({ config: { distribution: 'normal' } });
});

it("a reshape's unknown size is saved as known, and loaded as unknown", async () => {
  const x = tf.input({ shape: [2, 6] });
  const y = tf.layers.flatten().apply(tf.layers.reshape({ targetShape: [3, -1], name: 'r' }).apply(x));
  const model = tf.model({ inputs: x, outputs: tf.layers.dense({ units: 1 }).apply(y) });
  await model.save(pathOf('model'));
  const theirs = await loadInTfjs(pathOf('model'));
  expect(theirs.getLayer('r').outputShape).toEqual([null, 3, 4]);
  const loaded = await tf.loadLayersModel(pathOf('model'));
  expect(loaded.getLayer('r').getConfig()).toEqual({ name: 'r', targetShape: [3, -1] });
});

it("a reshape's unknown size stays unknown if it gives two shapes", async () => {
  const reshape = tf.layers.reshape({ targetShape: [-1] });
  const inputs = [tf.input({ shape: [2, 3] }), tf.input({ shape: [2, 2] })];
  const model = tf.model({ inputs, outputs: inputs.map((input) => reshape.apply(input)) });
  await model.save(pathOf('model'));
  const loaded = await tf.loadLayersModel(pathOf('model'));
  expect(loaded.outputs.map(({ shape }) => shape)).toEqual([
    [null, 6],
    [null, 4],
  ]);
});

it('an embedding of TF.js accepts its actual input, whatever shape is saved', async () => {
  const x = tfjsLayers.input({ shape: [3, 2] });
  const y = tfjsLayers.layers.embedding({ inputDim: 5, outputDim: 4 }).apply(x);
  await saveFromTfjs(
    tfjsLayers.model({ inputs: x, outputs: y as tfjsLayers.SymbolicTensor }),
    pathOf('theirs'),
  );
  const ours = await tf.loadLayersModel(pathOf('theirs'));
  expect(ours.outputs[0].shape).toEqual([null, 3, 2, 4]);
});
