import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { expectClose } from '../support/numeric.js';
import type { Package } from '../support/random-graphs.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Layers as activations, and infinite options, with Keras 3's results: see
// scripts/golden/make-keras-activations.py.

interface Values {
  shape: number[];
  values: number[];
}

interface Case {
  name: string;
  /** JSON as Python writes it, with NaN and Infinity. */
  topology: string;
  weights: Values[];
  x: Values;
  y: Values;
  targets?: Values;
  /** The weights after a step of SGD. */
  trained?: Values[];
}

const CASES = JSON.parse(
  readFileSync(path.join(__dirname, 'fixtures', 'keras-activations.json'), 'utf8'),
) as Case[];

const pathOf = temporaryFolder();

const toTensor = ({ shape, values }: Values) => tf.tensor(values, shape);

async function read({ topology, weights }: Case): Promise<tf.LayersModel> {
  const model = await tf.models.modelFromJSON(topology);
  model.setWeights(weights.map(toTensor));
  return model;
}

const predict = (model: tf.LayersModel, x: Values) => model.predict<tf.PendingTensor>(toTensor(x)).dataSync();

describe.each(CASES)('$name', (each) => {
  it('predicts as Keras 3 does, also after saving', async () => {
    const model = await read(each);
    expectClose(predict(model, each.x), each.y.values, { absolute: 2e-6 });
    await model.save(pathOf('model'));
    const again = await tf.loadLayersModel(pathOf('model'));
    expect(predict(again, each.x)).toEqual(predict(model, each.x));
    expect(again.toJSON()).toBe(model.toJSON());
    const copy = await tf.models.modelFromJSON(model.toJSON(null, false));
    expect(copy.toJSON()).toBe(model.toJSON());
  });

  it.skipIf(!each.trained)('trains as Keras 3 does', async () => {
    const model = await read(each);
    model.compile({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
    await model.trainOnBatch(toTensor(each.x), toTensor(each.targets as Values));
    model.getWeights().forEach((weight, i) => {
      expectClose(weight.dataSync(), each.trained?.[i].values as number[], { absolute: 2e-6 });
    });
  });
});

describe('a layer as an activation', () => {
  it('can be given as an option', () => {
    const activation = tf.layers.leakyReLU({ alpha: 0.5 });
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 2, activation, kernelInitializer: 'identity', inputShape: [2] })],
    });
    expect(model.predict(tf.tensor([[-3, 4]])).dataSync()).toEqual(Float32Array.of(-1.5, 4));
    const json = model.toJSON(null, false) as Package;
    expect(json.config.layers[0].config.activation).toMatchObject({
      class_name: 'LeakyReLU',
      config: { alpha: 0.5 },
    });
  });

  const withActivation = (activation: unknown) => ({
    class_name: 'Sequential',
    config: [{ class_name: 'Dense', config: { units: 2, batch_input_shape: [null, 3], activation } }],
  });

  it.each([
    [{ class_name: 'PReLU', config: {} }, 'UNSUPPORTED', /activation of layer 0 is 'PReLU'/],
    [{ class_name: 'function', config: 'swoosh' }, 'UNSUPPORTED', /is 'function'; a name can be loaded/],
    [{ class_name: '__proto__', config: {} }, 'UNSUPPORTED', /is '__proto__'/],
    [{ class_name: 'Sequential', config: [] }, 'UNSUPPORTED', /is 'Sequential'/],
    [{ class_name: 'Dense', config: { units: 2 } }, 'UNSUPPORTED', /is 'Dense'/],
    [{ value: ['4wEA', null, null] }, 'UNSUPPORTED', /is an object of type Object/],
    [{ class_name: 7 }, 'UNSUPPORTED', /is 7/],
    [{ class_name: 'ReLU' }, 'CORRUPT_FILE', /layer 0 has no class_name and config/],
    [{ class_name: 'ReLU', config: { max_value: -1 } }, 'CORRUPT_FILE', /maxValue is -1/],
    [{ class_name: 'ReLU', config: { dtype: 'int8' } }, 'UNSUPPORTED', /dtype 'int8'/],
    [{ class_name: 'Softmax', config: { axis: 3 } }, 'CORRUPT_FILE', /axis is 3/],
    [{ class_name: 'Activation', config: { activation: null } }, 'CORRUPT_FILE', /an Activation of null/],
    [{ class_name: 'Activation', config: {} }, 'CORRUPT_FILE', /an Activation of undefined/],
    [{ class_name: 'Activation', config: { activation: 'swoosh' } }, 'UNSUPPORTED', /'swoosh'/],
    [[], 'CORRUPT_FILE', /activation is \[\]/],
  ] as const)('%j is refused', async (activation, code, message) => {
    await expectError(() => tf.models.modelFromJSON(withActivation(activation)), code, message);
  });

  it('is refused if layers are nested too deeply', async () => {
    let activation: object = { class_name: 'ReLU', config: {} };
    for (let i = 0; i < 10_000; i++) activation = { class_name: 'Activation', config: { activation } };
    await expectError(
      () => tf.models.modelFromJSON(withActivation(activation)),
      'CORRUPT_FILE',
      /more than 128 deep/,
    );
  });
});
