import { readFile, writeFile } from 'node:fs/promises';
import * as tfjs from '@tensorflow/tfjs-core';
import type * as tfjsLayers from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import type { CompileOptions } from '../../lib/network/compile.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { loadInTfjs, saveFromTfjs } from '../support/tfjs-files.js';

const pathOf = temporaryFolder();

/** One output of two units or more. */
function network(outputs = 1): tf.LayersModel {
  const input = tf.input({ shape: [3] });
  const names = ['left_side', 'rightSide'].slice(0, outputs);
  const heads = names.map((name) => tf.layers.dense({ units: 2, activation: 'sigmoid', name }).apply(input));
  return tf.model({ inputs: input, outputs: heads });
}

/** The saved training config of a model compiled with these options, after a check that it loads again. */
async function written(options: CompileOptions, outputs = 1) {
  const model = network(outputs);
  model.compile(options);
  await model.save(pathOf('model'), { includeOptimizer: true });
  expect(compiled(await tf.loadLayersModel(pathOf('model')))).toEqual(compiled(model));
  return JSON.parse(await readFile(pathOf('model/model.json'), 'utf8')).trainingConfig;
}

function compiled({ compiled: { outputs, optimizer } }: tf.LayersModel): unknown {
  const described = outputs.map((output) => {
    return (
      output && { ...output, metrics: output.metrics.map((metric) => [metric.name, metric.getConfig()]) }
    );
  });
  return [described, optimizer.getClassName(), optimizer.getConfig()];
}

const inTfjs = () => loadInTfjs(pathOf('model'));

describe('a loss', () => {
  it.each([
    ['meanSquaredError', 'mean_squared_error'],
    ['mse', 'mean_squared_error'],
    ['absoluteDifference', 'mean_absolute_error'],
    ['meanAbsolutePercentageError', 'mean_absolute_percentage_error'],
    ['meanSquaredLogarithmicError', 'mean_squared_logarithmic_error'],
    ['squaredHinge', 'squared_hinge'],
    ['hinge', 'hinge'],
    ['categoricalHinge', 'categorical_hinge'],
    ['logcosh', 'logcosh'],
    ['logCosh', 'logcosh'],
    ['categoricalCrossentropy', 'categorical_crossentropy'],
    ['sparseCategoricalCrossentropy', 'sparse_categorical_crossentropy'],
    ['binaryCrossentropy', 'binary_crossentropy'],
    ['kullbackLeiblerDivergence', 'kullback_leibler_divergence'],
    ['klDivergence', 'kullback_leibler_divergence'],
    ['poisson', 'poisson'],
    ['cosineProximity', 'cosine_proximity'],
    ['cosineSimilarity', 'cosine_proximity'],
  ] as const)('%s is saved as %s, which TF.js reads', async (loss, name) => {
    const config = await written({ optimizer: 'sgd', loss });
    expect(config).toMatchObject({ loss: name });
    expect(config).not.toHaveProperty('convforge');
    const theirs = await inTfjs();
    expect(theirs.lossFunctions).toEqual([expect.any(Function)]);
  });

  it.each<[string, CompileOptions['loss']]>([
    ['huber', 'huber'],
    ['halfSquaredError', 'halfSquaredError'],
    ['convforge>huber', tf.losses.huber({ delta: 2 })],
    ['convforge>categoricalCrossentropy', tf.losses.softmaxCrossEntropy],
    ['convforge>binaryCrossentropy', tf.losses.binaryCrossentropy({ labelSmoothing: 0.1 })],
  ])('that TF.js lacks is refused by TF.js as %s', async (name, loss) => {
    await written({ optimizer: 'sgd', loss });
    await expect(inTfjs()).rejects.toThrow(`Unknown loss ${name}`);
  });

  it('is saved by output name if another output has none', async () => {
    const config = await written({ optimizer: 'sgd', loss: [null, 'logcosh'], metrics: 'mae' }, 2);
    expect(config).toMatchObject({ loss: { rightSide: 'logcosh' }, metrics: { rightSide: ['mae'] } });
    expect((await inTfjs()).outputNames).toEqual(['left_side', 'rightSide']);
  });

  it('with a weight is refused by TF.js, which has no weights', async () => {
    const config = await written({ optimizer: 'sgd', loss: 'mse', lossWeights: { left_side: 2 } }, 2);
    expect(config).toMatchObject({
      loss: ['mean_squared_error', 'mean_squared_error'],
      loss_weights: [2, 1],
    });
    await expect(inTfjs()).rejects.toThrow('Loading loss_weights is not supported yet');
  });
});

describe('a metric', () => {
  const metricsNames = async () => (await inTfjs()).metricsNames;

  it.each<[tf.metrics.MetricIdentifier, string]>([
    ['acc', 'accuracy'],
    ['ce', 'crossentropy'],
    ['binaryAccuracy', 'binary_accuracy'],
    [tf.metrics.categoricalAccuracy, 'categorical_accuracy'],
    ['precision', 'precision'],
    ['categoricalCrossentropy', 'categorical_crossentropy'],
    ['mse', 'mse'],
    [tf.metrics.meanAbsoluteError, 'mae'],
    ['mape', 'mape'],
    ['cosine', 'cosine'],
  ])('%s is saved as %s, which TF.js reads', async (metric, name) => {
    const config = await written({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: [metric] });
    expect(config).toEqual(expect.objectContaining({ metrics: [name] }));
    expect(config).not.toHaveProperty('convforge');
    expect(await metricsNames()).toHaveLength(2);
  });

  it('that TF.js lacks, or lacks options of, is omitted', async () => {
    const metrics = [
      tf.metrics.recall({ name: 'found' }),
      tf.metrics.cosineProximity(),
      'cosineSimilarity',
      tf.metrics.precision({ classId: 1 }),
      'accuracy',
    ] as const;
    const config = await written({ optimizer: 'sgd', loss: 'binaryCrossentropy', metrics });
    expect(config.metrics).toEqual(['cosine', 'accuracy']);
    expect(await metricsNames()).toEqual(['loss', 'cosine', 'acc']);
  });

  it('of several outputs is saved by name if they differ', async () => {
    const metrics = { left_side: ['mse', 'categoricalCrossentropy'], rightSide: 'auc' } as const;
    const config = await written({ optimizer: 'sgd', loss: 'binaryCrossentropy', metrics }, 2);
    expect(config.metrics).toEqual({ left_side: ['mse', 'categoricalCrossentropy'], rightSide: [] });
    expect((await metricsNames()).slice(3)).toEqual(['left_side_mse', 'left_side_categoricalCrossentropy']);
  });

  it("that TF.js saved by a name that it can't read loads", async () => {
    const theirs = await made({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const metrics = ['mean_squared_error', 'MAPE', 'cosine_proximity', 'sparse_categorical_accuracy'];
    theirs.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    await saveFromTfjs(theirs, pathOf('theirs'), true);
    await edit('theirs', (json) => {
      json.trainingConfig.metrics = metrics.slice(3);
    });
    const [output] = (await tf.loadLayersModel(pathOf('theirs'))).compiled.outputs;
    expect(output?.metrics.map(({ name }) => name)).toEqual(['sparseCategoricalAccuracy']);
    await edit('theirs', (json) => {
      json.trainingConfig = { ...json.trainingConfig, loss: 'hinge', metrics: metrics.slice(0, 3) };
    });
    const [other] = (await tf.loadLayersModel(pathOf('theirs'))).compiled.outputs;
    expect(other?.metrics.map(({ name }) => name)).toEqual([
      'meanSquaredError',
      'meanAbsolutePercentageError',
      'cosineProximity',
    ]);
  });
});

/** A TF.js model compiled with these options. */
async function made(options: tfjsLayers.ModelCompileArgs): Promise<tfjsLayers.LayersModel> {
  await network().save(pathOf('model'));
  const theirs = await inTfjs();
  theirs.compile(options);
  return theirs;
}

// biome-ignore lint/suspicious/noExplicitAny: any key of a file may be changed.
async function edit(folder: string, change: (json: any) => void): Promise<void> {
  const json = JSON.parse(await readFile(pathOf(`${folder}/model.json`), 'utf8'));
  change(json);
  await writeFile(pathOf(`${folder}/model.json`), JSON.stringify(json));
}

describe('an optimizer', () => {
  it.each<[string, CompileOptions['optimizer'], object]>([
    ['SGD', tf.train.sgd(0.5), { learningRate: 0.5 }],
    ['Momentum', tf.train.momentum(0.5, 0.9), { learningRate: 0.5, momentum: 0.9, useNesterov: false }],
    ['Adam', tf.train.adam(0.5), { learningRate: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    [
      'Adamax',
      tf.train.adamax(0.5, 0.8),
      { learningRate: 0.5, beta1: 0.8, beta2: 0.999, epsilon: 1e-7, decay: 0 },
    ],
    ['Adamax', tf.train.adamax(0.5, 0.8, 0.9, 1e-7, 2), { learningRate: 0.5, beta1: 0.8, decay: 2 }],
    ['RMSProp', tf.train.rmsprop(0.5, 0.8, 0.7), { learningRate: 0.5, decay: 0.8, momentum: 0.7 }],
    ['Adagrad', tf.train.adagrad(0.5, 0.2), { learningRate: 0.5, initialAccumulatorValue: 0.2 }],
    ['Adadelta', tf.train.adadelta(0.5, 0.8, 1e-5), { learningRate: 0.5, rho: 0.8, epsilon: 1e-5 }],
  ])('%s is the same in TF.js', async (name, optimizer, config) => {
    await written({ optimizer, loss: 'meanSquaredError' });
    const theirs = (await inTfjs()).optimizer;
    expect(theirs.getClassName()).toBe(name);
    expect(theirs.getConfig()).toMatchObject(config);
  });

  const { adam, adamw, adagrad, lion, sgd, schedules } = tf.optimizers;
  it.each([
    ['convforge>Adam', adam({ clipNorm: 1 })],
    ['convforge>Adam', adam({ amsgrad: true })],
    [
      'convforge>SGD',
      sgd({
        learningRate: schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }),
      }),
    ],
    ['convforge>Adagrad', adagrad({ epsilon: 1e-5 })],
    ['AdamW', adamw()],
    ['Lion', lion()],
  ])('%s with options that TF.js lacks is refused by TF.js', async (name, optimizer) => {
    await written({ optimizer, loss: 'meanSquaredError' });
    await expect(inTfjs()).rejects.toThrow(`: ${name}. This may be due to`);
  });

  it('of TF.js before its first step has only iter in the file', async () => {
    const theirs = await made({ optimizer: tfjs.train.adam(0.25), loss: 'meanSquaredError' });
    await saveFromTfjs(theirs, pathOf('theirs'), true);
    const ours = await tf.loadLayersModel(pathOf('theirs'));
    expect(ours.optimizer.learningRate).toBe(0.25);
    const { optimizer } = await ours.state.snapshot();
    expect(optimizer?.iterations).toBe(0);
    expect(optimizer?.slots.v.map((values) => [...values])).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 0],
    ]);
  });

  it.each([false, true])('of TF.js has momentum 0, nesterov %s', async (useNesterov) => {
    const theirs = await made({ optimizer: tfjs.train.momentum(0.5, 0, useNesterov), loss: 'hinge' });
    await theirs.trainOnBatch(tfjs.ones([1, 3]), tfjs.ones([1, 2]));
    await saveFromTfjs(theirs, pathOf('theirs'), true);
    const ours = await tf.loadLayersModel(pathOf('theirs'));
    expect(ours.optimizer.getConfig()).toEqual({ learningRate: 0.5, momentum: 0, nesterov: false });
    expect((await ours.state.snapshot()).optimizer?.iterations).toBe(1);
  });
});
