import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { initializers, layers, type LayersModel, loadModel, sequential, zeros } from '../../../lib/index.js';
import { expectError } from '../../support/convforge-error.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { CASES, checkLosses, checkOutputs, OPTIMIZERS, readJson, type Values } from './cases.js';

const path = temporaryFolder();

interface Case {
  inputs: Values[];
  outputs: Values[];
  tolerance: number;
  training: { targets: Values[]; losses: number[] };
}

/** The model of a file, with weights of zeros. */
async function emptied(file: string): Promise<LayersModel> {
  const model = await loadModel(join(CASES, file));
  model.setWeights(model.getWeights().map(({ shape }) => zeros(shape)));
  return model;
}

describe('model.loadWeights', () => {
  it.each([
    ['tutorial_adam.keras', 'tutorial_adam.weights.h5'],
    ['tutorial_adam.keras', 'tutorial_adam.keras'],
    ['tutorial_adam.keras', 'tutorial_adam.h5'],
    ['keras2_adam.keras', 'keras2_adam_weights.h5'],
    ['keras2_adam.keras', 'keras2_adam.h5'],
    ['frozen_backbone_rmsprop.keras', 'frozen_backbone_rmsprop.keras'],
    ['keras2_functional_frozen.keras', 'keras2_functional_frozen.h5'],
    ['preprocessing.keras', 'preprocessing.keras'],
    ['storage.keras', '../../fixtures/hdf5/storage_gzip.weights.h5'],
    ['storage.keras', '../../fixtures/hdf5/storage_new.weights.h5'],
  ])('%s takes those of %s', async (file, weights) => {
    const { inputs, outputs, tolerance } = readJson<Case>(join(CASES, file.replace('.keras', '.json')));
    const model = await emptied(file);
    await model.loadWeights(join(CASES, weights));
    checkOutputs(model, inputs, outputs, tolerance);
  });

  it("goes back to the optimizer's state of the file", async () => {
    const { inputs, training } = readJson<Case>(join(CASES, 'tutorial_adam.json'));
    const model = await loadModel(join(CASES, 'tutorial_adam.keras'));
    await checkLosses(model, inputs, training.targets, training.losses);
    await model.loadWeights(readFileSync(join(CASES, 'tutorial_adam.weights.h5')));
    await checkLosses(model, inputs, training.targets, training.losses);
  });

  it('takes what saveWeights wrote', async () => {
    const { inputs, targets, losses } = readJson<{ inputs: Values; targets: Values; losses: number[] }>(
      join(OPTIMIZERS, 'nadam.json'),
    );
    const model = await loadModel(join(OPTIMIZERS, 'nadam.keras'));
    await model.saveWeights(path('m.weights.h5'));
    await checkLosses(model, [inputs], [targets], losses);
    await model.loadWeights(path('m.weights.h5'));
    await checkLosses(model, [inputs], [targets], losses);
  });

  it("leaves out a state that doesn't fit, with a warning", async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = await emptied('tutorial_adam.keras');
    model.compile({ optimizer: 'adagrad', loss: 'categoricalCrossentropy' });
    await model.loadWeights(join(CASES, 'tutorial_adam.weights.h5'));
    expect(warned.mock.calls.flat().join()).toMatch(/adagrad has 8 arrays.*without the optimizer's state/);
    warned.mockRestore();
  });

  it('takes layers by their names alone', async () => {
    const [first] = (await loadModel(join(CASES, 'keras2_adam.keras'))).layers.filter(
      ({ stores }) => stores.length > 0,
    );
    const [, height, width, channels] = (await loadModel(join(CASES, 'keras2_adam.keras'))).inputs[0].shape;
    const kernel = first.getWeights()[0];
    const [size, , , filters] = kernel.shape;
    const model = sequential({
      layers: [
        layers.conv2d({
          name: first.name,
          filters,
          kernelSize: size,
          inputShape: [height, width, channels] as [number, number, number],
        }),
        layers.flatten(),
        layers.dense({ name: 'own', units: 2, kernelInitializer: initializers.ones() }),
      ],
    });
    await model.loadWeights(join(CASES, 'keras2_adam_weights.h5'), { byName: true });
    expect(model.layers[0].getWeights()[0].dataSync()).toEqual(kernel.dataSync());
    expect(new Set(model.getLayer('own').getWeights()[0].dataSync())).toEqual(new Set([1]));
  });

  it('is a method of the package, too', async () => {
    const tf = await import('../../../lib/main.js');
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    await model.loadWeights(join(CASES, '../../fixtures/hdf5/bfloat16.weights.h5'));
    expect(model.getWeights()[0].dataSync()[0]).toBe(0.515625);
  });

  it('reads bfloat16', async () => {
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    await model.loadWeights(join(CASES, '../../fixtures/hdf5/bfloat16.weights.h5'));
    expect([...model.getWeights()[0].dataSync()]).toEqual([
      0.515625, 0.3046875, 0.390625, -0.9921875, -0.890625, 0.8515625,
    ]);
  });

  it("names what doesn't fit, and keeps the weights", async () => {
    const own = (units: number, name = 'dense') =>
      sequential({ layers: [layers.dense({ name, units, inputShape: [3] })], name: 'own' });
    const model = own(2);
    const before = model.getWeights()[0].dataSync();
    const load =
      (file: string, options = {}) =>
      () =>
        model.loadWeights(file, options);
    await own(4).saveWeights(path('m.weights.h5'));
    await expectError(
      load(path('m.weights.h5')),
      'CORRUPT_FILE',
      /kernel of 'dense' is \[3, 4\], but .* \[3, 2\]/,
    );
    await expectError(
      load(path('m.weights.h5'), { byName: true }),
      'UNSUPPORTED',
      /Keras 3 stores no names of layers/,
    );
    const keras2 = join(CASES, 'keras2_adam_weights.h5');
    await expectError(
      load(keras2),
      'CORRUPT_FILE',
      /weights of \d layers .* 'own' has 1 \(dense\); with byName/,
    );
    await expectError(load(keras2, { byName: true }), 'CORRUPT_FILE', /no layer in it has the name/);
    await expectError(load(join(CASES, 'tutorial_adam.json')), 'CORRUPT_FILE', /no HDF5 file/);
    await expectError(load(path('none.h5')), 'IO_ERROR', /none\.h5/);
    await expectError(load(path('m.weights.h5'), { by_name: true }), 'UNKNOWN_OPTION', /byName/);
    expect(model.getWeights()[0].dataSync()).toEqual(before);
  });
});
