import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { loadInTfjs } from '../support/tfjs-files.js';

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

it.each(['silu', 'swish'] as const)('the activation %s is swish', async (activation) => {
  expect(await written(tf.layers.dense({ inputShape: [3], units: 2, activation }))).toMatchObject({
    activation: 'swish',
  });
  expect(await written(tf.layers.activation({ inputShape: [3], activation }))).toMatchObject({
    activation: 'swish',
  });
});
