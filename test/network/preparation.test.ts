import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import { SlicedWork } from '../../lib/program/sliced-work.js';
import { refusal } from '../support/engine-runs.js';

// Models of many weights: their first use draws and copies them in slices.

const UNITS = 600;

beforeEach(() => tf.setSeed(7));

function large(): tf.Sequential {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: UNITS, inputShape: [UNITS] }), tf.layers.dense({ units: 2 })],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}

const x = tf.ones([3, UNITS]);
const y = tf.ones([3, 2]);
const values = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => Array.from(tensor.dataSync()));

/** Resolves to whether the event loop ran before `promise` settled. */
async function leavesLoopFree(promise: PromiseLike<unknown>): Promise<boolean> {
  let turns = 0;
  let settled = false;
  const count = () => {
    turns++;
    if (!settled) setImmediate(count);
  };
  setImmediate(count);
  await promise;
  settled = true;
  return turns > 3;
}

test('the first prediction leaves the event loop free, and is that of a model used at once', async () => {
  const model = large();
  const predicting = model.predict(x) as tf.Tensor & PromiseLike<tf.Tensor>;
  expect(await leavesLoopFree(predicting)).toBe(true);
  tf.setSeed(7);
  const other = large();
  other.getWeights();
  const expected = (other.predict(x) as tf.Tensor).dataSync();
  expect((await predicting).dataSync()).toEqual(expected);
});

test('dataSync finishes at once what is left to prepare', () => {
  const model = large();
  const [first, second] = [model.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor];
  expect(second.dataSync()).toEqual(first.dataSync());
});

test('weights set after a prediction was started are seen by the next one only', async () => {
  const model = large();
  const before = model.predict(x) as tf.Tensor;
  model.setWeights(model.getWeights().map((weight) => tf.zeros(weight.shape)));
  const after = model.predict(x) as tf.Tensor;
  expect(Math.abs(before.dataSync()[0])).toBeGreaterThan(0);
  expect(Array.from(after.dataSync())).toEqual(Array(6).fill(0));
});

test('weights of a layer set while its model is prepared are not lost', async () => {
  const model = large();
  const predicting = model.predict(x);
  model.layers[1].setWeights([tf.zeros([UNITS, 2]), tf.ones([2])]);
  await predicting;
  expect(Array.from(((await model.predict(x)) as tf.Tensor).dataSync())).toEqual(Array(6).fill(1));
  expect(values(model.layers[1].getWeights())[1]).toEqual([1, 1]);
});

test('fit, evaluate, trainOnBatch and save prepare a model that nothing has used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'preparation-'));
  const runs: [string, (model: tf.Sequential) => PromiseLike<unknown>][] = [
    ['fit', (model) => model.fit(x, y, { verbose: 0 })],
    ['evaluate', (model) => model.evaluate(x, y) as tf.Tensor & PromiseLike<tf.Tensor>],
    ['trainOnBatch', (model) => model.trainOnBatch(x, y)],
    ['save', (model) => model.save(folder)],
    ['getWeightsAsync', (model) => model.getWeightsAsync()],
  ];
  for (const [name, run] of runs) expect(await leavesLoopFree(run(large())), name).toBe(true);
  rmSync(folder, { recursive: true });
});

test("writing the optimizer's state of a model that nothing has used, as loading does", async () => {
  const model = large();
  const sizes = [UNITS * UNITS, UNITS, UNITS * 2, 2];
  const filled = (value: number) => sizes.map((size) => new Float32Array(size).fill(value));
  const optimizer = { iterations: 5, slots: { m: filled(1), v: filled(2) } };
  expect(await leavesLoopFree(model.state.writeOptimizer(optimizer))).toBe(true);
  expect((await model.state.snapshot()).optimizer).toEqual(optimizer);
});

test('an abort or dispose ends a prediction whose model is being prepared', async () => {
  const model = large();
  const controller = new AbortController();
  const predicting = model.predict(x, { signal: controller.signal });
  controller.abort();
  expect((await refusal(() => predicting)).code).toBe('ABORTED');
  const disposed = model.predict(x);
  model.dispose();
  expect((await refusal(() => disposed)).code).toBe('DISPOSED');
});

test('a learning rate set while a model is prepared counts', async () => {
  const model = large();
  const predicting = model.predict(x);
  model.optimizer.learningRate = 0;
  await predicting;
  const before = values(model.getWeights());
  await model.trainOnBatch(x, y);
  expect(values(model.getWeights())).toEqual(before);
});

test.each(['unused', 'used', 'trained'])(
  'getWeightsAsync and setWeightsAsync of a model that is %s',
  async (how) => {
    const model = large();
    if (how === 'used') await model.predict(x);
    if (how === 'trained') await model.fit(x, y, { verbose: 0 });
    const weights = await model.getWeightsAsync();
    expect(values(weights)).toEqual(values(model.getWeights()));
    expect(values(await model.getWeightsAsync(true))).toEqual(values(model.getWeights(true)));
    const doubled = weights.map((weight) => weight.mul(2));
    await model.setWeightsAsync(doubled);
    expect(values(model.getWeights())).toEqual(values(doubled));
    expect(values(await model.getWeightsAsync())).toEqual(values(doubled));
    const shape = await refusal(() => model.setWeightsAsync([tf.ones([2])]));
    expect(shape.code).toBe('SHAPE_MISMATCH');
  },
);

test('while a model trains, its weights can be read by getWeightsAsync, not set', async () => {
  const model = large();
  await model.predict(x);
  const training = model.fit(x, y, { verbose: 0, epochs: 3 });
  const weights = await model.getWeightsAsync();
  expect(weights[0].shape).toEqual([UNITS, UNITS]);
  const busy = await refusal(() => model.setWeightsAsync(weights));
  expect(busy.code).toBe('MODEL_BUSY');
  await training;
});

test.each(['getWeightsAsync', 'save'] as const)(
  '%s of an unused model is not disturbed by a fit that begins meanwhile',
  async (method) => {
    const [a, b] = [tf.ones([64, 40]), tf.ones([64, 2])];
    // A fit that begins before, in the middle of the copy, and after it.
    for (let turns = 0; turns < 4; turns++) {
      const { dense } = tf.layers;
      const model = tf.sequential({
        layers: [dense({ units: 100, inputShape: [40] }), dense({ units: 50 }), dense({ units: 2 })],
      });
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      const reading =
        method === 'save' ? model.save({ save: async () => undefined }) : model.getWeightsAsync();
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      const training = model.fit(a, b, { verbose: 0, epochs: 5, batchSize: 8 });
      await reading;
      await training;
    }
  },
);

test('weights written while predictions run are seen by later ones, and can be read at once', async () => {
  const model = large();
  await model.predict(x);
  const many = tf.ones([20_000, UNITS]);
  const running = model.predict(many, { batchSize: 500 }) as tf.Tensor & PromiseLike<tf.Tensor>;
  const zeros = model.getWeights().map((weight) => tf.zeros(weight.shape));
  model.setWeights(zeros);
  expect(values(model.getWeights())).toEqual(values(zeros));
  const later = (await model.predict(x)) as tf.Tensor;
  const outputs = (await running).dataSync();
  expect(Array.from(later.dataSync())).toEqual(Array(6).fill(0));
  // All batches of the running prediction saw the old weights.
  expect(outputs.every((value, i) => value === outputs[i % 2] && value !== 0)).toBe(true);
});

test('setWeightsAsync of a trained model with layers that have no weights', async () => {
  const { batchNormalization, dense, flatten } = tf.layers;
  const model = tf.sequential({
    layers: [flatten({ inputShape: [2, 2] }), batchNormalization(), dense({ units: 2 })],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  await model.fit(tf.ones([3, 2, 2]), y, { verbose: 0 });
  const weights = (await model.getWeightsAsync()).map((weight, i) => tf.fill(weight.shape, i));
  await model.setWeightsAsync(weights);
  expect(values(model.getWeights())).toEqual(values(weights));
});

/** A model of few weights and many layers. */
function deep(): tf.Sequential {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });
  for (let i = 0; i < 300; i++) {
    model.add(tf.layers.dense({ units: 2 }));
    model.add(tf.layers.activation({ activation: 'tanh' }));
  }
  return model;
}

test('a model of many layers is described and created in several turns, with the same values', async () => {
  const input = tf.tensor2d([[1, -2]]);
  const model = deep();
  const predicting = model.predict(input) as tf.Tensor & PromiseLike<tf.Tensor>;
  expect(await leavesLoopFree(predicting)).toBe(true);
  tf.setSeed(7);
  const other = deep();
  other.getWeights();
  expect((await predicting).dataSync()).toEqual((other.predict(input) as tf.Tensor).dataSync());
});

test('a model of many layers is loaded in slices', async () => {
  const model = deep();
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    const loading = tf.loadLayersModel(tf.io.fromMemory(artifacts));
    expect(await leavesLoopFree(loading)).toBe(true);
    expect(values((await loading).getWeights())).toEqual(values(model.getWeights()));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
});

describe('a model of many layers', () => {
  const DEPTH = 120;

  function deep(): tf.Sequential {
    const layers = Array.from({ length: DEPTH }, () => tf.layers.dense({ units: 3, activation: 'tanh' }));
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 3, inputShape: [3] }), ...layers],
    });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    return model;
  }

  const input = tf.ones([2, 3]);

  test('is described and made in slices, and predicts as one that is used at once', async () => {
    const model = deep();
    const predicting = model.predict(input) as tf.Tensor & PromiseLike<tf.Tensor>;
    expect(await leavesLoopFree(predicting)).toBe(true);
    tf.setSeed(7);
    expect((deep().predict(input) as tf.Tensor).dataSync()).toEqual((await predicting).dataSync());
  });

  test('may grow while it is prepared: the prediction is of the model before', async () => {
    const model = deep();
    const predicting = model.predict(input) as tf.Tensor & PromiseLike<tf.Tensor>;
    model.add(tf.layers.dense({ units: 5 }));
    expect((await predicting).shape).toEqual([2, 3]);
    expect(((await model.predict(input)) as tf.Tensor).shape).toEqual([2, 5]);
  });

  test('is refused when it is made in slices as when it is made at once', async () => {
    const model = deep();
    const whole = model.state.describe();
    const { nodes } = whole.graph;
    const broken = nodes.with(DEPTH, { ...nodes[DEPTH], inputs: [nodes.length] } as (typeof nodes)[0]);
    const description = { ...whole, graph: { ...whole.graph, nodes: broken } };
    const { engine } = model.state;
    const sliced = () => new SlicedWork(engine.createProgramInSlices(description)).promise;
    expect((await refusal(sliced)).message).toBe(
      (await refusal(async () => engine.createProgram(description))).message,
    );
  });
});

test('the weights of a model are in the order of its description', () => {
  const inner = tf.sequential({
    layers: [tf.layers.dense({ units: 4, inputShape: [4], name: 'inner' }), tf.layers.batchNormalization()],
  });
  const shared = tf.layers.dense({ units: 4, name: 'shared' });
  const steps = tf.input({ shape: [3, 4] });
  const each = tf.layers.timeDistributed({ layer: inner.asLayer() }).apply(steps) as tf.SymbolicTensor;
  const flat = tf.layers.flatten().apply(each) as tf.SymbolicTensor;
  const first = tf.layers.dense({ units: 4, name: 'first' }).apply(flat) as tf.SymbolicTensor;
  const once = shared.apply(first) as tf.SymbolicTensor;
  const twice = shared.apply(inner.apply(once) as tf.SymbolicTensor) as tf.SymbolicTensor;
  const model = tf.model({ inputs: steps, outputs: [twice, once] });
  const { stores } = model.state.describeWhole();
  expect(stores.flatMap(({ specs }) => specs.map(({ name }) => name))).toHaveLength(10);
  expect(model.state.weightStores).toEqual(stores);
});
