import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A graph model that TF.js's converter made of a SavedModel of Keras, with Keras's answers. */
const CASES = join(__dirname, '..', 'io', 'keras', 'cases');
const FOLDER = join(CASES, 'graph_mobile_graph');

interface Values {
  name: string;
  shape: number[];
  values: number[];
}

const { inputs, outputs, tolerance } = JSON.parse(readFileSync(join(CASES, 'graph_mobile.json'), 'utf8')) as {
  inputs: Values[];
  outputs: Values[];
  tolerance: number;
};
const image = tf.tensor(inputs[0].values, inputs[0].shape);

function expectOutputs(given: readonly tf.Tensor[]): void {
  expect(given.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
  for (const [i, { values }] of outputs.entries()) {
    const got = given[i].dataSync();
    expect(Math.max(...values.map((value, j) => Math.abs(value - got[j])))).toBeLessThan(tolerance);
  }
}

const pathOf = temporaryFolder();

describe('a graph model of Keras', () => {
  it('predicts as Keras does, with the outputs of its signature', async () => {
    const model = await tf.loadGraphModel(`file://${FOLDER}/model.json`);
    expectOutputs(model.predict<tf.PendingTensors>(image));
    expectOutputs(model.predict<tf.PendingTensors>({ 'image:0': image }));
    expectOutputs((await model.executeAsync({ image }, ['classes', 'Identity_1'])) as tf.Tensor[]);
    expect(model.inputs).toEqual([{ name: 'image', shape: [null, 12, 12, 3], dtype: 'float32' }]);
    expect(model.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['Identity', [null, 3]],
      ['Identity_1', [null, 6]],
    ]);
    expect([model.inputNodes, model.outputNodes]).toEqual([['image'], ['Identity', 'Identity_1']]);
    expect(model.modelVersion).toBe('2.21.0');
    expect(Object.keys(model.modelSignature as object)).toEqual(['inputs', 'outputs']);
  });

  it('computes what single nodes do, and says which it can not', async () => {
    const model = await tf.loadGraphModel(FOLDER);
    const prefix = 'StatefulPartitionedCall/functional_1';
    const relu = (await model.executeAsync(image, `${prefix}/re_lu_1_2/Relu6`)) as tf.Tensor;
    expect(relu.shape).toEqual([2, 3, 3, 4]);
    expect(Math.min(...relu.dataSync())).toBe(0);
    const within = () => model.execute(image, `${prefix}/depthwise_conv2d_1/depthwise`);
    await expectError(
      within,
      'UNSUPPORTED',
      /depthwise_conv2d_1\/depthwise.* computed within the layer of a later node/,
    );
    await expectError(() => model.execute(image, 're_lu'), 'INVALID_ARGUMENT', /there is no node 're_lu'/);
  });

  it('gives layers to loadModel, which train and are saved', async () => {
    const model = await tf.loadModel(FOLDER);
    expect(model.signature.outputs.map(({ name }) => name)).toEqual(['classes', 'features']);
    expect(model.layers.map(({ name }) => name)).toEqual([
      'image',
      're_lu_1/Relu6',
      'batch_normalization_1_2/batchnorm/add_1',
      're_lu_1_2/Relu6',
      'batch_normalization_2_1/batchnorm/add_1',
      'features',
      'dense_1/BiasAdd',
      'classes',
    ]);
    expect(model.layers.map((layer) => layer.getClassName())).toEqual([
      'InputLayer',
      'Conv2D',
      'DepthwiseConv2D',
      'Activation',
      'Conv2D',
      'GlobalAveragePooling2D',
      'Dense',
      'Softmax',
    ]);
    const dir = pathOf('saved');
    await model.save(dir);
    expectOutputs((await tf.loadLayersModel(dir)).predict<tf.PendingTensors>(image));
    model.compile({
      optimizer: tf.optimizers.adam({ learningRate: 0.01 }),
      loss: { classes: 'sparseCategoricalCrossentropy' },
    });
    const y = { classes: tf.tensor([0, 2]) };
    const { history } = await model.fit(image, y, { epochs: 20, verbose: 0 });
    expect(history.loss[19]).toBeLessThan((history.loss[0] as number) / 2);
  });
});
