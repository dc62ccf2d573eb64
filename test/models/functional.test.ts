import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  input,
  layers,
  loadLayersModel,
  model,
  type models,
  type PendingTensor,
  type PendingTensors,
  type SymbolicTensor,
  sequential,
  setSeed,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { values } from '../support/tiny.js';

/**
 * Two numbers in [-1, 1) a sample. The class is whether their product is positive, which no linear function
 * decides.
 */
function xor(n: number) {
  const x: number[][] = [];
  const y: number[] = [];
  for (let i = 0; i < n; i++) {
    const [a, b] = [((i * 37) % 101) / 50.5 - 1, ((i * 61) % 103) / 51.5 - 1];
    x.push([a, b]);
    y.push(a * b > 0 ? 1 : 0);
  }
  return { x, y };
}

const dense = (units: number, activation = 'relu', name?: string) =>
  layers.dense({ units, activation: activation as 'relu', ...(name !== undefined && { name }) });

function residual(): models.Functional {
  const x = input({ shape: [2], name: 'x' });
  const first = dense(16).apply(x);
  const second = dense(16).apply(first);
  const sum = layers.add().apply([first, second]);
  return model({ inputs: x, outputs: dense(2, 'softmax').apply(sum) });
}

describe('model', () => {
  it('trains a residual network', async () => {
    setSeed(1);
    const { x, y } = xor(512);
    const net = residual();
    expect(net.layers.map(({ name }) => name)).toEqual(['x', 'dense_1', 'dense_2', 'add_1', 'dense_3']);
    net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const { history } = await net.fit(x, y, { epochs: 60, batchSize: 32, verbose: 0 });
    expect(history.acc[59]).toBeGreaterThan(0.9);
  });

  it('shares the weights of a layer that is applied twice', async () => {
    const a = input({ shape: [2] });
    const b = input({ shape: [2] });
    const shared = dense(3, 'linear', 'shared');
    const net = model({ inputs: [a, b], outputs: layers.add().apply([shared.apply(a), shared.apply(b)]) });
    expect(net.countParams()).toBe(9);
    expect(net.getWeights()).toHaveLength(2);
    const [kernel] = values(net.getWeights());
    const sum = net.predict([[[1, 2]], [[3, 4]]]).dataSync();
    for (let u = 0; u < 3; u++) expect(sum[u]).toBeCloseTo(4 * kernel[u] + 6 * kernel[3 + u], 5);
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { gradients } = await net.gradients([[[1, 2]], [[3, 4]]], [[0, 0, 0]]);
    const byBias = gradients['shared/bias'].dataSync();
    for (let u = 0; u < 3; u++) expect(byBias[u]).toBeCloseTo((2 * 2 * sum[u]) / 3, 4);
  });

  it('keeps the inputs of a layer when the list that was given changes', async () => {
    const x = input({ shape: [2] });
    const parts: SymbolicTensor[] = [x, x];
    const net = () => model({ inputs: x, outputs: layers.concatenate().apply(parts) });
    const whole = net();
    parts.push(x);
    expect([...(await (whole.predict(tensor([[3, 4]])) as PendingTensor).data())]).toEqual([3, 4, 3, 4]);
    expect(net().outputs[0].shape).toEqual([null, 6]);
  });

  it('has several outputs, each with a loss by name', async () => {
    const x = input({ shape: [2], name: 'x' });
    const body = dense(16, 'tanh').apply(x);
    const label = dense(2, 'softmax', 'label').apply(body);
    const product = dense(1, 'linear', 'product').apply(body);
    const net = model({ inputs: x, outputs: [label, product] });
    net.compile({
      optimizer: 'adam',
      loss: { label: 'sparseCategoricalCrossentropy', product: 'meanSquaredError' },
      lossWeights: { product: 0.5 },
      metrics: { label: ['accuracy'] },
    });
    const data = xor(64);
    const y = { label: data.y, product: data.x.map(([a, b]) => [a * b]) };
    const { history } = await net.fit({ x: data.x }, y, { epochs: 2, verbose: 0, validationSplit: 0.25 });
    expect(Object.keys(history).sort()).toEqual(
      ['label_acc', 'label_loss', 'loss', 'product_loss'].flatMap((key) => [key, `val_${key}`]).sort(),
    );
    for (let epoch = 0; epoch < 2; epoch++) {
      const parts = history.label_loss[epoch] + 0.5 * history.product_loss[epoch];
      expect(history.loss[epoch]).toBeCloseTo(parts, 5);
    }
    const outputs = net.predict<PendingTensors>(data.x);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [64, 2],
      [64, 1],
    ]);
    const scores = (await net.evaluate(data.x, y)) as unknown as { dataSync(): Float32Array }[];
    expect(scores).toHaveLength(4);
  });

  it('trains on some of the outputs', async () => {
    const x = input({ shape: [2] });
    const a = dense(2, 'linear', 'a').apply(x);
    const b = dense(1, 'linear', 'b').apply(x);
    const net = model({ inputs: x, outputs: [a, b] });
    net.compile({ optimizer: 'sgd', loss: [null, 'meanSquaredError'] });
    const before = values(net.getWeights());
    await net.fit([[1, 2]], [[3]], { verbose: 0 });
    const after = values(net.getWeights());
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toEqual(before[2]);
  });

  it('returns only trainable weights on request', () => {
    const base = sequential([
      layers.dense({ units: 3, inputShape: [2], name: 'frozen' }),
      layers.batchNormalization(),
    ]);
    const x = input({ shape: [2] });
    const net = model({ inputs: x, outputs: dense(1, 'linear', 'head').apply(base.apply(x) as typeof x) });
    base.getLayer('frozen').trainable = false;
    const shapes = (weights: readonly { shape: readonly number[] }[]) => weights.map(({ shape }) => shape);
    expect(shapes(net.getWeights())).toEqual([[3], [3], [3, 1], [1], [2, 3], [3], [3], [3]]);
    expect(shapes(net.getWeights(true))).toEqual([[3], [3], [3, 1], [1]]);
    expect(base.getLayer('frozen').getWeights(true)).toEqual([]);
    expect(shapes(base.getLayer(null, 1).getWeights(true))).toEqual([[3], [3]]);
    base.trainable = false;
    expect(shapes(net.getWeights(true))).toEqual([[3, 1], [1]]);
    net.trainable = false;
    expect(net.getWeights(true)).toEqual([]);
  });

  it('exposes feature maps through a second model with shared weights', async () => {
    const net = residual();
    const features = model({ inputs: net.inputs, outputs: net.getLayer('dense_1').output });
    const before = features.predict([[1, -1]]).dataSync();
    net.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    await net.fit([[1, -1]], [1], { verbose: 0 });
    const after = features.predict([[1, -1]]).dataSync();
    expect(after).not.toEqual(before);
    const [kernel, bias] = values(net.getLayer('dense_1').getWeights());
    for (let u = 0; u < 16; u++)
      expect(after[u]).toBeCloseTo(Math.max(0, kernel[u] - kernel[16 + u] + bias[u]), 5);
  });

  it('keeps frozen layers as they are and trains a new head', async () => {
    const base = residual();
    for (const layer of base.layers) layer.trainable = false;
    const head = dense(3, 'softmax', 'head').apply(base.getLayer('add_1').output);
    const net = model({ inputs: base.inputs, outputs: head });
    net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const before = values(net.getWeights());
    await net.fit([[1, -1]], [2], { epochs: 3, verbose: 0 });
    const after = values(net.getWeights());
    expect(after.slice(2)).toEqual(before.slice(2));
    expect(after[0]).not.toEqual(before[0]);
    const lines: string[] = [];
    net.summary(80, undefined, (line) => lines.push(line));
    expect(lines).toContain('Trainable params: 51');
    expect(lines).toContain('Non-trainable params: 320');
    net.dispose();
    expect(base.predict([[1, 2]]).shape).toEqual([1, 2]);
  });

  it('uses a model as a layer, in chains and graphs, trained and frozen', async () => {
    const inner = sequential({
      name: 'inner',
      layers: [layers.dense({ units: 4, inputShape: [2] }), dense(4)],
    });
    const outer = sequential({ layers: [inner, dense(1, 'linear')] });
    expect(outer.layers[0].getClassName()).toBe('Sequential');
    expect(outer.countParams()).toBe(12 + 20 + 5);
    outer.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const before = values(inner.getWeights());
    await outer.fit([[1, 2]], [[30]], { verbose: 0 });
    expect(values(inner.getWeights())).not.toEqual(before);
    inner.trainable = false;
    outer.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const frozen = values(outer.getWeights());
    await outer.fit([[1, 2]], [[30]], { verbose: 0 });
    const after = values(outer.getWeights());
    expect(after.slice(2)).toEqual(frozen.slice(2));
    expect(after[1]).not.toEqual(frozen[1]);
    const twice = input({ shape: [2] });
    const net = model({
      inputs: twice,
      outputs: layers.add().apply([inner.apply(twice), inner.apply(twice)]),
    });
    const single = inner.predict([[1, 2]]).dataSync();
    expect(Array.from(net.predict([[1, 2]]).dataSync())).toEqual(Array.from(single, (value) => 2 * value));
  });

  it('is saved and loaded with shared layers, nested models and names of any case', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'convforge-graph-'));
    try {
      const a = input({ shape: [2], name: 'firstInput' });
      const b = input({ shape: [2], name: 'second_input' });
      const shared = dense(3, 'relu', 'sharedLayer');
      const inner = sequential({ name: 'Inner', layers: [layers.dense({ units: 3, inputShape: [3] })] });
      const sum = layers.add().apply([shared.apply(a), inner.apply(shared.apply(b))]);
      const net = model({ inputs: [a, b], outputs: [dense(2, 'softmax').apply(sum), sum], name: 'Net' });
      net.compile({
        optimizer: 'adam',
        loss: ['sparseCategoricalCrossentropy', 'meanSquaredError'],
        lossWeights: [1, 0.25],
        metrics: [['accuracy'], []],
      });
      const x = [[[1, 2]], [[3, 4]]];
      await net.fit(x, [[1], [[1, 1, 1]]], { verbose: 0 });
      await net.save(`file://${folder}`, { includeOptimizer: true });
      const again = await loadLayersModel(folder);
      expect(again.getConfig()).toEqual(net.getConfig());
      const before = net.predict<PendingTensors>(x).map((each) => each.dataSync());
      expect(again.predict<PendingTensors>(x).map((each) => each.dataSync())).toEqual(before);
      await net.fit(x, [[1], [[1, 1, 1]]], { verbose: 0, seed: 3 });
      await again.fit(x, [[1], [[1, 1, 1]]], { verbose: 0, seed: 3 });
      expect(values(again.getWeights())).toEqual(values(net.getWeights()));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("names the layer or value that doesn't fit", async () => {
    const x = input({ shape: [2], name: 'x' });
    const other = input({ shape: [2], name: 'other' });
    const y = dense(2).apply(x);
    await expectError(
      () => model({ inputs: other, outputs: y }),
      'INVALID_ARGUMENT',
      /input 'x', which isn't among/,
    );
    await expectError(
      () => model({ inputs: [x, other], outputs: y }),
      'INVALID_ARGUMENT',
      /comes from the input 'other'/,
    );
    await expectError(() => model({ inputs: x, outputs: [] }), 'INVALID_ARGUMENT', /outputs are none/);
    await expectError(() => model({ inputs: x, outputs: 3 as never }), 'INVALID_ARGUMENT', /outputs hold 3/);
    await expectError(() => layers.add().apply(x), 'INVALID_ARGUMENT', /a list of two or more/);
    await expectError(() => dense(1).apply([x, y]), 'INVALID_ARGUMENT', /takes one value; 2 were given/);
    await expectError(() => dense(1).apply(4 as unknown as SymbolicTensor), 'INVALID_ARGUMENT', /not 4/);
    const shared = dense(2, 'relu', 'shared');
    shared.apply(x);
    await expectError(
      () => shared.apply(input({ shape: [3] })),
      'SHAPE_MISMATCH',
      /its kernel is 2x2 since it was first applied, but an input of 3 would need 3x2/,
    );
    const net = model({ inputs: [x, other], outputs: layers.add().apply([y, other]) });
    await expectError(() => net.predict([[1, 2]]), 'INVALID_ARGUMENT', /takes 2: x, other/);
    await expectError(
      () => net.predict({ x: [[1, 2]], othr: [[1, 2]] }),
      'UNKNOWN_OPTION',
      /did you mean 'other'/,
    );
    await expectError(
      () =>
        net.predict([
          [[1, 2]],
          [
            [1, 2],
            [3, 4],
          ],
        ]),
      'SHAPE_MISMATCH',
      /x\[1\] has 2 samples/,
    );
  });
});

describe('sample and class weights', () => {
  const x = [[1], [2], [3]];
  const y = [0, 1, 1];
  const build = () => {
    setSeed(5);
    const net = sequential({ layers: [layers.dense({ units: 2, activation: 'softmax', inputShape: [1] })] });
    net.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return net;
  };

  it('weigh the loss, not the metrics', async () => {
    const net = build();
    const each = await Promise.all(
      x.map(async (row, i) => (await net.evaluate([row], [y[i]]))[0].dataSync()[0]),
    );
    const [loss, acc] = await net.evaluate(x, y, { sampleWeight: [1, 0, 4] });
    expect(loss.dataSync()[0]).toBeCloseTo((each[0] + 4 * each[2]) / 3, 5);
    const plain = await net.evaluate(x, y);
    expect(acc.dataSync()[0]).toBe(plain[1].dataSync()[0]);
  });

  it('of classes multiply those of their samples', async () => {
    const byClass = build();
    await byClass.fit(x, y, { verbose: 0, seed: 1, epochs: 3, classWeight: { 1: 3 } });
    const bySample = build();
    await bySample.fit(x, y, { verbose: 0, seed: 1, epochs: 3, sampleWeight: [1, 3, 3] });
    expect(values(byClass.getWeights())).toEqual(values(bySample.getWeights()));
    const plain = build();
    await plain.fit(x, y, { verbose: 0, seed: 1, epochs: 3 });
    expect(values(byClass.getWeights())).not.toEqual(values(plain.getWeights()));
  });

  it("are refused if their shape doesn't fit", async () => {
    const net = build();
    const training = (options: object) => () => net.fit(x, y, { verbose: 0, ...options });
    await expectError(training({ sampleWeight: [1, 2] }), 'SHAPE_MISMATCH', /each of the 3 samples/);
    await expectError(
      training({ sampleWeight: [1, 2, Number.NaN] }),
      'INVALID_ARGUMENT',
      /sampleWeight\[2\]/,
    );
    await expectError(training({ classWeight: { a: 2 } }), 'INVALID_ARGUMENT', /'a' has 2/);
    await expectError(training({ classWeight: 2 }), 'INVALID_ARGUMENT', /classWeight is 2/);
  });
});

it('computeGradients and applyGradients equal a step of fit', async () => {
  setSeed(4);
  const build = () => {
    setSeed(4);
    const net = sequential({ layers: [layers.dense({ units: 2, inputShape: [2], name: 'only' })] });
    net.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    return net;
  };
  const x = tensor([1, 2, 3, 4], [2, 2]);
  const y = tensor([1, 0, 0, 1], [2, 2]);
  const byFit = build();
  await byFit.fit(x, y, { verbose: 0, batchSize: 2, shuffle: false });
  const byHand = build();
  const { loss, gradients } = await byHand.gradients(x, y);
  expect(Object.keys(gradients)).toEqual(['only/kernel', 'only/bias']);
  await byHand.applyGradients(gradients);
  expect(values(byHand.getWeights())).toEqual(values(byFit.getWeights()));
  expect(loss).toBeGreaterThan(0);
  await expectError(() => byHand.applyGradients({ 'only/kernle': x }), 'UNKNOWN_OPTION', /did you mean/);
  await expectError(
    () => byHand.applyGradients({ 'only/kernel': x }),
    'INVALID_ARGUMENT',
    /no gradient for 'only\/bias'/,
  );
});
