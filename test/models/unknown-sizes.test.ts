import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Functional,
  input,
  layers,
  type LayersModel,
  loadLayersModel,
  model,
  models,
  type PendingTensor,
  type PendingTensors,
  report,
  sequential,
  setEngine,
  setSeed,
  type SymbolicTensor,
  type Tensor,
  tensor,
  train,
} from '../../lib/index.js';
import type { Shape } from '../../lib/program/description.js';
import type { Program } from '../../lib/program/engine.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

const folder = temporaryFolder();

/** Numbers in [-1, 1). */
function drawn(shape: number[], seed = 1): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(
    Array.from({ length: size }, (_, i) => ((((i + 5) * 7919 * seed) % 31) / 31) * 2 - 1),
    shape,
  );
}

const valuesOf = (pending: PendingTensor | Tensor) => Array.from(pending.dataSync());

/** Convolutions with strides, statistics, dropout, a skip connection and a global pooling, for images of these sizes. */
function classifier(height: number | null, width: number | null, rate = 0.3): Functional {
  setSeed(3);
  const image = input({ shape: [height, width, 2] });
  const features = image.pipe(
    layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.batchNormalization(),
  );
  const half = features.pipe(
    layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same' }),
    layers.dropout({ rate }),
    layers.upSampling2d(),
  );
  const both = layers.add().apply([features, half]);
  return model({
    inputs: image,
    outputs: both.pipe(layers.globalAveragePooling2d(), layers.dense({ units: 3, activation: 'softmax' })),
  });
}

const compiled = <M extends LayersModel>(net: M): M => {
  net.compile({
    optimizer: train.adam(0.01),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return net;
};

const copyWeights = (from: LayersModel, to: LayersModel) => to.setWeights(from.getWeights());

describe('computeOutputShape', () => {
  const { conv1d, conv2d, conv2dTranspose, dense, embedding, reshape } = layers;
  const any = [null, null, 3] as const;

  it.each([
    [conv2d({ filters: 64, kernelSize: 3, padding: 'same' }), [any], [null, null, 64]],
    [conv2d({ filters: 4, kernelSize: 7, strides: 5 }), [[null, 20, 3]], [null, 3, 4]],
    [layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }), [any], [null, null, 6]],
    [layers.separableConv2d({ filters: 5, kernelSize: 3 }), [any], [null, null, 5]],
    [conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 }), [any], [null, null, 2]],
    [conv1d({ filters: 4, kernelSize: 3, padding: 'causal' }), [[null, 8]], [null, 4]],
    [layers.maxPooling2d(), [any], [null, null, 3]],
    [layers.averagePooling1d(), [[null, 8]], [null, 8]],
    [layers.globalMaxPooling2d(), [any], [3]],
    [layers.globalAveragePooling2d({ keepDims: true }), [any], [1, 1, 3]],
    [layers.globalMaxPooling1d(), [[null, 8]], [8]],
    [layers.flatten(), [any], [null]],
    [reshape({ targetShape: [-1, 3] }), [any], [null, 3]],
    [reshape({ targetShape: [7, -1] }), [[null, 3]], [7, null]],
    [layers.permute({ dims: [3, 1, 2] }), [[null, 5, 3]], [3, null, 5]],
    [layers.repeatVector({ n: 4 }), [[null]], [4, null]],
    [layers.zeroPadding2d(), [any], [null, null, 3]],
    [layers.cropping2D({ cropping: 40 }), [any], [null, null, 3]],
    [layers.centerCrop({ height: 5, width: 700 }), [any], [5, 700, 3]],
    [layers.resizing({ height: 5, width: 6 }), [any], [5, 6, 3]],
    [layers.randomCrop({ height: 5, width: 6 }), [any], [5, 6, 3]],
    [layers.upSampling2d(), [any], [null, null, 3]],
    [dense({ units: 5 }), [[null, 8]], [null, 5]],
    [embedding({ inputDim: 9, outputDim: 4 }), [[null]], [null, 4]],
    [layers.batchNormalization(), [any], any],
    [layers.groupNormalization({ groups: 3 }), [any], any],
    [layers.rescaling({ scale: 2 }), [[null, null, null]], [null, null, null]],
    [layers.softmax({ axis: 1 }), [any], any],
    [layers.add(), [any, [1, 1, 3]], any],
    [layers.multiply(), [[null, null, 8], [8]], [null, null, 8]],
    [layers.concatenate(), [any, [null, null, 5]], [null, null, 8]],
    [
      layers.concatenate({ axis: 1 }),
      [
        [null, 5],
        [3, 5],
      ],
      [null, 5],
    ],
    [
      layers.dot({ axes: 2 }),
      [
        [null, 8],
        [null, 8],
      ],
      [null, null],
    ],
    [
      layers.dot({ axes: [1, 1] }),
      [
        [null, 8],
        [null, 5],
      ],
      [8, 5],
    ],
  ])('of %# has null for what depends on null', (layer, [first, ...others], expected) => {
    expect(layer.computeOutputShape(first, ...others)).toEqual(expected);
  });

  it('tells what does not fit, and with which sizes', async () => {
    await expectError(
      () => conv2d({ filters: 1, kernelSize: 3, name: 'c' }).computeOutputShape([null, 2, 3]),
      'SHAPE_MISMATCH',
      /^c: kernel 3x3 is larger than its input 96x2x3; .*\(Sizes that the input leaves open were taken to be 96,/,
    );
    await expectError(
      () => layers.add({ name: 'a' }).computeOutputShape([null, 2], [null, 3]),
      'SHAPE_MISMATCH',
      /^a: inputs of 96x2 and 96x3/,
    );
  });
});

describe('shapes of a model', () => {
  it('have null in values, layers, signature and summary', () => {
    const net = classifier(null, null);
    expect(net.inputs[0].shape).toEqual([null, null, null, 2]);
    expect(net.layers[1].outputShape).toEqual([null, null, null, 6]);
    expect(net.outputs[0].shape).toEqual([null, 3]);
    expect(net.signature.inputs[0].shape).toEqual([null, null, 2]);
    const lines: string[] = [];
    net.summary(80, undefined, (line) => lines.push(line));
    expect(lines.filter((line) => line.includes('(Conv2D)')).map((line) => line.split(/ {2,}/))).toEqual([
      ['conv2d_1 (Conv2D)', '[null, null, null, 6]', '114'],
      ['conv2d_2 (Conv2D)', '[null, null, null, 6]', '330'],
    ]);
  });

  it('come from inputShape, batchInputShape, inputLength, and the default of embedding', () => {
    const one = sequential([layers.conv1d({ filters: 2, kernelSize: 3, inputShape: [null, 4] })]);
    const two = sequential([layers.conv1d({ filters: 2, kernelSize: 3, batchInputShape: [null, null, 4] })]);
    const words = (options = {}) =>
      sequential([layers.embedding({ inputDim: 9, outputDim: 2, ...options })]).outputs[0].shape;
    expect([one, two].map((net) => net.outputs[0].shape)).toEqual([
      [null, null, 2],
      [null, null, 2],
    ]);
    expect(words()).toEqual([null, null, 2]);
    expect(words({ inputLength: [5, null] })).toEqual([null, 5, null, 2]);
    expect(words({ inputLength: 5 })).toEqual([null, 5, 2]);
  });

  it('may need sizes that are multiples, or one more, or rather large or small', () => {
    const image = input({ shape: [null, null, 1] });
    const conv = (filters: number) => layers.conv2d({ filters, kernelSize: 3, padding: 'same' });
    // As in pix2pix: eight times half the size, and back; each time with what had the same size before.
    const halves = [image.pipe(conv(1))];
    for (let i = 0; i < 8; i++) halves.push(halves[i].pipe(layers.maxPooling2d()));
    let back: SymbolicTensor = halves[8];
    for (let i = 7; i >= 0; i--)
      back = layers.concatenate().apply([back.pipe(layers.upSampling2d()), halves[i]]);
    expect(back.shape).toEqual([null, null, null, 9]);
    // U-Net without padding: sizes 16k + 12, and what is skipped is cropped.
    const unpadded = layers.conv2d({ filters: 1, kernelSize: 5 });
    const down = [image.pipe(unpadded)];
    for (let i = 0; i < 4; i++)
      down.push(down[i].pipe(layers.maxPooling2d(), layers.conv2d({ filters: 1, kernelSize: 5 })));
    let up: SymbolicTensor = down[4];
    for (const [i, cropping] of [4, 16, 40, 88].entries()) {
      const skipped = down[3 - i].pipe(layers.cropping2D({ cropping }));
      up = layers.concatenate().apply([up.pipe(layers.upSampling2d()), skipped]);
      up = up.pipe(layers.conv2d({ filters: 1, kernelSize: 5 }));
    }
    expect(up.shape).toEqual([null, null, null, 1]);
    // Sizes 8k + 1.
    const odd = image.pipe(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }));
    const spread = odd.pipe(
      layers.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, outputPadding: 0 }),
    );
    const cropped = spread.pipe(layers.cropping2D({ cropping: 1 }));
    expect(layers.add().apply([image, cropped]).shape).toEqual([null, null, null, 1]);
    // A matrix over all pairs of pixels of the image: much for large ones.
    const rows = image.pipe(
      layers.conv2d({ filters: 4, kernelSize: 1 }),
      layers.reshape({ targetShape: [-1, 4] }),
    );
    expect(layers.dot({ axes: 2 }).apply([rows, rows]).shape).toEqual([null, null, null]);
    const wide = image.pipe(layers.averagePooling2d({ poolSize: 700, strides: 1 }));
    expect(wide.shape).toEqual([null, null, null, 1]);
  });

  it('go through config and JSON', async () => {
    const net = classifier(null, null);
    const again = await models.modelFromJSON(net.toJSON());
    expect(again.inputs[0].shape).toEqual([null, null, null, 2]);
    expect(again.getConfig()).toEqual(net.getConfig());
  });
});

describe('what must be known', () => {
  it('are sizes that weights depend on', async () => {
    const net = sequential([
      layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [null, null, 1] }),
      layers.flatten(),
    ]);
    await expectError(
      () => net.add(layers.dense({ units: 10, name: 'head' })),
      'SHAPE_MISMATCH',
      /^head: its kernel depends on sizes that the model's input leaves open: it would be 26508x10 if they were 96, and 108300x10 if they were 192\. Give /,
    );
    const bare = [
      layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, null], name: 'l' }),
      layers.prelu({ inputShape: [null, 4], name: 'l' }),
      layers.batchNormalization({ inputShape: [4, null], name: 'l' }),
    ];
    for (const layer of bare) {
      await expectError(
        () => sequential([layer]),
        'SHAPE_MISMATCH',
        /^l: its (kernel|alpha|gamma) depends on/,
      );
    }
    const shared = layers.prelu({ inputShape: [null, 4], sharedAxes: [1] });
    expect(sequential([shared]).outputs[0].shape).toEqual([null, null, 4]);
  });

  it('is what a layer that is used again was made for', async () => {
    const dense = layers.dense({ units: 2, name: 'd' });
    dense.apply(input({ shape: [27] }));
    const flat: SymbolicTensor = input({ shape: [null, 3] }).pipe(layers.flatten());
    await expectError(
      () => dense.apply(flat),
      'SHAPE_MISMATCH',
      /^d: its kernel is 27x2 since .* 288 would need/,
    );
  });

  it('is the number of classes, where a metric counts by class', async () => {
    const net = sequential([layers.softmax({ inputShape: [null] })]);
    net.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await expectError(
      () => net.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['precision'] }),
      'INVALID_ARGUMENT',
      /^The metric precision counts by class, .*\[null\]/,
    );
  });

  it('is told with inputShape of a layer that is not the first', async () => {
    const image = input({ shape: [null, 5, 1] });
    const conv = (inputShape: (number | null)[]) => layers.conv2d({ filters: 1, kernelSize: 1, inputShape });
    expect(conv([null, null, 1]).apply(image).shape).toEqual([null, null, 5, 1]);
    await expectError(
      () => conv([4, 5, 1]).apply(image),
      'SHAPE_MISMATCH',
      /inputShape is 4x5x1, but .* \?x5x1/,
    );
  });
});

describe.each(ENGINES)('a model of unknown sizes, by the %s engine', (engine) => {
  beforeEach(() => setEngine(engine));
  afterEach(() => setEngine('native'));

  const SIZES = [
    [4, 6],
    [9, 5],
    [12, 12],
    [5, 5],
  ];

  it('predicts as one of known sizes', async () => {
    const open = classifier(null, null);
    for (const [height, width] of [...SIZES, SIZES[0]]) {
      // Odd sizes don't come back from half of them.
      if ((height % 2) + (width % 2) > 0) continue;
      const known = classifier(height, width);
      copyWeights(open, known);
      const x = drawn([3, height, width, 2], height);
      const expected = valuesOf(known.predict(x));
      expect(valuesOf(open.predict(x))).toEqual(expected);
      expect(valuesOf(await open.predict(x, { batchSize: 2 }))).toEqual(expected);
      expect(valuesOf(open.predictOnBatch(x))).toEqual(expected);
    }
  });

  it('refuses data that does not fit, and is none the worse', async () => {
    const net = classifier(null, null);
    await expectError(
      () => net.predict(drawn([1, 4, 6, 3])),
      'SHAPE_MISMATCH',
      /x has shape \[1, 4, 6, 3\], but the model takes samples of \?x\?x2: \[n, null, null, 2\]/,
    );
    await expectError(() => net.predict(drawn([1, 0, 6, 2])), 'INVALID_ARGUMENT', /samples of 0x6x2/);
    await expectError(
      () => net.predict(drawn([1, 5, 6, 2])),
      'SHAPE_MISMATCH',
      /^add_1: inputs of 5x6x6 and 6x6x6/,
    );
    expect(net.predict(drawn([1, 4, 6, 2])).shape).toEqual([1, 3]);
  });

  it('trains, evaluates and gives gradients as models of known sizes that hand their weights on', async () => {
    const y = tensor([0, 1, 2], [3], 'int32');
    const sgd = (net: Functional) => {
      net.compile({
        optimizer: train.sgd(0.1),
        loss: 'sparseCategoricalCrossentropy',
        metrics: ['accuracy'],
      });
      return net;
    };
    const open = sgd(classifier(null, null, 0));
    for (const [height, width] of [
      [4, 6],
      [8, 2],
      [4, 6],
      [2, 2],
    ]) {
      const known = sgd(classifier(height, width, 0));
      copyWeights(open, known);
      const x = drawn([3, height, width, 2], width);
      const scores = [open, known].map((net) => net.evaluate<PendingTensors>(x, y).map(valuesOf));
      expect(scores[0]).toEqual(scores[1]);
      const [own, expected] = [await open.gradients(x, y), await known.gradients(x, y)];
      expect(own.loss).toBe(expected.loss);
      for (const [name, gradient] of Object.entries(expected.gradients))
        expect(valuesOf(own.gradients[name])).toEqual(valuesOf(gradient));
      const validationData = [drawn([1, 6, 6, 2]), tensor([1], [1], 'int32')] as const;
      const fitted = await open.fit(x, y, { epochs: 2, batchSize: 2, seed: 1, verbose: 0, validationData });
      const { history } = await known.fit(x, y, { epochs: 2, batchSize: 2, seed: 1, verbose: 0 });
      expect(fitted.history).toMatchObject(history);
      expect(fitted.history.val_loss).toHaveLength(2);
      expect(open.getWeights().map(valuesOf)).toEqual(known.getWeights().map(valuesOf));
    }
    expect(open.optimizer.iterations).toBe(16);
  });

  it('draws at random by the number of the step, whatever sizes came before', async () => {
    const y = tensor([0, 1, 2], [3], 'int32');
    const x = drawn([3, 4, 6, 2]);
    const lossAfter = async (sizes: number[][]) => {
      const net = compiled(classifier(null, null));
      net.compile({ optimizer: train.sgd(0), loss: 'sparseCategoricalCrossentropy' });
      for (const [height, width] of sizes)
        await net.fit(drawn([3, height, width, 2]), y, { verbose: 0, seed: 9 });
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

  it('takes batches of any size from datasets', async () => {
    const batches = SIZES.filter(([height, width]) => (height + width) % 2 === 0 && height % 2 === 0);
    const elements = batches.map(([height, width]) => ({
      xs: drawn([2, height, width, 2], height),
      ys: tensor([0, 2], [2], 'int32'),
    }));
    async function* dataset() {
      yield* elements;
    }
    const [whole, single] = [compiled(classifier(null, null)), compiled(classifier(null, null))];
    await whole.fitDataset({ [Symbol.asyncIterator]: dataset }, { verbose: 0, seed: 4 });
    for (const { xs, ys } of elements) await single.fit(xs, ys, { verbose: 0, seed: 4, shuffle: false });
    expect(whole.getWeights().map(valuesOf)).toEqual(single.getWeights().map(valuesOf));
    const [loss] = await whole.evaluateDataset({ [Symbol.asyncIterator]: dataset });
    const each = elements.map(({ xs, ys }) => valuesOf(whole.evaluate<PendingTensors>(xs, ys)[0])[0]);
    expectClose(valuesOf(loss), [each.reduce((a, b) => a + b) / each.length], { absolute: 1e-6 });
    await whole.trainOnBatch(elements[1].xs, elements[1].ys);
    expect(whole.optimizer.iterations).toBe(batches.length + 1);
  });

  it('compares targets with outputs of the size at hand', async () => {
    const net = sequential([
      layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [null, null, 1], useBias: false }),
    ]);
    net.setWeights([tensor([1, 0, 0, 0, 0, 0, 0, 1], [2, 2, 1, 2])]);
    net.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
    const evaluate = async (height: number, width: number, ...target: number[]) =>
      valuesOf(await net.evaluate<PendingTensor>(drawn([1, height, width, 1]), drawn([1, ...target])));
    expect(await evaluate(3, 4, 2, 3, 2)).toHaveLength(1);
    expect(await evaluate(2, 2, 1, 1, 2)).toHaveLength(1);
    await expectError(
      () => evaluate(3, 4, 3, 4, 2),
      'SHAPE_MISMATCH',
      /y has shape \[1, 3, 4, 2\], but meanSquaredError on outputs of \[2, 3, 2\]/,
    );
  });

  it('is a layer of others, also of such as know their sizes', () => {
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
    const x = drawn([2, 10, 8, 1]);
    const [first] = open.predict<PendingTensors>(x);
    expect(valuesOf(first)).toEqual(valuesOf(base.predict(x)));
    expect(valuesOf(first)).toEqual(valuesOf(outer(10, 8).predict<PendingTensors>(x)[0]));
  });

  it('keeps programs for the 8 sizes that were used last', async () => {
    const net = compiled(classifier(null, null));
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
        pending.push(net.predict(drawn(size(i))));
        if (i % 10 === 0) await net.trainOnBatch(drawn(size(i)), tensor([1], [1], 'int32'));
        expect(alive.size).toBeLessThanOrEqual(8);
      }
      // Those that were let go meanwhile still gave what they were asked for.
      const sums = (await Promise.all(pending)).map((each) => valuesOf(each).reduce((a, b) => a + b));
      expectClose(
        sums,
        sums.map(() => 1),
        { absolute: 1e-5 },
      );
      expect(alive.size).toBe(8);
      const made = spy.mock.calls.length;
      for (let i = 12; i < 20; i++) await net.predict(drawn(size(i)));
      for (let i = 12; i < 20; i++) await net.predict(drawn(size(i)));
      expect(spy.mock.calls.length - made).toBe(0);
      net.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
      expect(alive.size).toBe(0);
      net.predict(drawn([1, 2, 2, 2]));
      net.dispose();
      expect(alive.size).toBe(0);
    } finally {
      spy.mockRestore();
    }
  });

  it('makes one program where all sizes are known', async () => {
    const net = compiledClassifier();
    const spy = vi.spyOn(net.state.engine, 'createProgram');
    const { x, y } = tinySet(9);
    await net.fit(x, y, { verbose: 0, validationData: [x, y] });
    net.predict(x).dataSync();
    net.predict(x.slice([0], [2])).dataSync();
    expect(spy.mock.calls).toHaveLength(1);
    spy.mockRestore();
  });

  it('goes on with its optimizer after it was saved and loaded', async () => {
    const net = compiled(classifier(null, null));
    const y = tensor([0, 1], [2], 'int32');
    const trainOn = (each: LayersModel, height: number) =>
      each.fit(drawn([2, height, 4, 2]), y, { verbose: 0, seed: 8, shuffle: false });
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

  it('saves its optimizer before it was ever run', async () => {
    const net = compiled(classifier(null, null));
    await net.save(folder(`untrained-${engine}`), { includeOptimizer: true });
    const loaded = await loadLayersModel(folder(`untrained-${engine}`));
    expect(loaded.getWeights().map(valuesOf)).toEqual(net.getWeights().map(valuesOf));
    expect(loaded.optimizer.iterations).toBe(0);
  });

  it('is explained for the sizes of the last run, or others', async () => {
    const net = compiled(classifier(null, null));
    const shapes = async (inputShape?: Shape) => {
      const { nodes } = await net.explain({ mode: 'predict', inputShape });
      return [nodes[0].shape, nodes[1].shape];
    };
    expect(await shapes()).toEqual([
      [96, 96, 2],
      [96, 96, 6],
    ]);
    net.predict(drawn([1, 4, 6, 2]));
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
    const html = await report.featureMaps(net, drawn([7, 9, 1]));
    expect(html).toContain('Conv2D, [5, 7, 2]');
    expect(await report.featureMaps(net, drawn([1, 12, 8, 1]))).toContain('Conv2D, [10, 6, 2]');
    await expectError(
      () => report.featureMaps(net, drawn([7, 9, 2])),
      'SHAPE_MISMATCH',
      /image is \[7, 9, 2\], but .* takes one of \[null, null, 1\]/,
    );
  });
});
