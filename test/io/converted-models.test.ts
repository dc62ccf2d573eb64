import * as tfjs from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { io, type LayersModel, layers, loadLayersModel, model, setSeed, tensor } from '../../lib/index.js';
import { smallInception, smallMobileNet, smallUpscaler } from '../support/converted-models.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Given, predictInOurs, predictInTfjs, someSamples } from '../support/tfjs-files.js';

// Models like those of npm packages: @upscalerjs/default-model, and MobileNetV2 and InceptionV3 of nsfwjs.

const pathOf = temporaryFolder();

/** The largest difference, as a share of the range of TF.js's outputs. */
const TOLERANCE = 1e-5;

function expectSame(ours: LayersModel, theirs: tfjs.LayersModel, x: readonly Given[]): void {
  const [values] = predictInOurs(ours, x);
  const [expected] = predictInTfjs(theirs, x);
  expect(values).toHaveLength(expected.length);
  const range = Math.max(...expected) - Math.min(...expected);
  expect(range).toBeGreaterThan(0.01);
  const differences = values.map((value, i) => Math.abs(value - expected[i]));
  expect(Math.max(...differences)).toBeLessThan(TOLERANCE * range);
}

describe.each([
  ['MobileNetV2', smallMobileNet, 'block_2_add', [[16, 16, 3]]],
  ['InceptionV3', smallInception, 'mixed0', [[13, 13, 3]]],
  [
    'the upscaler',
    smallUpscaler,
    'LRL_1',
    [
      [4, 5, 3],
      [9, 1, 3],
    ],
  ],
])('%s in small', (_name, make, cut, shapes) => {
  const samples = shapes.map((shape) => someSamples([shape], 4));

  it('predicts what TF.js predicts', async () => {
    const artifacts = make();
    const ours = await loadLayersModel(io.fromMemory(artifacts));
    const theirs = await tfjs.loadLayersModel(io.fromMemory(artifacts));
    for (const x of samples) expectSame(ours, theirs, x);
    expect(ours.layers.map(({ name }) => name)).toEqual(theirs.layers.map(({ name }) => name));
  });

  it('serves as frozen base of a new model, which TF.js reads', async () => {
    setSeed(1);
    const base = await loadLayersModel(io.fromMemory(make()));
    base.trainable = false;
    const body = model({ inputs: base.inputs, outputs: base.getLayer(cut).output });
    const pooled = layers.globalAveragePooling2d({ name: 'pooled' }).apply(body.outputs[0]);
    const head = layers.dense({ units: 2, activation: 'softmax', name: 'head' }).apply(pooled);
    const tuned = model({ inputs: body.inputs, outputs: head });
    tuned.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const before = body.getWeights().map((weight) => [...weight.dataSync()]);
    const [[{ values, shape }]] = samples;
    const { history } = await tuned.fit(tensor([...values], [...shape]), [0, 1, 1, 0], {
      epochs: 5,
      verbose: 0,
    });
    expect(history.loss[4]).toBeLessThan(history.loss[0]);
    expect(body.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
    await tuned.save(pathOf('tuned'), { includeOptimizer: true });
    const theirs = await tfjs.loadLayersModel(io.fileSystem(pathOf('tuned')));
    const again = await loadLayersModel(pathOf('tuned'));
    for (const x of samples) {
      expectSame(tuned, theirs, x);
      expect(predictInOurs(again, x)).toEqual(predictInOurs(tuned, x));
    }
  });
});
