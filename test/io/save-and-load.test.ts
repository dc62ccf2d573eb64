import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layers, losses, metrics, optimizers, type Sequential, sequential, tensor } from '../../lib/index.js';
import { saveModel } from '../../lib/io/save-model.js';
import { loadLayersModel } from '../../lib/models/load-layers-model.js';
import { expectError } from '../support/convforge-error.js';
import { weightsFile, weightsName } from '../support/weights-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-io-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Each layer class once, with non-default options. */
function everyLayer(): Sequential {
  return sequential({
    name: 'every_Layer',
    layers: [
      layers.inputLayer({ inputShape: [9, 9, 2] }),
      layers.rescaling({ scale: 0.5, offset: -1, name: 'my_Rescaling' }),
      layers.conv2d({ filters: 3, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'relu' }),
      layers.depthwiseConv2d({
        kernelSize: 3,
        padding: 'same',
        depthMultiplier: 2,
        depthwiseInitializer: 'heUniform',
        activation: 'tanh',
      }),
      layers.batchNormalization({ momentum: 0.5, movingMeanInitializer: 'ones' }),
      layers.groupNormalization({ groups: 3, center: false }),
      layers.layerNormalization({ axis: [2, 3], epsilon: 0.01 }),
      layers.maxPooling2d({ poolSize: [2, 1], strides: 1 }),
      layers.conv2d({
        filters: 2,
        groups: 2,
        kernelSize: 2,
        dilationRate: 2,
        padding: [
          [1, 0],
          [0, 1],
        ],
        useBias: false,
        kernelInitializer: { className: 'HeNormal', config: { seed: 3 } },
      }),
      layers.sumPooling2d({
        poolSize: 2,
        strides: 1,
        padding: [
          [1, 0],
          [0, 0],
        ],
      }),
      layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      layers.activation({ activation: 'sigmoid' }),
      layers.flatten(),
      layers.dropout({ rate: 0.25 }),
      layers.reshape({ targetShape: [2, -1] }),
      layers.dense({ units: 3, activation: 'tanh' }),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'softmax', biasInitializer: 'ones' }),
    ],
  });
}

function samples(count: number) {
  const x = Float32Array.from({ length: count * 162 }, (_, i) => ((i * 37) % 17) / 8);
  const y = Float32Array.from({ length: count * 2 }, (_, i) => (i + Math.floor(i / 2)) % 2);
  return { x: tensor(x, [count, 9, 9, 2]), y: tensor(y, [count, 2]) };
}

// biome-ignore lint/suspicious/noExplicitAny: looked into at many depths.
async function json(): Promise<Record<string, any>> {
  return JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
}

describe('a saved model', () => {
  it('is loaded with its layers, names and weights', async () => {
    const model = everyLayer();
    await saveModel(model, folder);
    const loaded = await loadLayersModel(folder);
    expect(loaded.getConfig()).toEqual(model.getConfig());
    expect(loaded.name).toBe('every_Layer');
    expect(loaded.isCompiled).toBe(false);
    const { x } = samples(3);
    expect(loaded.predict(x).dataSync()).toEqual(model.predict(x).dataSync());
    expect(loaded.getWeights().map((weight) => weight.dataSync())).toEqual(
      model.getWeights().map((weight) => weight.dataSync()),
    );
  });

  it.each([
    ['adam', optimizers.adam({ learningRate: 0.02, beta1: 0.8, epsilon: 1e-6 })],
    ['sgd', optimizers.sgd({ learningRate: 0.1 })],
    ['sgd with momentum', optimizers.sgd({ learningRate: 0.125, momentum: 0.5, nesterov: true })],
  ])('continues training with %s after loading', async (_name, optimizer) => {
    const model = everyLayer();
    model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy', 'meanSquaredError'] });
    const { x, y } = samples(8);
    await model.fit(x, y, { epochs: 2, batchSize: 4, seed: 1, verbose: 0 });
    await saveModel(model, folder, { includeOptimizer: true });
    const loaded = await loadLayersModel(folder);
    expect(loaded.optimizer.getClassName()).toBe(optimizer.getClassName());
    expect(loaded.optimizer.getConfig()).toEqual(optimizer.getConfig());
    expect(loaded.compiled.outputs).toEqual(model.compiled.outputs);
    // The learning rate of the momentum case is a power of two, so that scaling its slots is exact.
    await model.fit(x, y, { epochs: 2, batchSize: 4, seed: 2, verbose: 0 });
    await loaded.fit(x, y, { epochs: 2, batchSize: 4, seed: 2, verbose: 0 });
    expect(loaded.getWeights().map((weight) => weight.dataSync())).toEqual(
      model.getWeights().map((weight) => weight.dataSync()),
    );
  });

  it('keeps a loss with fromLogits', async () => {
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
    model.compile({ optimizer: 'adam', loss });
    await saveModel(model, folder, { includeOptimizer: true });
    expect((await loadLayersModel(folder)).compiled.outputs[0]?.loss).toEqual(loss);
  });

  it('keeps the options of loss and metrics', async () => {
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    model.compile({
      optimizer: 'adam',
      loss: losses.binaryFocalCrossentropy({ applyClassBalancing: true, alpha: 0.4, labelSmoothing: 0.1 }),
      metrics: [
        'accuracy',
        metrics.precision({ classId: 1, name: 'second' }),
        'auc',
        metrics.f1Score({ average: 'micro' }),
      ],
    });
    await saveModel(model, folder, { includeOptimizer: true });
    const loaded = await loadLayersModel(folder);
    expect(loaded.compiled.outputs).toEqual(model.compiled.outputs);
    const configs = ({ compiled }: typeof model) =>
      compiled.outputs[0]?.metrics.map((metric) => metric.getConfig());
    expect(configs(loaded as typeof model)).toEqual(configs(model));
    const { trainingConfig } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    // TF.js refuses the loss by this name, and ignores metrics that it doesn't have.
    expect(trainingConfig.loss).toBe('convforge>binary_focal_crossentropy');
    expect(trainingConfig.metrics).toEqual(['accuracy']);
    const { loss, metrics: written } = trainingConfig.convforge;
    expect(loss).toEqual([
      {
        class_name: 'BinaryFocalCrossentropy',
        config: {
          from_logits: false,
          label_smoothing: 0.1,
          gamma: 2,
          alpha: 0.4,
          apply_class_balancing: true,
        },
      },
    ]);
    expect(written[0].slice(2)).toEqual([
      'auc',
      { class_name: 'F1Score', config: { average: 'micro', threshold: null } },
    ]);
  });

  it("keeps a loss's ignoreClass, as Keras writes it", async () => {
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    model.compile({
      optimizer: 'adam',
      loss: losses.sparseCategoricalCrossentropy({ ignoreClass: -1 }),
      metrics: [metrics.sparseCategoricalCrossentropy({ ignoreClass: -1 })],
    });
    await saveModel(model, folder, { includeOptimizer: true });
    const { trainingConfig } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    const [loss] = trainingConfig.convforge.loss;
    expect(loss).toEqual({
      class_name: 'SparseCategoricalCrossentropy',
      config: { from_logits: false, ignore_class: -1 },
    });
    const loaded = await loadLayersModel(folder);
    expect(loaded.compiled.outputs[0]?.loss).toMatchObject({ ignoreClass: -1 });
    expect(loaded.compiled.outputs[0]?.metrics[0].getConfig()).toMatchObject({ ignoreClass: -1 });
    // Keras writes null for a missing value.
    const [[metric]] = trainingConfig.convforge.metrics;
    loss.config.ignore_class = null;
    metric.config.ignore_class = null;
    const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    const { optimizer_config } = trainingConfig;
    const asKeras = { ...json, trainingConfig: { loss, metrics: [metric], optimizer_config } };
    await writeFile(join(folder, 'model.json'), JSON.stringify(asKeras));
    const plain = await loadLayersModel(folder);
    expect(plain.compiled.outputs[0]?.loss).not.toHaveProperty('ignoreClass');
    expect(plain.compiled.outputs[0]?.metrics[0].description).not.toHaveProperty('loss.ignoreClass');
  });

  it('replaces an existing file, and leaves no temporary files', async () => {
    const first = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    await saveModel(first, folder);
    await saveModel(everyLayer(), folder);
    expect((await loadLayersModel(folder)).layers).toHaveLength(18);
    expect((await readdir(folder)).sort()).toEqual(['model.json', weightsName(folder)]);
  });

  it('can be saved during training', async () => {
    const model = everyLayer();
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const { x, y } = samples(8);
    let saved: Promise<void> | undefined;
    const onEpochEnd = () => {
      saved ??= model.save(folder, { includeOptimizer: true });
    };
    await model.fit(x, y, { epochs: 5, batchSize: 4, verbose: 0, callbacks: { onEpochEnd } });
    await saved;
    const loaded = await loadLayersModel(folder);
    expect(loaded.predict(x).dataSync().every(Number.isFinite)).toBe(true);
  });

  it('is found by folder or file, path or URL, relative or absolute', async () => {
    const model = sequential({ name: 'found', layers: [layers.dense({ units: 2, inputShape: [3] })] });
    const near = relative(process.cwd(), folder);
    await model.save(`file://${near}/a/b`);
    for (const place of [
      `${folder}/a/b`,
      `${near}/a/b/model.json`,
      `file://${folder}/a/b`,
      `file://${near}/a/b/model.json`,
    ]) {
      expect((await loadLayersModel(place)).name).toBe('found');
    }
  });
});

describe('the file format', () => {
  it("is TF.js's", async () => {
    const model = sequential({
      name: 'small',
      layers: [layers.conv2d({ filters: 1, kernelSize: 2, inputShape: [2, 2, 1] }), layers.flatten()],
    });
    model.compile({
      optimizer: optimizers.sgd({ momentum: 0.9 }),
      loss: 'halfSquaredError',
      metrics: ['acc'],
    });
    await saveModel(model, `file://${folder}`, { includeOptimizer: true });
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    const bytes = await readFile(weightsFile(folder));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await json()).toEqual({
      format: 'layers-model',
      generatedBy: `convforge ${version}`,
      convertedBy: null,
      modelTopology: {
        class_name: 'Sequential',
        keras_version: 'tfjs-layers 4.22.0',
        backend: 'tensor_flow.js',
        convforge: { format: 2 },
        config: {
          name: 'small',
          layers: [
            {
              class_name: 'Conv2D',
              config: {
                name: 'conv2d_1',
                batch_input_shape: [null, 2, 2, 1],
                activation: 'linear',
                use_bias: true,
                kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null } },
                bias_initializer: { class_name: 'Zeros', config: {} },
                filters: 1,
                groups: 1,
                kernel_size: [2, 2],
                strides: [1, 1],
                padding: 'valid',
                dilation_rate: [1, 1],
                data_format: 'channels_last',
              },
            },
            { class_name: 'Flatten', config: expect.objectContaining({ name: 'flatten_1' }) },
          ],
        },
      },
      trainingConfig: {
        loss: 'half_squared_error',
        metrics: ['accuracy'],
        optimizer_config: {
          class_name: 'Momentum',
          config: { learningRate: 0.01, momentum: 0.9, useNesterov: false },
        },
      },
      weightsManifest: [
        {
          paths: [`weights.${sha256.slice(0, 16)}.bin`],
          sha256: [sha256],
          weights: [
            { name: 'conv2d_1/kernel', shape: [2, 2, 1, 1], dtype: 'float32' },
            { name: 'conv2d_1/bias', shape: [1], dtype: 'float32' },
            { name: 'iter', shape: [], dtype: 'int32', group: 'optimizer' },
            { name: 'conv2d_1/kernel/momentum', shape: [2, 2, 1, 1], dtype: 'float32', group: 'optimizer' },
            { name: 'conv2d_1/bias/momentum', shape: [1], dtype: 'float32', group: 'optimizer' },
          ],
        },
      ],
    });
    expect(bytes).toHaveLength(11 * 4);
    const kernel = Array.from({ length: 4 }, (_, i) => bytes.readFloatLE(i * 4));
    expect(kernel).toEqual([...model.getWeights()[0].dataSync()]);
  });

  it('names the weights of a depthwise convolution as Keras does', async () => {
    const model = sequential({
      layers: [
        layers.depthwiseConv2d({ kernelSize: [3, 2], depthMultiplier: 2, name: 'd', inputShape: [4, 4, 3] }),
      ],
    });
    await saveModel(model, folder);
    const { modelTopology, weightsManifest } = await json();
    expect(modelTopology.config.layers[0].class_name).toBe('DepthwiseConv2D');
    expect(modelTopology.config.layers[0].config).toMatchObject({
      depth_multiplier: 2,
      depthwise_initializer: { class_name: 'GlorotUniform' },
    });
    expect(weightsManifest[0].weights).toEqual([
      { name: 'd/depthwise_kernel', shape: [3, 2, 3, 2], dtype: 'float32' },
      { name: 'd/bias', shape: [6], dtype: 'float32' },
    ]);
  });

  it('has a training config only if requested', async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    await saveModel(model, folder);
    expect(await json()).not.toHaveProperty('trainingConfig');
    expect((await json()).weightsManifest[0].weights).toHaveLength(2);
    expect((await loadLayersModel(folder)).isCompiled).toBe(false);
  });
});

describe('saving refuses', () => {
  const model = () => sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });

  it('an optimizer without compile', () =>
    expectError(() => saveModel(model(), folder, { includeOptimizer: true }), 'NOT_COMPILED', /compile/));

  it('locations other than files', async () => {
    await expectError(() => saveModel(model(), 'localstorage://m'), 'UNSUPPORTED', /localstorage/);
    await expectError(() => loadLayersModel('ftp://example.org/model.json'), 'UNSUPPORTED', /ftp/);
    for (const place of ['', 'file://', undefined, 3]) {
      await expectError(() => saveModel(model(), place as string), 'INVALID_ARGUMENT', /not a location/);
    }
  });

  it('unknown options', async () => {
    await expectError(
      () => saveModel(model(), folder, { includeOptimiser: true } as never),
      'UNKNOWN_OPTION',
      /includeOptimizer/,
    );
    await expectError(
      () => saveModel(model(), folder, { includeOptimizer: 1 } as never),
      'INVALID_ARGUMENT',
      /1/,
    );
  });

  it("a folder that can't be created, naming it", async () => {
    await saveModel(model(), folder);
    await expectError(() => saveModel(model(), join(folder, 'model.json', 'x')), 'IO_ERROR', /model\.json/);
  });
});
