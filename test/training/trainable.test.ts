import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tfcore from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  input,
  type LayersModel,
  layers,
  loadLayersModel,
  model,
  ones,
  optimizers,
  type Sequential,
  sequential,
  setEngine,
  setSeed,
  tensor,
  train,
  zeros,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { loadInTfjs, saveFromTfjs } from '../support/tfjs-files.js';
import { values } from '../support/tiny.js';

const LOSS = 'meanSquaredError';
const x = tensor([1, 2, 3, 4, 5, 9], [3, 2]);
const y = tensor([3, 1, 2], [3, 1]);

/** A normalization between two dense layers, from 2 numbers to 1. */
function critic(): Sequential {
  setSeed(3);
  return sequential({
    name: 'critic',
    layers: [
      layers.dense({ units: 3, inputShape: [2], name: 'in' }),
      layers.batchNormalization({ momentum: 0.5, name: 'norm' }),
      layers.dense({ units: 1, name: 'out' }),
    ],
  });
}

/** The weights of the model, in the order of getWeights with no frozen layer. */
const CRITIC_WEIGHTS = [
  'in/kernel',
  'in/bias',
  'norm/gamma',
  'norm/beta',
  'out/kernel',
  'out/bias',
  'norm/mean',
  'norm/variance',
];

function weightsByName(net: LayersModel): Record<string, number[]> {
  const named = ['in', 'norm', 'out'].flatMap((layer) => {
    const names = CRITIC_WEIGHTS.filter((name) => name.startsWith(`${layer}/`));
    const weights = values(net.getLayer(layer).getWeights());
    return names.map((name, i): [string, number[]] => [name, weights[i]]);
  });
  return Object.fromEntries(named);
}

/** The names of the weights that a step on x and y changes. */
async function changedBy(trained: LayersModel, watched: LayersModel = trained): Promise<string[]> {
  const before = weightsByName(watched);
  await trained.trainOnBatch(x, y);
  const after = weightsByName(watched);
  return CRITIC_WEIGHTS.filter((name) => before[name].some((value, k) => value !== after[name][k]));
}

describe.each(ENGINES)('trainable on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const compile = (net: LayersModel) => net.compile({ optimizer: train.sgd(0.1), loss: LOSS });

  it('is read at compile, not at the first step, and again at the next compile', async () => {
    const net = critic();
    compile(net);
    net.trainable = false;
    expect(await changedBy(net)).toEqual(CRITIC_WEIGHTS);
    compile(net);
    expect(await changedBy(net)).toEqual([]);
    net.trainable = true;
    expect(await changedBy(net)).toEqual([]);
    net.getLayer('norm').trainable = false;
    compile(net);
    net.getLayer('norm').trainable = true;
    expect(await changedBy(net)).toEqual(['in/kernel', 'in/bias', 'out/kernel', 'out/bias']);
  });

  it('applies to programs created after compile', async () => {
    const net = critic();
    compile(net);
    net.trainable = false;
    await net.predict(x);
    // Another model takes the weights over and returns them.
    const other = sequential({ layers: [net] });
    compile(other);
    expect(await changedBy(other, net)).toEqual([]);
    expect(await changedBy(net)).toEqual(CRITIC_WEIGHTS);
    expect(Object.keys((await net.gradients(x, y)).gradients)).toHaveLength(6);
  });

  it.each(['a model inside', 'layers used one by one', 'layers frozen one by one'])(
    'lets an adversary be frozen in the model that is compiled after it: %s',
    async (way) => {
      const adversary = critic();
      compile(adversary);
      if (way === 'layers frozen one by one') for (const each of adversary.layers) each.trainable = false;
      else adversary.trainable = false;
      const maker = layers.dense({ units: 2, name: 'maker' });
      const noise = input({ shape: [2] });
      const made = maker.apply(noise);
      const judged =
        way === 'layers used one by one'
          ? adversary.layers.reduce((value, layer) => layer.apply(value), made)
          : adversary.apply(made);
      const combined = model({ inputs: noise, outputs: judged });
      compile(combined);
      for (let step = 0; step < 2; step++) {
        expect(await changedBy(adversary)).toEqual(CRITIC_WEIGHTS);
        const before = values(maker.getWeights());
        expect(await changedBy(combined, adversary)).toEqual([]);
        expect(values(maker.getWeights())).not.toEqual(before);
      }
    },
  );

  it('trains a layer that is both in a frozen model and outside of it, as Keras does', async () => {
    const shared = layers.dense({ units: 2, name: 'shared', inputShape: [2] });
    const frozen = sequential({ layers: [shared, layers.dense({ units: 2, name: 'own' })] });
    frozen.trainable = false;
    shared.trainable = true;
    const start = input({ shape: [2] });
    const both = layers.add().apply([frozen.apply(start), shared.apply(start)]);
    const net = model({ inputs: start, outputs: layers.dense({ units: 1, name: 'head' }).apply(both) });
    compile(net);
    const names = Object.keys((await net.gradients(x, y)).gradients);
    expect(names).toEqual(['shared/kernel', 'shared/bias', 'head/kernel', 'head/bias']);
  });

  it('keeps no slots for weights frozen at compile, also after loading', async () => {
    const net = critic();
    net.getLayer('in').trainable = false;
    net.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: LOSS });
    await net.trainOnBatch(x, y);
    net.getLayer('out').trainable = false;
    const path = folder(`slots-${engine}`);
    await net.save(path, { includeOptimizer: true });
    const { weightsManifest } = JSON.parse(await readFile(join(path, 'model.json'), 'utf8'));
    const slots = weightsManifest[0].weights.filter(({ group }: { group?: string }) => group === 'optimizer');
    const trained = ['norm/gamma', 'norm/beta', 'out/kernel', 'out/bias'];
    expect(slots.map(({ name }: { name: string }) => name)).toEqual([
      'iter',
      ...trained.map((name) => `${name}/m`),
      ...trained.map((name) => `${name}/v`),
    ]);
    // The file says that 'out' is frozen, and loading compiles the model, so training continues as before.
    const loaded = await loadLayersModel(path);
    expect(await changedBy(loaded)).toEqual(['norm/gamma', 'norm/beta', 'norm/mean', 'norm/variance']);
    await net.trainOnBatch(x, y);
    for (const part of [0, 1]) {
      const [mine, original] = [loaded, net].map((each) => each.getLayer('norm').getWeights()[part]);
      expect(mine.arraySync()).toEqual(original.arraySync());
    }
  });

  it('resets the slots of weights that the file has none for', async () => {
    const net = critic();
    net.getLayer('in').trainable = false;
    net.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: LOSS });
    await net.trainOnBatch(x, y);
    net.getLayer('in').trainable = true;
    await net.save(folder(`anew-${engine}`), { includeOptimizer: true });
    const loaded = await loadLayersModel(folder(`anew-${engine}`));
    const { optimizer } = await loaded.state.program.snapshot();
    expect(optimizer?.iterations).toBe(1);
    const isZero = (values: Float32Array) => values.every((value) => value === 0);
    // In the order of layers, statistics included.
    expect(optimizer?.slots.m.map(isZero)).toEqual([true, true, false, false, true, true, false, false]);
    expect(await changedBy(loaded)).toEqual(CRITIC_WEIGHTS);
  });

  const folder = temporaryFolder();
});

it('trainable parameters are counted by summary as of compile', () => {
  const net = critic();
  const counted = () => {
    const lines: string[] = [];
    net.summary(80, undefined, (line) => lines.push(line));
    return lines.filter((line) => line.includes('rainable')).map((line) => Number(line.split(': ')[1]));
  };
  net.getLayer('in').trainable = false;
  expect(counted()).toEqual([10, 15]);
  net.compile({ optimizer: 'sgd', loss: LOSS });
  net.trainable = false;
  expect(counted()).toEqual([10, 15]);
  net.compile({ optimizer: 'sgd', loss: LOSS });
  expect(counted()).toEqual([0, 25]);
});

it('trainable of a model sets that of its layers and nested models, and is saved', async () => {
  const inner = critic();
  const outer = sequential({ name: 'outer', layers: [inner, layers.dense({ units: 1 })] });
  outer.trainable = false;
  expect([...inner.layers, ...outer.layers].map(({ trainable }) => trainable)).toEqual(
    new Array(5).fill(false),
  );
  const { models } = await import('../../lib/index.js');
  const copy = await models.modelFromJSON(outer.toJSON());
  expect([copy.trainable, copy.layers[0].trainable]).toEqual([false, false]);
  copy.layers[0].trainable = true;
  expect([copy.trainable, ...copy.layers.map(({ trainable }) => trainable)]).toEqual([false, true, false]);
  await expectError(
    () => {
      inner.trainable = 0 as never;
    },
    'INVALID_ARGUMENT',
    /^critic: trainable is 0/,
  );
});

describe('a file with frozen layers', () => {
  const folder = temporaryFolder();

  it('continues in TF.js', async () => {
    setEngine('native');
    setSeed(5);
    const base = sequential({
      name: 'base',
      layers: [
        layers.dense({ units: 3, activation: 'tanh', inputShape: [2], name: 'low' }),
        layers.dense({ units: 3, activation: 'tanh', name: 'middle' }),
      ],
    });
    base.trainable = false;
    const net = sequential({ layers: [base, layers.dense({ units: 1, name: 'head' })] });
    net.compile({ optimizer: train.adam(0.05), loss: LOSS });
    await net.fit(x, y, { epochs: 2, verbose: 0 });
    const path = folder('frozen');
    await net.save(path, { includeOptimizer: true });
    const theirs = await loadInTfjs(path);
    await theirs.fit(tfcore.tensor2d([1, 2, 3, 4, 5, 9], [3, 2]), tfcore.tensor2d([3, 1, 2], [3, 1]), {
      epochs: 2,
      verbose: 0,
    });
    await net.fit(x, y, { epochs: 2, verbose: 0 });
    const [kernel, bias] = theirs.getLayer('head').getWeights();
    const [own, ownBias] = values(net.getLayer('head').getWeights());
    for (const [i, value] of [...kernel.dataSync(), ...bias.dataSync()].entries())
      expect(value).toBeCloseTo([...own, ...ownBias][i], 5);
    const low = theirs.layers[0] as tfl.Sequential;
    expect([...low.getLayer('low').getWeights()[0].dataSync()]).toEqual(
      values(base.getLayer('low').getWeights())[0],
    );
  });

  it('of TF.js continues here', async () => {
    const theirs = tfl.sequential();
    theirs.add(tfl.layers.dense({ units: 3, activation: 'tanh', inputShape: [2], name: 'low' }));
    theirs.add(tfl.layers.dense({ units: 1, name: 'head' }));
    theirs.layers[0].trainable = false;
    theirs.compile({ optimizer: tfcore.train.adam(0.05), loss: LOSS });
    const [theirX, theirY] = [
      tfcore.tensor2d([1, 2, 3, 4, 5, 9], [3, 2]),
      tfcore.tensor2d([3, 1, 2], [3, 1]),
    ];
    await theirs.fit(theirX, theirY, { epochs: 2, verbose: 0 });
    await saveFromTfjs(theirs, folder('theirs'), true);
    const loaded = await loadLayersModel(folder('theirs'));
    expect(Object.keys((await loaded.gradients(x, y)).gradients)).toEqual(['head/kernel', 'head/bias']);
    await theirs.fit(theirX, theirY, { epochs: 2, verbose: 0 });
    await loaded.fit(x, y, { epochs: 2, verbose: 0 });
    const expected = theirs
      .getLayer('head')
      .getWeights()
      .flatMap((each) => [...each.dataSync()]);
    for (const [i, value] of values(loaded.getLayer('head').getWeights()).flat().entries())
      expect(value).toBeCloseTo(expected[i], 5);
  });
});

it('training without trainable weights is allowed', async () => {
  const net = critic();
  net.trainable = false;
  net.compile({ optimizer: 'adam', loss: LOSS });
  expect((await net.fit(ones([4, 2]), zeros([4, 1]), { verbose: 0 })).history.loss).toHaveLength(1);
});
