import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import { getOptimizer } from '../../lib/optimizers/registry.js';
import { setEngine } from '../../lib/program/current-engine.js';
import { expectError } from '../support/convforge-error.js';
import { expectClose, randomNumbers } from '../support/numeric.js';

const { optimizers } = tf;
const X = tf.tensor(new Float32Array(randomNumbers(36, 7)), [12, 3]);
const Y = tf.tensor(new Float32Array(randomNumbers(24, 8)), [12, 2]);

function model(optimizer: Parameters<typeof getOptimizer>[0], layer: Partial<tf.layers.DenseOptions> = {}) {
  const made = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], ...layer })] });
  made.compile({ optimizer, loss: 'meanSquaredError' });
  return made;
}

const trainSome = (made: tf.Sequential, epochs = 3) =>
  made.fit(X, Y, { batchSize: 4, epochs, verbose: 0, shuffle: false });
const weights = (made: tf.Sequential) => made.getWeights().map((each) => each.dataSync());

const ALL = [
  optimizers.sgd({ momentum: 0.9, nesterov: true, clipNorm: 1 }),
  optimizers.adam({ amsgrad: true, clipValue: 0.5 }),
  optimizers.adamw({ useEma: true, emaMomentum: 0.8, emaOverwriteFrequency: 4 }),
  optimizers.adamax({ gradientAccumulationSteps: 2 }),
  optimizers.nadam({ globalClipNorm: 1 }),
  optimizers.rmsprop({
    learningRate: optimizers.schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 9 }),
  }),
  optimizers.rmsprop({ centered: true, momentum: 0.5 }),
  optimizers.adagrad(),
  optimizers.adadelta({ weightDecay: 0.1 }),
  optimizers.lion(),
];

describe('optimizers', () => {
  beforeAll(() => setEngine('native'));
  beforeEach(() => tf.setSeed(1));

  test.each(ALL.map((each) => [each.getClassName(), each] as const))(
    '%s comes back from its config',
    (className, optimizer) => {
      const copy = getOptimizer({ className, config: optimizer.getConfig() });
      expect(copy.describe()).toEqual(optimizer.describe());
      expect(JSON.parse(JSON.stringify(optimizer.getConfig()))).toEqual(optimizer.getConfig());
    },
  );

  test.each(ALL.map((each) => [each.getClassName(), each.getConfig()] as const))(
    'training with %s goes on after saving and loading as if nothing had happened',
    async (className, config) => {
      const made = model({ className, config });
      await trainSome(made);
      const folder = mkdtempSync(join(tmpdir(), 'optimizer-'));
      await made.save(folder, { includeOptimizer: true });
      const loaded = (await tf.loadLayersModel(folder)) as tf.Sequential;
      expect(loaded.optimizer.describe()).toEqual(made.optimizer.describe());
      expect(loaded.optimizer.iterations).toBe(9);
      const before = weights(made);
      for (const each of [made, loaded]) await trainSome(each, 1);
      for (const [i, values] of weights(made).entries()) {
        expectClose(weights(loaded)[i], values, { absolute: 1e-6, relative: 1e-5 });
        expect(values).not.toEqual(before[i]);
      }
    },
  );

  test('defaults are those of Keras', () => {
    expect(optimizers.adam().getConfig()).toEqual({
      learningRate: 0.001,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
    });
    expect(optimizers.adamw().describe()).toMatchObject({ kind: 'adam', weightDecay: 0.004 });
    expect(optimizers.rmsprop().describe()).toMatchObject({
      rho: 0.9,
      momentum: 0,
      epsilon: 1e-7,
      centered: false,
    });
    expect(optimizers.adagrad().describe()).toMatchObject({ initialAccumulatorValue: 0.1, epsilon: 1e-7 });
    expect(optimizers.adadelta().describe()).toMatchObject({ learningRate: 0.001, rho: 0.95 });
    expect(optimizers.lion().describe()).toMatchObject({ beta1: 0.9, beta2: 0.99 });
  });

  test("a config has the rule's options, then non-default settings", () => {
    const settings = { weightDecay: 0, clipNorm: 2, useEma: true, gradientAccumulationSteps: 3 };
    const optimizer = optimizers.adam({ amsgrad: true, ...settings });
    expect(Object.entries(optimizer.getConfig())).toEqual([
      ['learningRate', 0.001],
      ['beta1', 0.9],
      ['beta2', 0.999],
      ['epsilon', 1e-7],
      ['amsgrad', true],
      ['weightDecay', 0],
      ['clipNorm', 2],
      ['useEma', true],
      ['emaMomentum', 0.99],
      ['gradientAccumulationSteps', 3],
    ]);
    expect(optimizer.useEma).toBe(true);
    expect(optimizer.clipNorm).toBe(2);
    const none = { weightDecay: null, clipValue: null, useEma: false, emaOverwriteFrequency: null };
    expect(optimizers.lion(none).getConfig()).toEqual({ learningRate: 0.001, beta1: 0.9, beta2: 0.99 });
    expect(optimizers.adamw({ weightDecay: null }).weightDecay).toBe(0.004);
  });

  test("train takes TF.js's positional arguments", () => {
    expect(tf.train.rmsprop(0.1, 0.8, 0.7, 1e-4, true).describe()).toEqual(
      optimizers
        .rmsprop({ learningRate: 0.1, rho: 0.8, momentum: 0.7, epsilon: 1e-4, centered: true })
        .describe(),
    );
    expect(tf.train.adamax().learningRate).toBe(0.002);
    expect(tf.train.adagrad(0.1).describe()).toMatchObject({
      learningRate: 0.1,
      initialAccumulatorValue: 0.1,
    });
    expect(tf.train.adadelta(null, 0.9).describe()).toMatchObject({ learningRate: 0.001, rho: 0.9 });
  });

  test.each([
    ['sgd', 'sgd'],
    ['momentum', 'sgd'],
    ['adam', 'adam'],
    ['adamax', 'adamax'],
    ['rmsprop', 'rmsprop'],
    ['adagrad', 'adagrad'],
    ['adadelta', 'adadelta'],
  ] as const)('train.%s sends options to optimizers.%s', async (name, sameAs) => {
    const make = tf.train[name] as (rate: unknown, momentum?: number) => tf.optimizers.Optimizer;
    const message = new RegExp(`train\\.${name}: .*optimizers\\.${sameAs}\\(`);
    await expectError(() => make({ learningRate: 0.1 }), 'INVALID_ARGUMENT', message);
    const rate = {
      className: 'ExponentialDecay',
      config: { initialLearningRate: 0.5, decaySteps: 1, decayRate: 1 },
    };
    expect(make(rate, 0.1).learningRate).toBe(0.5);
  });

  test.each([
    ['clipnorm', () => optimizers.adam({ clipnorm: 1 } as never), "did you mean 'clipNorm'"],
    ['two clips', () => optimizers.adam({ clipNorm: 1, clipValue: 1 }), 'combined'],
    ['emaMomentum alone', () => optimizers.adam({ emaMomentum: 0.5 }), 'useEma'],
    ['no object', () => optimizers.adam(null as never), 'options must be an object'],
    [
      'a clip of 0',
      () => optimizers.sgd({ clipValue: 0 }),
      'clipValue is 0; it must be a finite number above',
    ],
    ['a flag by name', () => optimizers.sgd({ useEma: 'yes' as never }), "useEma is 'yes'"],
    ['0 steps', () => optimizers.adam({ gradientAccumulationSteps: 0 }), 'gradientAccumulationSteps'],
    ['a rate by name', () => optimizers.adam({ learningRate: 'fast' as never }), 'a schedule'],
  ])('%s is refused', (_name, make, message) => {
    expect(make).toThrow(message);
  });

  test("learningRate is the schedule's current rate, and setting it replaces the schedule", async () => {
    const schedule = optimizers.schedules.exponentialDecay({
      initialLearningRate: 0.1,
      decaySteps: 3,
      decayRate: 0.5,
    });
    const made = model(optimizers.sgd({ learningRate: schedule }));
    expect(made.optimizer.learningRate).toBe(0.1);
    await trainSome(made, 2);
    expectClose([made.optimizer.learningRate], [0.025], { relative: 1e-12 });
    made.optimizer.learningRate = 0;
    const before = weights(made);
    await trainSome(made, 1);
    expect(weights(made)).toEqual(before);
    expect(made.optimizer.getConfig().learningRate).toBe(0);
  });

  test('fit ends with the averaged weights', async () => {
    const options = { learningRate: 0.1 };
    const plain = model(optimizers.sgd(options));
    const averaged = model(optimizers.sgd({ ...options, useEma: true, emaMomentum: 0.5 }));
    averaged.setWeights(plain.getWeights());
    const steps: (readonly (ArrayLike<number> & Iterable<number>)[])[] = [];
    await plain.fit(X, Y, {
      batchSize: 4,
      epochs: 1,
      verbose: 0,
      shuffle: false,
      callbacks: { onBatchEnd: () => void steps.push(weights(plain)) },
    });
    await trainSome(averaged, 1);
    const [a, b, c] = steps.map(([kernel]) => Array.from(kernel));
    const wanted = a.map((value, i) => 0.5 * (0.5 * value + 0.5 * b[i]) + 0.5 * c[i]);
    expectClose(weights(averaged)[0], wanted, { absolute: 1e-6, relative: 1e-5 });
  });
});

describe('regularizers and constraints of layers', () => {
  beforeAll(() => setEngine('native'));

  test('are accepted by name and object, also in configs', () => {
    const layer = tf.layers.dense({
      units: 2,
      kernelRegularizer: 'l2',
      biasRegularizer: tf.regularizers.l1l2({ l1: 0.1 }),
      kernelConstraint: tf.constraints.maxNorm({ maxValue: 3 }),
      biasConstraint: 'non_neg',
    });
    const config = layer.getConfig();
    expect(config).toMatchObject({
      kernelRegularizer: { className: 'L2', config: { l2: 0.01 } },
      biasRegularizer: { className: 'L1L2', config: { l1: 0.1, l2: 0 } },
      kernelConstraint: { className: 'MaxNorm', config: { maxValue: 3, axis: 0 } },
      biasConstraint: { className: 'NonNeg', config: {} },
    });
    expect(tf.layers.Dense.fromConfig(config).getConfig()).toEqual(config);
    expect(() => tf.layers.dense({ units: 1, kernelRegularizer: 'l3' as 'l1' })).toThrow("did you mean 'l1'");
    expect(() => tf.layers.dense({ units: 1, activityRegularizer: 'l1' } as never)).toThrow(
      'activityRegularizer',
    );
  });

  test.each([
    ['unknown option', () => tf.regularizers.l1({ l2: 1 } as never), "l1: there is no option 'l2'"],
    ['negative factor', () => tf.regularizers.l1l2({ l2: -1 }), 'l2 is -1; it must be a finite number'],
    ['option of none', () => new tf.constraints.NonNeg({ axis: 0 }), "nonNeg: there is no option 'axis'"],
    ['axis', () => tf.constraints.unitNorm({ axis: [] }), 'axis is []; it must be a whole number'],
    ['norm', () => tf.constraints.maxNorm({ maxValue: -1 }), 'maxValue is -1; it must be a number from 0'],
    ['order of norms', () => tf.constraints.minMaxNorm({ minValue: 2 }), 'maxValue 1 is below minValue 2'],
    ['rate', () => tf.constraints.minMaxNorm({ rate: 2 }), 'rate is 2; it must be a number from 0 to 1'],
  ])('an invalid %s is refused', (_name, make, message) => {
    expect(make).toThrow(message);
  });

  test('take effect in training', async () => {
    const made = model(optimizers.sgd({ learningRate: 0.1 }), {
      kernelConstraint: 'unitNorm',
      biasConstraint: 'nonNeg',
    });
    await trainSome(made);
    const [kernel, bias] = weights(made);
    for (const unit of [0, 1]) {
      const norm = Math.hypot(kernel[unit], kernel[2 + unit], kernel[4 + unit]);
      expectClose([norm], [1], { absolute: 1e-5 });
    }
    expect(Array.from(bias).every((b) => b >= 0)).toBe(true);
  });

  test("a depthwise kernel's constraint is mapped to the op's axes, or refused", () => {
    const make = (axis: number[]) => {
      const made = tf.sequential({
        layers: [
          tf.layers.depthwiseConv2d({
            kernelSize: 2,
            depthMultiplier: 2,
            inputShape: [4, 4, 3],
            depthwiseConstraint: tf.constraints.unitNorm({ axis }),
          }),
        ],
      });
      made.predict(tf.zeros([1, 4, 4, 3])).dataSync();
    };
    expect(() => make([0, 1])).not.toThrow();
    expect(() => make([0, 1, 2])).toThrow('name other axes');
  });
});
