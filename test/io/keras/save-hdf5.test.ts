import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Hdf5Group, openHdf5 } from '../../../lib/io/hdf5.js';
import * as tf from '../../../lib/index.js';
import { expectError } from '../../support/convforge-error.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { CASES, checkLosses, checkOutputs, namesWith, OPTIMIZERS, readJson, type Values } from './cases.js';

const path = temporaryFolder();

describe("model.save('m.h5')", () => {
  // Keras 3.15 and tf-keras 2.21 load these files, and predict the same; Keras 3 none with a model in a model.
  it.each([
    'tutorial_adam.keras',
    'any_size.keras',
    'conv1d_signal.keras',
    'frozen_backbone_rmsprop.keras',
    'keras2_functional_frozen.h5',
    'residual_sgd.keras',
    'two_in_two_out_adamw.keras',
  ])('keeps predictions: %s', async (name) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const loaded = await tf.loadModel(join(CASES, name));
    await loaded.save(path('m.h5'));
    const { inputs } = readJson<{ inputs: Values[] }>(join(CASES, name.replace(/\.\w+$/, '.json')));
    const given = inputs.map(({ shape, values }) => tf.tensor(values, shape));
    const outputs = [loaded.predict(given.length > 1 ? given : given[0])].flat() as tf.Tensor[];
    const wanted = outputs.map((each) => ({ shape: [...each.shape], values: [...each.dataSync()] }));
    checkOutputs(await tf.loadModel(path('m.h5')), inputs, wanted, 1e-6);
  });

  // scripts/files/exchange-keras.mjs has tf-keras train on.
  it.each(namesWith(OPTIMIZERS, '.keras').filter((name) => !/lion|accumulated/.test(name)))(
    "keeps compile settings and the optimizer's state: %s",
    async (name) => {
      const { inputs, targets, losses } = readJson<{ inputs: Values; targets: Values; losses: number[] }>(
        join(OPTIMIZERS, `${name}.json`),
      );
      const model = await tf.loadModel(join(OPTIMIZERS, `${name}.keras`));
      await model.save(path('m.h5'), { includeOptimizer: true });
      await checkLosses(await tf.loadModel(path('m.h5')), [inputs], [targets], losses);
    },
  );

  it('keeps layers that compute by formulas of Keras 2', async () => {
    const given = join(CASES, 'keras2_formulas.h5');
    const { inputs, outputs } = readJson<{ inputs: Values[]; outputs: Values[] }>(
      given.replace('.h5', '.json'),
    );
    const model = await tf.loadModel(given);
    await expectError(() => model.save(path('m.keras')), 'UNSUPPORTED', /'hard' \(.*'conv' \(it computes/);
    await model.save(path('m.h5'));
    checkOutputs(await tf.loadModel(path('m.h5')), inputs, outputs, 1e-5);
    await model.save(path('folder'));
    checkOutputs(await tf.loadModel(path('folder')), inputs, outputs, 1e-5);
  });

  it("has Keras 2's attributes and names of weights", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'first', units: 2, inputShape: [3] }),
        tf.layers.leakyReLU({ name: 'leaky', alpha: 0.1 }),
      ],
    });
    const { modelArtifactsInfo } = (await model.save(path('m.h5'))) as {
      modelArtifactsInfo: { weightDataBytes: number };
    };
    expect(modelArtifactsInfo.weightDataBytes).toBe(readFileSync(path('m.h5')).length);
    const { root, close } = await openHdf5(readFileSync(path('m.h5')), 'm.h5');
    const config = JSON.parse(root.attributes.get('model_config') as string);
    expect(config.config.layers.map((each: { config: object }) => each.config)).toMatchObject([
      { batch_input_shape: [null, 3], name: 'first_input' },
      { units: 2, name: 'first' },
      { alpha: 0.1, name: 'leaky' },
    ]);
    const weights = root.children.get('model_weights') as Hdf5Group;
    expect(weights.attributes.get('layer_names')).toEqual(['first', 'leaky']);
    const first = weights.children.get('first') as Hdf5Group;
    expect(first.attributes.get('weight_names')).toEqual(['first/kernel:0', 'first/bias:0']);
    close();
  });

  it('refuses operations, other formulas, and what Keras 2 lacks', async () => {
    const x = tf.input({ shape: [4, 4, 3], name: 'x' });
    const outputs = [
      tf.mul(x, 2),
      tf.layers.randomContrast({ name: 'tone', factor: 0.1, valueRange: [0, 1] }).apply(x),
      tf.layers.activation({ name: 'hard', activation: 'hardSigmoid' }).apply(x),
    ];
    const model = tf.model({ inputs: x, outputs });
    await expectError(
      () => model.save(path('m.h5')),
      'UNSUPPORTED',
      /Keras 2 can't .*'mul\S*' \(it is an op.*'tone' \(.*\[0, 255\].*'hard' \(.*save to \.keras/,
    );
    const dense = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    dense.compile({ loss: 'meanSquaredError', optimizer: 'lion' });
    await expectError(
      () => dense.save(path('m.h5'), { includeOptimizer: true }),
      'UNSUPPORTED',
      /Keras 2 has no Lion/,
    );
    await expectError(() => dense.save(path('m.weights.h5')), 'UNSUPPORTED', /\.h5 format/);
    await dense.save(path('m.h5'));
  });
});
