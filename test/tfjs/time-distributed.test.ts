import * as tfjs from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { expectTfjsReads, expectWeRead } from '../support/tfjs-files.js';
import { values } from '../support/tiny.js';

const path = temporaryFolder();

/** The same model for both packages: a layer on each frame, a normalization, then a model on each frame. */
function film(lib: typeof tf | typeof tfjs) {
  const { layers, sequential } = lib as typeof tf;
  const inner = sequential({
    layers: [layers.dense({ units: 3, inputShape: [16] }), layers.dense({ units: 2 })],
  });
  const model = sequential();
  model.add(
    layers.timeDistributed({
      layer: layers.conv2d({ filters: 4, kernelSize: 2, activation: 'relu' }),
      inputShape: [3, 3, 3, 2],
    }),
  );
  model.add(layers.timeDistributed({ layer: layers.batchNormalization() }));
  model.add(layers.timeDistributed({ layer: layers.flatten() }));
  model.add(layers.timeDistributed({ layer: inner }));
  return model;
}

describe('timeDistributed', () => {
  it('is saved so that TF.js computes the same', async () => {
    await expectTfjsReads(film(tf), path('ours'));
  });

  it('loads as TF.js saves it', async () => {
    const ours = await expectWeRead(film(tfjs) as unknown as tfjs.LayersModel, path('theirs'));
    await ours.save(path('again'));
    const again = await tf.loadLayersModel(path('again'));
    expect(values(again.getWeights())).toEqual(values(ours.getWeights()));
    expect(again.getConfig()).toEqual(ours.getConfig());
  });

  it("keeps TF.js's formulas for its layer", async () => {
    const theirs = tfjs.sequential({
      layers: [
        tfjs.layers.timeDistributed({
          layer: tfjs.layers.dense({ units: 3, activation: 'hardSigmoid' }),
          inputShape: [2, 4],
        }),
      ],
    });
    const ours = await expectWeRead(theirs, path('formulas'));
    await ours.save(path('formulas-again'));
    const again = await tf.loadLayersModel(path('formulas-again'));
    const x = tf.randomUniform([2, 2, 4], -3, 3, 'float32', 1);
    expect(values([await again.predict(x)])).toEqual(values([await ours.predict(x)]));
  });
});
