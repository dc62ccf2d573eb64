import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  data,
  type FitOptions,
  layers,
  type Logs,
  optimizers,
  sequential,
  setEngine,
  setSeed,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinyClassifier, tinySet, values } from '../support/tiny.js';

describe.each(ENGINES)('fit on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const quiet = { verbose: 0, seed: 1 } as const;

  async function weightsAfter(options: FitOptions, count = 30) {
    const model = compiledClassifier();
    const { x, y } = tinySet(count);
    await model.fit(x, y, { ...quiet, ...options });
    return values(model.getWeights());
  }

  it('learns, and logs what TF.js logs', async () => {
    const model = tinyClassifier();
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    model.optimizer.learningRate = 0.05;
    const { x, y } = tinySet(60);
    const { history, epoch } = await model.fit(x, y, {
      ...quiet,
      epochs: 30,
      batchSize: 16,
      validationData: [x, y],
    });
    expect(epoch).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(Object.keys(history)).toEqual(['loss', 'acc', 'val_loss', 'val_acc']);
    expect(history.acc[29]).toBe(1);
    expect(history.val_acc[29]).toBe(1);
    expect(history.loss[29]).toBeLessThan(history.loss[0] / 4);
  });

  it('makes no step in 0 epochs, or if initialEpoch is the last', async () => {
    const optimizer = optimizers.sgd({ learningRate: 0.1, useEma: true });
    const model = tinyClassifier();
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    const { x, y } = tinySet(30);
    await model.trainOnBatch(x, y);
    const before = values(model.getWeights());
    const hooks: string[] = [];
    const names = ['onTrainBegin', 'onEpochBegin', 'onEpochEnd', 'onTrainEnd'] as const;
    const callbacks = Object.fromEntries(names.map((name) => [name, () => void hooks.push(name)]));
    let batches = 0;
    const dataset = data.generator(function* () {
      batches++;
      yield { xs: x, ys: y };
    });
    for (const epochs of [{ epochs: 0 }, { epochs: 2, initialEpoch: 2 }]) {
      const options = { ...quiet, ...epochs, callbacks };
      const fitted = [await model.fit(x, y, options), await model.fitDataset(dataset, options)];
      for (const { history, epoch } of fitted) expect([history, epoch]).toEqual([{}, []]);
    }
    expect(hooks).toEqual(new Array(4).fill(['onTrainBegin', 'onTrainEnd']).flat());
    expect(batches).toBe(0);
    expect(values(model.getWeights())).toEqual(before);
  });

  it('learns the same from one-hot targets', async () => {
    const { x, y } = tinySet(30);
    const model = tinyClassifier();
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const oneHot = Array.from(y.dataSync(), (label) => [0, 1, 2].map((c) => (c === label ? 1 : 0)));
    await model.fit(x, oneHot, { ...quiet, batchSize: 8 });
    expect(values(model.getWeights())).toEqual(await weightsAfter({ batchSize: 8 }));
  });

  it('is reproducible by seed', async () => {
    const first = await weightsAfter({ epochs: 2, batchSize: 4 });
    expect(await weightsAfter({ epochs: 2, batchSize: 4 })).toEqual(first);
    expect(await weightsAfter({ epochs: 2, batchSize: 4, seed: 2 })).not.toEqual(first);
    expect(await weightsAfter({ epochs: 2, batchSize: 4, shuffle: false })).not.toEqual(first);
  });

  it('takes its seed from the global generator', async () => {
    const run = () => weightsAfter({ seed: undefined, batchSize: 4 });
    expect(await run()).toEqual(await run());
  });

  it('continues at initialEpoch as if uninterrupted', async () => {
    const { x, y } = tinySet(30);
    const model = compiledClassifier();
    await model.fit(x, y, { ...quiet, batchSize: 4, epochs: 1 });
    const { epoch } = await model.fit(x, y, { ...quiet, batchSize: 4, epochs: 3, initialEpoch: 1 });
    expect(epoch).toEqual([1, 2]);
    expect(values(model.getWeights())).toEqual(await weightsAfter({ batchSize: 4, epochs: 3 }));
  });

  it('is the same with batch hooks', async () => {
    const whole = await weightsAfter({ epochs: 2, batchSize: 7 });
    expect(await weightsAfter({ epochs: 2, batchSize: 7, callbacks: { onBatchEnd() {} } })).toEqual(whole);
  });

  it('holds out the last samples before shuffling', async () => {
    const { x, y } = tinySet(20);
    const split = compiledClassifier();
    const { history } = await split.fit(x, y, { ...quiet, validationSplit: 0.25 });
    const given = compiledClassifier();
    const head = [x.slice([0, 0], [15, 4]), y.slice([0], [15])] as const;
    const tail = [x.slice([15, 0], [5, 4]), y.slice([15], [5])] as const;
    const other = await given.fit(...head, { ...quiet, validationData: tail });
    expect(values(split.getWeights())).toEqual(values(given.getWeights()));
    expect(history).toEqual(other.history);
  });

  it('accepts batches larger than the data, and a last batch of one sample', async () => {
    expect(await weightsAfter({ batchSize: 1000 })).toEqual(await weightsAfter({ batchSize: 30 }));
    const sizes: number[] = [];
    const onBatchEnd = (_batch: number, logs?: Logs) => sizes.push(logs?.size ?? Number.NaN);
    await weightsAfter({ batchSize: 29, callbacks: { onBatchEnd } });
    expect(sizes).toEqual([29, 1]);
  });

  it('reads bytes without copying, and integers as floats', async () => {
    const inputs = Array.from({ length: 24 }, (_, i) => (i * 37) % 256);
    async function trained(x: Uint8Array | Int32Array | Float32Array) {
      setSeed(3);
      const model = sequential({
        layers: [
          layers.rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] }),
          layers.flatten(),
          layers.dense({ units: 2 }),
        ],
      });
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      const targets = Array.from({ length: 6 }, (_, i) => [i, -i]);
      await model.fit(tensor(x, [6, 2, 2, 1]), targets, quiet);
      return values(model.getWeights());
    }
    const floats = await trained(Float32Array.from(inputs));
    expect(await trained(Uint8Array.from(inputs))).toEqual(floats);
    expect(await trained(Int32Array.from(inputs))).toEqual(floats);
  });

  it('accepts targets of one unit without an axis', async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { history } = await model.fit([1, 2, 3, 4], [1, 3, 5, 7], { ...quiet, epochs: 3 });
    expect(history.loss).toHaveLength(3);
    expect(history.acc).toBeUndefined();
  });

  it('uses a learning rate set during training', async () => {
    const { x, y } = tinySet(30);
    const model = compiledClassifier();
    const before = values(model.getWeights());
    model.optimizer.learningRate = 0;
    const perEpoch: number[][][] = [];
    const onEpochEnd = (epoch: number) => {
      perEpoch.push(values(model.getWeights()));
      if (epoch === 0) model.optimizer.learningRate = 0.1;
    };
    await model.fit(x, y, { ...quiet, epochs: 2, callbacks: { onEpochEnd } });
    expect(perEpoch[0]).toEqual(before);
    expect(perEpoch[1]).not.toEqual(before);
  });

  it('resets the optimizer at compile, and keeps the weights', async () => {
    const { x, y } = tinySet(30);
    const model = compiledClassifier();
    await model.fit(x, y, quiet);
    const before = values(model.getWeights());
    const oldOptimizer = model.optimizer;
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    expect(values(model.getWeights())).toEqual(before);
    await model.predict(x);
    oldOptimizer.learningRate = 0;
    await model.fit(x, y, quiet);
    expect((await model.state.snapshot()).optimizer?.iterations).toBe(1);
    expect(values(model.getWeights())).not.toEqual(before);
  });

  it('frees its copies of the data, also after an error', async () => {
    const { x, y } = tinySet(30);
    const model = compiledClassifier();
    const { engine } = model.state;
    const allocate = vi.spyOn(engine, 'allocateSamples');
    try {
      await model.fit(x, y, { ...quiet, validationSplit: 0.5 });
      const failing = { onEpochEnd: () => Promise.reject(new Error('no')) };
      await expect(model.fit(x, y, { ...quiet, callbacks: failing })).rejects.toThrow('no');
      expect(allocate.mock.results).toHaveLength(6);
      for (const { value } of allocate.mock.results) {
        await expectError(() => value.write(new Float32Array(1), 0), 'DISPOSED');
      }
    } finally {
      allocate.mockRestore();
    }
  });
});

describe.each(ENGINES)('fit on %s refuses', (engine) => {
  beforeEach(() => setEngine(engine));

  async function refuses(
    [x, y, options]: [unknown, unknown, Record<string, unknown>?],
    ...expected: [Parameters<typeof expectError>[1], RegExp]
  ) {
    const model = compiledClassifier();
    const before = values(model.getWeights());
    await expectError(
      () => model.fit(x as never, y as never, { verbose: 0, ...options } as FitOptions),
      ...expected,
    );
    expect(values(model.getWeights())).toEqual(before);
    const good = tinySet(6);
    await model.fit(good.x, good.y, { verbose: 0 });
  }

  const x = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ];

  it.each([
    [[0, 3], /^y\[1\] is 3; with 3 outputs, classes are whole numbers from 0 to 2/],
    [[-1, 0], /^y\[0\] is -1/],
    [[0, 1.5], /^y\[1\] is 1.5/],
    [[Number.NaN, 0], /^y\[0\] is NaN/],
    [[0, Number.POSITIVE_INFINITY], /^y\[1\] is Infinity/],
  ])('labels %j', async (y, message) => refuses([x, y], 'INVALID_LABEL', message));

  it('labels of the validation data, by their index in y', async () => {
    const many = tinySet(8);
    const labels = Array.from(many.y.dataSync());
    labels[7] = 9;
    await refuses([many.x, labels, { validationSplit: 0.5 }], 'INVALID_LABEL', /^y\[7\] is 9/);
    const validationData = [many.x, labels];
    await refuses([many.x, many.y, { validationData }], 'INVALID_LABEL', /^validationData\[1\]\[7\] is 9/);
  });

  it('targets that are not finite', async () => {
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const bad = [
      [0, 1],
      [0, Number.NaN],
    ];
    await expectError(() => model.fit([1, 2], bad), 'INVALID_LABEL', /^y: element 3 is NaN/);
  });

  it('x and y of different length, empty data, other shapes', async () => {
    await refuses([x, [0, 1, 2]], 'SHAPE_MISMATCH', /^x has 2 samples, but y has 3/);
    await refuses([tensor(new Float32Array(0), [0, 4]), []], 'INVALID_ARGUMENT', /^x has no samples/);
    await refuses(
      [[[1, 2, 3]], [0]],
      'SHAPE_MISMATCH',
      /^x has shape \[1, 3\], but the model takes samples of 4: \[n, 4\]/,
    );
    await refuses([1, [0]], 'SHAPE_MISMATCH', /^x has shape \[\]/);
    await refuses(['pixels', [0]], 'INVALID_ARGUMENT', /x.*'pixels'/);
    await refuses([x, 0], 'SHAPE_MISMATCH', /^y has shape \[\]/);
  });

  it('targets in the form of another loss, naming it', async () => {
    const oneHot = [
      [1, 0, 0],
      [0, 1, 0],
    ];
    await refuses(
      [x, oneHot],
      'SHAPE_MISMATCH',
      /for one-hot targets use the loss 'categoricalCrossentropy'/,
    );
    const model = tinyClassifier();
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const message = /use the loss 'sparseCategoricalCrossentropy', or oneHot\(labels, 3\)/;
    await expectError(() => model.fit(x, [0, 1]), 'SHAPE_MISMATCH', message);
  });

  it.each([
    [{ batchSize: 0 }, /batchSize is 0/],
    [{ batchSize: -1 }, /batchSize is -1/],
    [{ batchSize: 1.5 }, /batchSize is 1.5/],
    [{ batchSize: Number.NaN }, /batchSize is NaN/],
    [{ epochs: -1 }, /epochs is -1/],
    [{ initialEpoch: -1 }, /initialEpoch is -1/],
    [{ verbose: 3 }, /verbose is 3/],
    [{ shuffle: 'batch' }, /shuffle is 'batch'/],
    [{ seed: -1 }, /seed is -1/],
    [{ validationSplit: 1 }, /validationSplit is 1/],
    [{ validationData: [x] }, /validationData is .*must be \[x, y\]/],
    [{ signal: {} }, /signal is an object/],
    [{ yieldEvery: 'step' }, /yieldEvery is 'step'.*the event loop is always free/],
    [{ callbacks: 3 }, /3 is not a callback/],
  ])('options %j', async (options, message) => {
    await refuses([x, [0, 1], options], 'INVALID_ARGUMENT', message);
  });

  it('a validationSplit that leaves a part empty', async () => {
    const parts = (validationSplit: number) =>
      [x, [0, 1], { validationSplit }] as [unknown, unknown, Record<string, unknown>];
    await refuses(
      parts(0.9),
      'INVALID_ARGUMENT',
      /0.9 of 2 samples leaves 0 for training and 2 for validation/,
    );
  });

  it.each(['auto', 'batch', 'epoch', 'never', 50] as const)('but not yieldEvery %s', async (yieldEvery) => {
    const { history } = await compiledClassifier().fit(x, [0, 1], { yieldEvery, verbose: 0 });
    expect(history.loss).toHaveLength(1);
  });

  it('unknown options', async () => {
    await refuses(
      [x, [0, 1], { batch_size: 2 }],
      'UNKNOWN_OPTION',
      /fit: there is no option 'batch_size'; did you mean 'batchSize'/,
    );
  });

  it('a buffer that was transferred before or is transferred while it is copied', async () => {
    const model = compiledClassifier();
    const gone = new Float32Array(8);
    const goneTensor = tensor(gone, [2, 4]);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    await expectError(() => model.fit(goneTensor, [0, 1]), 'BUFFER_DETACHED');
    // 2^20 samples of 16 bytes are two slices of 8 MB. The second is no longer there.
    const large = new Float32Array(2 ** 22);
    const training = model.fit(tensor(large, [2 ** 20, 4]), new Int32Array(2 ** 20), { verbose: 0 });
    structuredClone(large.buffer, { transfer: [large.buffer] });
    await expectError(() => training, 'BUFFER_DETACHED', /^x: its buffer was transferred or shrunk/);
    await expectError(() => model.predict(goneTensor), 'BUFFER_DETACHED');
  });

  it('not shared and misaligned memory', async () => {
    const model = compiledClassifier();
    const shared = new Float32Array(new SharedArrayBuffer(32)).fill(1);
    await model.fit(tensor(shared, [2, 4]), [0, 1], { verbose: 0 });
    const view = Buffer.from(Uint8Array.from([9, 1, 2, 3, 4, 5, 6, 7, 8]).buffer, 1, 8);
    await model.fit(tensor(view, [2, 4], 'uint8'), [0, 1], { verbose: 0 });
  });
});
