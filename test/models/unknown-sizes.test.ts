import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  input,
  layers,
  loadLayersModel,
  model,
  report,
  sequential,
  setEngine,
  tensor,
  train,
  type Functional,
  type LayersModel,
  type PendingTensor,
  type PendingTensors,
} from '../../lib/index.js';
import type { Shape } from '../../lib/program/description.js';
import type { Program } from '../../lib/program/engine.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { compiled, skipClassifier } from '../support/skip-classifier.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { randomTensor, valuesOf } from '../support/tensors.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

// Models with variable sizes, run on data of several sizes.

const folder = temporaryFolder();

const copyWeights = (from: LayersModel, to: LayersModel) => to.setWeights(from.getWeights());

describe.each(ENGINES)('a model of unknown sizes, by the %s engine', (engine) => {
  beforeEach(() => setEngine(engine));
  afterEach(() => setEngine('native'));

  const SIZES = [
    [4, 6],
    [9, 5],
    [12, 12],
    [5, 5],
  ];

  it('predicts like a model of known sizes', async () => {
    const open = skipClassifier(null, null);
    for (const [height, width] of [...SIZES, SIZES[0]]) {
      // Halving and doubling an odd size doesn't restore it.
      if ((height % 2) + (width % 2) > 0) continue;
      const known = skipClassifier(height, width);
      copyWeights(open, known);
      const x = randomTensor([3, height, width, 2], height);
      const expected = valuesOf(known.predict(x));
      expect(valuesOf(open.predict(x))).toEqual(expected);
      expect(valuesOf(await open.predict(x, { batchSize: 2 }))).toEqual(expected);
      expect(valuesOf(open.predictOnBatch(x))).toEqual(expected);
    }
  });

  it("refuses data that doesn't fit, and stays usable", async () => {
    const net = skipClassifier(null, null);
    await expectError(
      () => net.predict(randomTensor([1, 4, 6, 3])),
      'SHAPE_MISMATCH',
      /x has shape \[1, 4, 6, 3\], but the model takes samples of \?x\?x2: \[n, null, null, 2\]/,
    );
    await expectError(() => net.predict(randomTensor([1, 0, 6, 2])), 'INVALID_ARGUMENT', /samples of 0x6x2/);
    await expectError(
      () => net.predict(randomTensor([1, 5, 6, 2])),
      'SHAPE_MISMATCH',
      /^add_1: inputs of 5x6x6 and 6x6x6/,
    );
    expect(net.predict(randomTensor([1, 4, 6, 2])).shape).toEqual([1, 3]);
  });

  it('trains, evaluates and gives gradients like models of known sizes that pass on their weights', async () => {
    const y = tensor([0, 1, 2], [3], 'int32');
    const sgd = (net: Functional) => {
      net.compile({
        optimizer: train.sgd(0.1),
        loss: 'sparseCategoricalCrossentropy',
        metrics: ['accuracy'],
      });
      return net;
    };
    const open = sgd(skipClassifier(null, null, 0));
    for (const [height, width] of [
      [4, 6],
      [8, 2],
      [4, 6],
      [2, 2],
    ]) {
      const known = sgd(skipClassifier(height, width, 0));
      copyWeights(open, known);
      const x = randomTensor([3, height, width, 2], width);
      const scores = [open, known].map((net) => net.evaluate<PendingTensors>(x, y).map(valuesOf));
      expect(scores[0]).toEqual(scores[1]);
      const [own, expected] = [await open.gradients(x, y), await known.gradients(x, y)];
      expect(own.loss).toBe(expected.loss);
      for (const [name, gradient] of Object.entries(expected.gradients))
        expect(valuesOf(own.gradients[name])).toEqual(valuesOf(gradient));
      const validationData = [randomTensor([1, 6, 6, 2]), tensor([1], [1], 'int32')] as const;
      const fitted = await open.fit(x, y, { epochs: 2, batchSize: 2, seed: 1, verbose: 0, validationData });
      const { history } = await known.fit(x, y, { epochs: 2, batchSize: 2, seed: 1, verbose: 0 });
      expect(fitted.history).toMatchObject(history);
      expect(fitted.history.val_loss).toHaveLength(2);
      expect(open.getWeights().map(valuesOf)).toEqual(known.getWeights().map(valuesOf));
    }
    expect(open.optimizer.iterations).toBe(16);
  });

  it('draws randomly by step number, whatever sizes came before', async () => {
    const y = tensor([0, 1, 2], [3], 'int32');
    const x = randomTensor([3, 4, 6, 2]);
    const lossAfter = async (sizes: number[][]) => {
      const net = compiled(skipClassifier(null, null));
      net.compile({ optimizer: train.sgd(0), loss: 'sparseCategoricalCrossentropy' });
      for (const [height, width] of sizes)
        await net.fit(randomTensor([3, height, width, 2]), y, { verbose: 0, seed: 9 });
      return (await net.fit(x, y, { verbose: 0, seed: 9 })).history.loss;
    };
    expect(
      await lossAfter([
        [8, 8],
        [2, 6],
      ]),
    ).toEqual(
      await lossAfter([
        [4, 6],
        [4, 6],
      ]),
    );
    expect(await lossAfter([[8, 8]])).not.toEqual(
      await lossAfter([
        [8, 8],
        [8, 8],
      ]),
    );
  });

  it('accepts batches of any image size from datasets', async () => {
    const batches = SIZES.filter(([height, width]) => (height + width) % 2 === 0 && height % 2 === 0);
    const elements = batches.map(([height, width]) => ({
      xs: randomTensor([2, height, width, 2], height),
      ys: tensor([0, 2], [2], 'int32'),
    }));
    async function* dataset() {
      yield* elements;
    }
    const [whole, single] = [compiled(skipClassifier(null, null)), compiled(skipClassifier(null, null))];
    await whole.fitDataset({ [Symbol.asyncIterator]: dataset }, { verbose: 0, seed: 4 });
    for (const { xs, ys } of elements) await single.fit(xs, ys, { verbose: 0, seed: 4, shuffle: false });
    expect(whole.getWeights().map(valuesOf)).toEqual(single.getWeights().map(valuesOf));
    const [loss] = await whole.evaluateDataset({ [Symbol.asyncIterator]: dataset });
    const each = elements.map(({ xs, ys }) => valuesOf(whole.evaluate<PendingTensors>(xs, ys)[0])[0]);
    expectClose(valuesOf(loss), [each.reduce((a, b) => a + b) / each.length], { absolute: 1e-6 });
    await whole.trainOnBatch(elements[1].xs, elements[1].ys);
    expect(whole.optimizer.iterations).toBe(batches.length + 1);
  });

  it('compares targets with outputs of the current size', async () => {
    const net = sequential([
      layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [null, null, 1], useBias: false }),
    ]);
    net.setWeights([tensor([1, 0, 0, 0, 0, 0, 0, 1], [2, 2, 1, 2])]);
    net.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
    const evaluate = async (height: number, width: number, ...target: number[]) =>
      valuesOf(
        await net.evaluate<PendingTensor>(randomTensor([1, height, width, 1]), randomTensor([1, ...target])),
      );
    expect(await evaluate(3, 4, 2, 3, 2)).toHaveLength(1);
    expect(await evaluate(2, 2, 1, 1, 2)).toHaveLength(1);
    await expectError(
      () => evaluate(3, 4, 3, 4, 2),
      'SHAPE_MISMATCH',
      /y has shape \[1, 3, 4, 2\], but meanSquaredError on outputs of \[2, 3, 2\]/,
    );
  });

  it('can be nested, also in models of known sizes', () => {
    const base = sequential([
      layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [null, null, 1], name: 'c' }),
      layers.maxPooling2d(),
    ]);
    const outer = (height: number | null, width: number | null) => {
      const image = input({ shape: [height, width, 1] });
      const base1 = base.apply(image);
      return model({ inputs: image, outputs: [base1, base.apply(layers.zeroPadding2d().apply(image))] });
    };
    expect(outer(10, 8).outputs.map(({ shape }) => shape)).toEqual([
      [null, 4, 3, 2],
      [null, 5, 4, 2],
    ]);
    const open = outer(null, 8);
    expect(open.outputs.map(({ shape }) => shape)).toEqual([
      [null, null, 3, 2],
      [null, null, 4, 2],
    ]);
    const x = randomTensor([2, 10, 8, 1]);
    const [first] = open.predict<PendingTensors>(x);
    expect(valuesOf(first)).toEqual(valuesOf(base.predict(x)));
    expect(valuesOf(first)).toEqual(valuesOf(outer(10, 8).predict<PendingTensors>(x)[0]));
  });

  it('keeps programs for the 8 most recent sizes', async () => {
    const net = compiled(skipClassifier(null, null));
    const { engine } = net.state;
    const alive = new Set<Program>();
    const create = engine.createProgram.bind(engine);
    const spy = vi.spyOn(engine, 'createProgram').mockImplementation((description, sharing) => {
      const program = create(description, sharing);
      alive.add(program);
      for (const end of ['release', 'dispose'] as const) {
        const original = program[end].bind(program);
        vi.spyOn(program, end).mockImplementation(() => {
          alive.delete(program);
          original();
        });
      }
      return program;
    });
    try {
      const size = (i: number) => [1, 2 + 2 * (i % 40), 2, 2];
      const pending: PendingTensor[] = [];
      for (let i = 0; i < 60; i++) {
        pending.push(net.predict(randomTensor(size(i))));
        if (i % 10 === 0) await net.trainOnBatch(randomTensor(size(i)), tensor([1], [1], 'int32'));
        expect(alive.size).toBeLessThanOrEqual(8);
      }
      // Plans that were evicted in the meantime still deliver their results.
      const sums = (await Promise.all(pending)).map((each) => valuesOf(each).reduce((a, b) => a + b));
      expectClose(
        sums,
        sums.map(() => 1),
        { absolute: 1e-5 },
      );
      expect(alive.size).toBe(8);
      const made = spy.mock.calls.length;
      for (let i = 12; i < 20; i++) await net.predict(randomTensor(size(i)));
      for (let i = 12; i < 20; i++) await net.predict(randomTensor(size(i)));
      expect(spy.mock.calls.length - made).toBe(0);
      net.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
      expect(alive.size).toBe(0);
      net.predict(randomTensor([1, 2, 2, 2]));
      net.dispose();
      expect(alive.size).toBe(0);
    } finally {
      spy.mockRestore();
    }
  });

  it('makes one program if all sizes are known', async () => {
    const net = compiledClassifier();
    const spy = vi.spyOn(net.state.engine, 'createProgram');
    const { x, y } = tinySet(9);
    await net.fit(x, y, { verbose: 0, validationData: [x, y] });
    net.predict(x).dataSync();
    net.predict(x.slice([0], [2])).dataSync();
    expect(spy.mock.calls).toHaveLength(1);
    spy.mockRestore();
  });

  it('continues with its optimizer after saving and loading', async () => {
    const net = compiled(skipClassifier(null, null));
    const y = tensor([0, 1], [2], 'int32');
    const trainOn = (each: LayersModel, height: number) =>
      each.fit(randomTensor([2, height, 4, 2]), y, { verbose: 0, seed: 8, shuffle: false });
    await trainOn(net, 4);
    await trainOn(net, 6);
    const path = folder(`saved-${engine}`);
    await net.save(path, { includeOptimizer: true });
    const loaded = await loadLayersModel(path);
    expect(loaded.inputs[0].shape).toEqual([null, null, null, 2]);
    await trainOn(net, 8);
    await trainOn(loaded, 8);
    expect(loaded.optimizer.iterations).toBe(3);
    for (const [i, weight] of loaded.getWeights().entries())
      expectClose(valuesOf(weight), valuesOf(net.getWeights()[i]), { absolute: 1e-6 });
  });

  it('saves its optimizer before the first run', async () => {
    const net = compiled(skipClassifier(null, null));
    await net.save(folder(`untrained-${engine}`), { includeOptimizer: true });
    const loaded = await loadLayersModel(folder(`untrained-${engine}`));
    expect(loaded.getWeights().map(valuesOf)).toEqual(net.getWeights().map(valuesOf));
    expect(loaded.optimizer.iterations).toBe(0);
  });

  it('is explained for the last sizes, or given ones', async () => {
    const net = compiled(skipClassifier(null, null));
    const shapes = async (inputShape?: Shape) => {
      const { nodes } = await net.explain({ mode: 'predict', inputShape });
      return [nodes[0].shape, nodes[1].shape];
    };
    expect(await shapes()).toEqual([
      [96, 96, 2],
      [96, 96, 6],
    ]);
    net.predict(randomTensor([1, 4, 6, 2]));
    expect(await shapes()).toEqual([
      [4, 6, 2],
      [4, 6, 6],
    ]);
    expect(await shapes([8, 2, 2])).toEqual([
      [8, 2, 2],
      [8, 2, 6],
    ]);
    await expectError(() => shapes([8, 2, 3]), 'SHAPE_MISMATCH', /inputShape is 8x2x3, but .* takes \?x\?x2/);
    await expectError(() => shapes([8, 0, 2]), 'INVALID_ARGUMENT', /inputShape is \[8, 0, 2\]/);
    await expectError(() => shapes([5, 6, 2]), 'SHAPE_MISMATCH', /^add_1: /);
  });

  it('shows feature maps of an image of any size', async () => {
    const net = sequential([
      layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [null, null, 1] }),
      layers.globalAveragePooling2d(),
    ]);
    const html = await report.featureMaps(net, randomTensor([7, 9, 1]));
    expect(html).toContain('Conv2D, [5, 7, 2]');
    expect(await report.featureMaps(net, randomTensor([1, 12, 8, 1]))).toContain('Conv2D, [10, 6, 2]');
    await expectError(
      () => report.featureMaps(net, randomTensor([7, 9, 2])),
      'SHAPE_MISMATCH',
      /image is \[7, 9, 2\], but .* takes one of \[null, null, 1\]/,
    );
  });
});
