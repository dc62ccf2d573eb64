import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// What training is made of, name by name, each with a number that only it gives: initial weights, penalties,
// constraints, optimizers, schedules and callbacks.

// biome-ignore lint/suspicious/noExplicitAny: names are looked up as strings, so that one that vanishes is a failure, no type error.
type Functions = Record<string, (...values: any[]) => any>;
const named = (group: object) => group as unknown as Functions;

/** The value as a file has it. */
const throughJson = (part: { className?: string; getClassName?(): string; getConfig(): object }) => ({
  className: part.className ?? part.getClassName?.(),
  config: JSON.parse(JSON.stringify(part.getConfig())),
});

/** w times x, with an initial w of 1. For x = 1, y = 0 the loss is w^2 and its gradient 2 w. */
function oneWeight(options: object = {}): tf.Sequential {
  const dense = { units: 1, useBias: false, kernelInitializer: 'ones', inputShape: [1], ...options } as const;
  return tf.sequential({ layers: [tf.layers.dense(dense)] });
}
const X = tf.tensor([[1]]);
const Y = tf.tensor([[0]]);
const weightOf = (model: tf.LayersModel) => model.getWeights()[0].dataSync()[0];

describe('initializers', () => {
  const SIZE = 64;
  const values = (initializer: unknown): Float32Array => {
    tf.setSeed(3);
    const dense = {
      units: SIZE,
      useBias: false,
      inputShape: [2 * SIZE],
      kernelInitializer: initializer as 'ones',
    };
    return tf
      .sequential({ layers: [tf.layers.dense(dense)] })
      .getWeights()[0]
      .dataSync() as Float32Array;
  };
  const deviation = (list: Float32Array) =>
    Math.sqrt(list.reduce((sum, value) => sum + value * value, 0) / list.length);
  const largest = (list: Float32Array) => list.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

  it.each<[string, object | undefined, (index: number) => number]>([
    ['zeros', undefined, () => 0],
    ['ones', undefined, () => 1],
    ['constant', { value: 0.5 }, () => 0.5],
    ['identity', { gain: 2 }, (i) => (Math.floor(i / SIZE) === i % SIZE ? 2 : 0)],
  ])('%s', (name, options, valueAt) => {
    expect([...values(named(tf.initializers)[name](options))]).toEqual(
      Array.from({ length: 2 * SIZE * SIZE }, (_, i) => valueAt(i)),
    );
  });

  // fanIn is 128, fanOut 64. A uniform distribution ends at its limit; a truncated normal one at 2.27 of its
  // deviations.
  it.each<[string, object | undefined, 'uniform' | 'normal' | 'truncated', number]>([
    ['randomUniform', { minval: -0.5, maxval: 0.5 }, 'uniform', 0.5],
    ['randomNormal', { stddev: 0.5 }, 'normal', 0.5],
    ['truncatedNormal', { stddev: 0.5 }, 'truncated', 0.88 * 0.5],
    [
      'varianceScaling',
      { scale: 2, mode: 'fanAvg', distribution: 'uniform' },
      'uniform',
      Math.sqrt((3 * 2) / 96),
    ],
    ['glorotUniform', undefined, 'uniform', Math.sqrt(6 / 192)],
    ['glorotNormal', undefined, 'truncated', Math.sqrt(2 / 192)],
    ['heUniform', undefined, 'uniform', Math.sqrt(6 / 128)],
    ['heNormal', undefined, 'truncated', Math.sqrt(2 / 128)],
    ['leCunUniform', undefined, 'uniform', Math.sqrt(3 / 128)],
    ['leCunNormal', undefined, 'truncated', Math.sqrt(1 / 128)],
  ])('%s', (name, options, kind, size) => {
    const initializer = named(tf.initializers)[name](options);
    const list = values(initializer);
    const expected = kind === 'uniform' ? size / Math.sqrt(3) : size;
    expect(deviation(list)).toBeGreaterThan(0.97 * expected);
    expect(deviation(list)).toBeLessThan(1.03 * expected);
    const ends = { uniform: [0.99, 1.001], truncated: [1.9, 2.28], normal: [3, 6] }[kind];
    expect(largest(list) / size).toBeGreaterThan(ends[0]);
    expect(largest(list) / size).toBeLessThan(ends[1]);
    const again = throughJson(initializer);
    expect(values(again)).toEqual(list);
    if (options === undefined) expect(values(name)).toEqual(list);
  });

  it('orthogonal', () => {
    const list = values(tf.initializers.orthogonal());
    const column = (j: number) => Array.from({ length: 2 * SIZE }, (_, i) => list[i * SIZE + j]);
    const dot = (a: number, b: number) => column(a).reduce((sum, value, i) => sum + value * column(b)[i], 0);
    expect(dot(3, 3)).toBeCloseTo(1, 5);
    expect(dot(3, 4)).toBeCloseTo(0, 5);
  });
});

describe('regularizers', () => {
  it.each<[string, object, number]>([
    ['l1', { l1: 0.5 }, 0.5 * 7],
    ['l2', { l2: 0.5 }, 0.5 * 25],
    ['l1l2', { l1: 0.5, l2: 0.1 }, 0.5 * 7 + 0.1 * 25],
  ])('%s', (name, options, penalty) => {
    const regularizer = named(tf.regularizers)[name](options);
    const again = throughJson(regularizer);
    for (const kernelRegularizer of [regularizer, again]) {
      const model = oneWeight({ units: 2, kernelRegularizer });
      model.setWeights([tf.tensor([[3, -4]])]);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      expect((model.evaluate(X, tf.tensor([[3, -4]])) as tf.Tensor).dataSync()[0]).toBeCloseTo(penalty, 5);
    }
  });
});

describe('constraints', () => {
  it.each<[string, object, number[], number[]]>([
    ['maxNorm', { maxValue: 2 }, [3, 4], [1.2, 1.6]],
    ['unitNorm', {}, [3, 4], [0.6, 0.8]],
    ['nonNeg', {}, [-3, 4], [0, 4]],
    ['minMaxNorm', { minValue: 6, maxValue: 7 }, [3, 4], [3.6, 4.8]],
  ])('%s', async (name, options, before, after) => {
    const constraint = named(tf.constraints)[name](options);
    const again = throughJson(constraint);
    for (const kernelConstraint of [constraint, again]) {
      const model = oneWeight({ inputShape: [2], kernelConstraint });
      model.setWeights([tf.tensor(before, [2, 1])]);
      model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
      await model.trainOnBatch(tf.tensor([[0, 0]]), Y);
      model
        .getWeights()[0]
        .dataSync()
        .forEach((value, i) => {
          expect(value).toBeCloseTo(after[i], 5);
        });
    }
  });
});

describe('optimizers', () => {
  // One step from w = 1 along the gradient 2 with a learning rate of 0.1, by Keras's formulas.
  const nadam = (0.1 * ((0.48528 * 0.2) / (1 - 0.468 * 0.48528) + 2)) / 2;
  const STEPS: [string, object, number][] = [
    ['sgd', {}, 0.8],
    ['sgd', { clipNorm: 1 }, 0.9],
    ['sgd', { clipValue: 0.5 }, 0.95],
    ['sgd', { globalClipNorm: 1 }, 0.9],
    ['sgd', { weightDecay: 0.5 }, 0.75],
    ['sgd', { gradientAccumulationSteps: 2 }, 1],
    ['sgd', { momentum: 0.9 }, 0.8],
    ['sgd', { momentum: 0.9, nesterov: true }, 0.62],
    ['adam', {}, 0.9],
    ['adam', { amsgrad: true }, 0.9],
    ['adamw', { weightDecay: 0.5 }, 0.85],
    ['adamax', {}, 0.9],
    ['nadam', {}, 1 - nadam],
    ['rmsprop', {}, 1 - 0.2 / Math.sqrt(0.4)],
    ['rmsprop', { centered: true }, 1 - 0.2 / Math.sqrt(0.4 - 0.04)],
    ['adagrad', {}, 1 - 0.2 / Math.sqrt(4.1)],
    ['adadelta', {}, 1 - (0.2 * Math.sqrt(1e-7)) / Math.sqrt(0.2)],
    ['lion', {}, 0.9],
  ];

  async function weightAfterStep(optimizer: unknown): Promise<number> {
    const model = oneWeight();
    model.compile({ optimizer: optimizer as 'sgd', loss: 'meanSquaredError' });
    await model.trainOnBatch(X, Y);
    return weightOf(model);
  }

  it.each(STEPS)('%s with %j', async (name, options, expected) => {
    const optimizer = named(tf.optimizers)[name]({ learningRate: 0.1, ...options });
    expect(await weightAfterStep(optimizer)).toBeCloseTo(expected, 5);
    const again = throughJson(optimizer);
    expect(await weightAfterStep(again)).toBeCloseTo(expected, 5);
  });

  it.each<[string, unknown[], number]>([
    ['sgd', [0.1], 0.8],
    ['momentum', [0.1, 0.9, true], 0.62],
    ['adam', [0.1], 0.9],
    ['adamax', [0.1], 0.9],
    ['rmsprop', [0.1], 1 - 0.2 / Math.sqrt(0.4)],
    ['adagrad', [0.1], 1 - 0.2 / Math.sqrt(4.1)],
    ['adadelta', [0.1], 1 - (0.2 * Math.sqrt(1e-7)) / Math.sqrt(0.2)],
  ])('train.%s', async (name, values, expected) => {
    expect(await weightAfterStep(named(tf.train)[name](...values))).toBeCloseTo(expected, 5);
  });

  it('moving averages of weights', async () => {
    const model = oneWeight();
    const optimizer = tf.optimizers.sgd({
      learningRate: 0.1,
      useEma: true,
      emaMomentum: 0.5,
      emaOverwriteFrequency: 1,
    });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    await model.trainOnBatch(X, Y);
    await model.trainOnBatch(X, Y);
    // The average starts with the weight after the first step, 0.8. The second step's weight is 0.64.
    expect(weightOf(model)).toBeCloseTo(0.5 * 0.8 + 0.5 * 0.64, 5);
  });

  it('learning rates set during training', async () => {
    const model = oneWeight();
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    await model.trainOnBatch(X, Y);
    model.optimizer.learningRate = 0.25;
    await model.trainOnBatch(X, Y);
    expect(weightOf(model)).toBeCloseTo(0.4, 5);
  });
});

describe('schedules', () => {
  const initialLearningRate = 1;
  it.each<[string, object, number, number]>([
    ['exponentialDecay', { initialLearningRate, decaySteps: 10, decayRate: 0.25 }, 5, 0.5],
    ['cosineDecay', { initialLearningRate, decaySteps: 10 }, 5, 0.5],
    ['cosineDecay', { initialLearningRate: 0, warmupTarget: 1, warmupSteps: 4, decaySteps: 10 }, 2, 0.5],
    ['cosineDecayRestarts', { initialLearningRate, firstDecaySteps: 10, mMul: 0.5 }, 10, 0.5],
    ['piecewiseConstantDecay', { boundaries: [3], values: [1, 0.25] }, 4, 0.25],
    ['polynomialDecay', { initialLearningRate, decaySteps: 10, endLearningRate: 0 }, 5, 0.5],
    ['inverseTimeDecay', { initialLearningRate, decaySteps: 10, decayRate: 1 }, 10, 0.5],
    ['oneCycle', { maxLearningRate: 1, totalSteps: 11, pctStart: 0.5 }, 0, 1 / 25],
  ])('%s with %j is at step %i', async (name, options, step, expected) => {
    const schedule = named(tf.optimizers.schedules)[name](options);
    expect(schedule.at(step)).toBeCloseTo(expected, 6);
    // In an optimizer, the first step has the rate at step 0.
    const model = oneWeight();
    model.compile({ optimizer: tf.optimizers.sgd({ learningRate: schedule }), loss: 'meanSquaredError' });
    await model.trainOnBatch(X, Y);
    expect(weightOf(model)).toBeCloseTo(1 - 2 * schedule.at(0), 5);
  });
});

describe('callbacks', () => {
  const pathOf = temporaryFolder();
  const trained = async (callback: unknown, epochs = 4, learningRate = 0.1) => {
    const model = oneWeight();
    model.compile({ optimizer: tf.train.sgd(learningRate), loss: 'meanSquaredError' });
    const { history, epoch } = await model.fit(X, Y, { epochs, verbose: 0, callbacks: callback as object });
    return { model, history, epoch };
  };

  it.each<[string, () => unknown, number]>([
    ['earlyStopping', () => tf.callbacks.earlyStopping({ monitor: 'loss', mode: 'max', patience: 1 }), 2],
    ['terminateOnNaN', () => tf.callbacks.terminateOnNaN(), 4],
    [
      'a class',
      () =>
        new (class extends tf.Callback {
          override onEpochEnd() {
            (this as unknown as { model: tf.LayersModel }).model.stopTraining = true;
          }
        })(),
      1,
    ],
  ])('%s ends the training when it should', async (_, make, epochs) => {
    expect((await trained(make())).epoch).toHaveLength(epochs);
  });

  it('terminateOnNaN ends training at a NaN loss', async () => {
    expect((await trained(tf.callbacks.terminateOnNaN(), 200, 1e30)).epoch.length).toBeLessThan(20);
  });

  it('modelCheckpoint saves the model', async () => {
    const { model } = await trained(tf.callbacks.modelCheckpoint({ filepath: pathOf('best') }));
    const kept = await tf.loadLayersModel(`file://${pathOf('best')}/model.json`);
    expect(weightOf(kept)).toBe(weightOf(model));
  });

  it('reduceLROnPlateau and learningRateScheduler set the rate', async () => {
    const plateau = tf.callbacks.reduceLROnPlateau({
      monitor: 'loss',
      mode: 'max',
      patience: 1,
      factor: 0.5,
    });
    expect((await trained(plateau, 2)).model.optimizer.learningRate).toBeCloseTo(0.05, 6);
    const scheduler = tf.callbacks.learningRateScheduler((epoch) => (epoch === 0 ? 0.25 : 0));
    expect(weightOf((await trained(scheduler)).model)).toBeCloseTo(0.5, 5);
  });

  it('csvLogger and tensorBoard write files', async () => {
    await trained(
      [tf.callbacks.csvLogger({ filename: pathOf('log.csv') }), tf.callbacks.tensorBoard(pathOf('board'))],
      2,
    );
    expect(readFileSync(pathOf('log.csv'), 'utf8')).toMatch(/^epoch,loss\n0,1\n1,0\.6/);
    expect(existsSync(pathOf('board'))).toBe(true);
    expect(readdirSync(pathOf('board'), { recursive: true }).join()).toMatch(/tfevents/);
  });

  it("history and objects get each epoch's logs", async () => {
    const told: number[] = [];
    const object = tf.callbacks.customCallback({
      onEpochEnd: (epoch, logs) => {
        told.push(epoch, logs?.loss as number);
      },
    });
    const history = new tf.History();
    await trained([object, history], 2);
    expect(told).toEqual([0, 1, 1, expect.closeTo(0.64, 5)]);
    expect(history.history.loss).toEqual([1, told[3]]);
  });
});
