import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as tf from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { values } from '../support/tiny.js';

const { layers } = tf;

/** Pseudo-random numbers in [-1, 1]. */
const some = (...shape: number[]) => tf.randomUniform(shape, -1, 1, 'float32', 5);

/** A classifier of frames [4, 4, 2]. */
function frameModel(): tf.Sequential {
  return tf.sequential([
    layers.conv2d({ filters: 3, kernelSize: 2, activation: 'relu', inputShape: [4, 4, 2] }),
    layers.batchNormalization(),
    layers.globalAveragePooling2d(),
    layers.dense({ units: 2 }),
  ]);
}

/** The classifier on each of 3 frames, followed by a dense layer. */
function filmModel(): tf.Sequential {
  tf.setSeed(3);
  return tf.sequential([
    layers.timeDistributed({ layer: frameModel(), inputShape: [3, 4, 4, 2] }),
    layers.flatten(),
    layers.dense({ units: 1 }),
  ]);
}

describe.each(ENGINES)('on the %s engine', (engine) => {
  const before = tf.getEngine();
  beforeAll(() => tf.setEngine(engine));
  afterAll(() => tf.setEngine(before));

  it('equals the layer applied to each step', async () => {
    const conv = layers.conv2d({ filters: 1, kernelSize: 2, useBias: false, kernelInitializer: 'ones' });
    const x = tf.input({ shape: [3, 2, 2, 1] });
    const model = tf.model({ inputs: x, outputs: layers.timeDistributed({ layer: conv }).apply(x) });
    const film = tf.tensor([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3], [1, 3, 2, 2, 1]);
    const made = await model.predict(film);
    expect(made.shape).toEqual([1, 3, 1, 1, 1]);
    expect(values([made])).toEqual([[4, 8, 12]]);
  });

  it('wraps a model, also when nested, and has its weights', async () => {
    const model = filmModel();
    const inner = frameModel();
    inner.setWeights(model.layers[0].getWeights());
    const features = tf.model({ inputs: model.inputs, outputs: model.layers[0].output });
    const film = some(2, 3, 4, 4, 2);
    const whole = await features.predict(film);
    const frames = await inner.predict(film.reshape([6, 4, 4, 2]));
    expect(whole.shape).toEqual([2, 3, 2]);
    expect(values([whole])).toEqual(values([frames]));
    expect(model.countParams()).toBe(inner.countParams() + 7);
  });

  it('trains with gradients equal to central differences', async () => {
    const model = filmModel();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [some(2, 3, 4, 4, 2), some(2, 1)];
    const loss = async () => (await model.gradients(x, y)).loss;
    const { gradients } = await model.gradients(x, y);
    const weights = model.getWeights();
    const names = Object.keys(gradients);
    expect(names).toHaveLength(8);
    for (const [i, name] of names.entries()) {
      const nudged = async (by: number) => {
        const changed = weights.map((weight, j) => {
          const copy = weight.dataSync().slice() as Float32Array;
          if (i === j) copy[0] += by;
          return tf.tensor(copy, weight.shape);
        });
        model.setWeights(changed);
        return loss();
      };
      const h = 1e-2;
      const expected = ((await nudged(h)) - (await nudged(-h))) / (2 * h);
      expectClose([gradients[name].dataSync()[0]], [expected], {
        what: name,
        absolute: 3e-3,
        relative: 1e-2,
      });
    }
  });

  it('accepts videos of any length and size', async () => {
    const conv = layers.conv2d({ filters: 2, kernelSize: 3 });
    const x = tf.input({ shape: [null, null, null, 1] });
    const each = layers.timeDistributed({ layer: conv }).apply(x);
    const model = tf.model({ inputs: x, outputs: each });
    expect(model.outputs[0].shape).toEqual([null, null, null, null, 2]);
    const film = some(2, 4, 5, 6, 1);
    const made = await model.predict(film);
    expect(made.shape).toEqual([2, 4, 3, 4, 2]);
    const y = tf.input({ shape: [5, 6, 1] });
    const still = tf.model({ inputs: y, outputs: conv.apply(y) });
    const frames = await still.predict(film.reshape([8, 5, 6, 1]));
    expectClose(made.dataSync(), frames.dataSync());
    expect((await model.predict(some(1, 2, 7, 3, 1))).shape).toEqual([1, 2, 5, 1, 2]);
  });

  it('reports non-finite values inside, and gives gradients of its output', async () => {
    const model = filmModel();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [film, dense] = [model.layers[0], model.layers[2]];
    const by = film.name;
    const { layers: found } = await model.inputGradients(some(2, 3, 4, 4, 2), some(2, 1), { layers: [by] });
    expect(found[by].gradient.shape).toEqual([2, 3, 2]);
    const [kernel] = values(dense.getWeights());
    const ratio = found[by].gradient.dataSync()[0] / kernel[0];
    for (let i = 0; i < 6; i++) expect(found[by].gradient.dataSync()[i]).toBeCloseTo(ratio * kernel[i], 5);
    await expectError(
      () => model.inputGradients(some(1, 3, 4, 4, 2), undefined, { layers: ['conv2d_1'] }),
      'INVALID_ARGUMENT',
      /no layer 'conv2d_1'/,
    );
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const [shape] = film.getWeights().map((weight) => weight.shape);
    const huge = tf.fill(shape, 3e38);
    film.setWeights([huge, ...film.getWeights().slice(1)]);
    await model.fit(tf.ones([1, 3, 4, 4, 2]), tf.ones([1, 1]), { verbose: 0 });
    expect(warn.mock.calls.join()).toMatch(/not a finite number.*'time_distributed_1'/);
    warn.mockRestore();
  });

  it('shares the weights of a layer used elsewhere', async () => {
    const dense = layers.dense({ units: 3, name: 'shared' });
    const x = tf.input({ shape: [2, 3] });
    const both = layers.add().apply([dense.apply(x), layers.timeDistributed({ layer: dense }).apply(x)]);
    const model = tf.model({ inputs: x, outputs: both });
    expect(model.getWeights()).toHaveLength(2);
    const made = await model.predict(some(1, 2, 3));
    const single = tf.model({ inputs: x, outputs: dense.output });
    expectClose(made.dataSync(), (await single.predict(some(1, 2, 3))).mul(2).dataSync());
  });

  it('computes batch statistics over the steps of all samples', async () => {
    const model = tf.sequential([
      layers.timeDistributed({ layer: layers.batchNormalization({ momentum: 0 }), inputShape: [3, 2] }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = some(4, 3, 2);
    await model.fit(x, x, { batchSize: 4, epochs: 1, verbose: 0 });
    const { mean, variance } = tf.moments(x, [0, 1]);
    const [, , movingMean, movingVariance] = values(model.getWeights());
    expectClose(movingMean, mean.dataSync());
    expectClose(movingVariance, variance.dataSync());
  });
});

describe('timeDistributed', () => {
  it('is frozen with its layer', async () => {
    const model = filmModel();
    const film = model.layers[0];
    film.trainable = false;
    expect((film as tf.layers.TimeDistributed).layer.trainable).toBe(false);
    expect(film.getWeights(true)).toEqual([]);
    expect(film.getConfig().trainable).toBe(false);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const before = values(film.getWeights()).slice(0, 2);
    await model.fit(some(2, 3, 4, 4, 2), some(2, 1), { verbose: 0 });
    expect(values(film.getWeights()).slice(0, 2)).toEqual(before);
  });

  it('is rebuilt from its config', () => {
    const made = layers.timeDistributed({
      layer: layers.dense({ units: 2 }),
      inputShape: [3, 4],
      name: 'each',
    });
    const again = layers.timeDistributed(made.getConfig() as never);
    expect(again.getConfig()).toEqual(made.getConfig());
    expect(again.layer.getConfig()).toEqual(made.layer.getConfig());
  });

  it('refuses layers of several inputs, and inputs without steps', async () => {
    await expectError(
      () => layers.timeDistributed({} as never),
      'INVALID_ARGUMENT',
      /layer is undefined; give/,
    );
    await expectError(
      () => layers.timeDistributed({ layer: layers.add() }),
      'INVALID_ARGUMENT',
      /takes several values/,
    );
    const x = tf.input({ shape: [2] });
    const branches = [1, 2].map((units) => layers.dense({ units }).apply(x));
    const twofold = tf.model({ inputs: x, outputs: branches });
    const each = layers.timeDistributed({ layer: twofold, name: 'each' });
    await expectError(
      () => each.apply(tf.input({ shape: [3, 2] })),
      'INVALID_ARGUMENT',
      /gives several values/,
    );
    const flat = layers.timeDistributed({ layer: layers.dense({ units: 1 }), name: 'each' });
    await expectError(
      () => flat.apply(tf.input({ shape: [3] })),
      'SHAPE_MISMATCH',
      /^each: the input is 3; it must have/,
    );
  });
});
