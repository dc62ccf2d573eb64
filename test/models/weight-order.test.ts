import '@tensorflow/tfjs-backend-cpu';
import * as tfjsCore from '@tensorflow/tfjs-core';
import * as tfjs from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as ours from '../../lib/index.js';
import { RandomGenerator } from '../../lib/random/index.js';
import type { Package } from '../support/random-graphs.js';

// The order of getWeights and setWeights with frozen layers, compared with TF.js's.

/** A model whose weights have values of their own, in either library, with models and a layer of layers inside. */
function build(tf: Package): Package {
  const { layers } = tf;
  const inner = tf.sequential({ name: 'inner' });
  inner.add(layers.dense({ name: 'inner_dense', units: 3, inputShape: [3] }));
  inner.add(layers.batchNormalization({ name: 'inner_norm' }));
  const base = tf.sequential({ name: 'base' });
  base.add(layers.conv1d({ name: 'conv', filters: 3, kernelSize: 1, inputShape: [4, 2] }));
  base.add(layers.timeDistributed({ name: 'steps', layer: layers.dense({ name: 'step', units: 3 }) }));
  base.add(layers.batchNormalization({ name: 'norm' }));
  base.add(layers.flatten({ name: 'flat' }));
  base.add(layers.dense({ name: 'narrow', units: 3 }));
  base.add(inner);
  const x = tf.input({ shape: [4, 2], name: 'x' });
  const features = base.apply(x);
  const dense = layers.dense({ name: 'head', units: 2 }).apply(features);
  const outputs = layers.batchNormalization({ name: 'last' }).apply(dense);
  const model = tf.model({ inputs: x, outputs, name: 'outer' });
  write(tf, model);
  return model;
}

/** Sets each weight to its index in getWeights. */
function write(tf: Package, model: Package): void {
  const { tensor }: Package = tf === ours ? ours : tfjsCore;
  const numbered = model.getWeights().map(({ shape }: ours.Tensor, i: number) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return tensor(new Float32Array(size).fill(i), [...shape]);
  });
  model.setWeights(numbered);
}

const numbersOf = (weights: readonly Package[]): number[] => weights.map((weight) => weight.dataSync()[0]);

const order = (model: Package) => numbersOf(model.getWeights());

/** Of the model and of all that is in it. */
function orders(model: Package): Record<string, number[]> {
  return Object.fromEntries([...parts(model)].map(([name, part]) => [name, order(part)]));
}

function parts(model: Package): Map<string, Package> {
  const base = model.getLayer('base');
  const inner = (base.model ?? base).layers.find(({ name }: Package) => name === 'inner');
  const found = new Map([['outer', model]]);
  for (const each of [model, base, inner]) for (const layer of layersOf(each)) found.set(layer.name, layer);
  return found;
}

const layersOf = (model: Package): Package[] => model.layers ?? model.model.layers;

/** Sets `trainable` of parts of the model, in order. */
function freeze(model: Package, steps: readonly [string, boolean][]): void {
  const named = parts(model);
  for (const [name, trainable] of steps) named.get(name).trainable = trainable;
}

/** Names and first values of the optimizer's state in a file. */
async function slotsOf(model: Package): Promise<[string, number][]> {
  const { weightSpecs, weightData } = await new Promise<Package>((resolve) => {
    const handler = ours.io.withSaveHandler(async (artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    });
    void model.save(handler, { includeOptimizer: true });
  });
  const weights = ours.io.decodeWeights(weightData, weightSpecs);
  const names = weightSpecs.flatMap(({ name, group }: Package) => (group === 'optimizer' ? [name] : []));
  return names.map((name: string) => [name, weights[name].dataSync()[0]]);
}

const CASES: [string, [string, boolean][]][] = [
  ['nothing', []],
  ['a layer', [['head', false]]],
  ['a normalization', [['last', false]]],
  ['a model inside', [['base', false]]],
  ['a model inside a model inside', [['inner', false]]],
  [
    'layers of a model inside',
    [
      ['conv', false],
      ['inner_norm', false],
    ],
  ],
  ['what timeDistributed applies', [['steps', false]]],
  ['the whole model', [['outer', false]]],
  [
    'all of a model inside, but one layer',
    [
      ['base', false],
      ['narrow', true],
    ],
  ],
  [
    'a layer, and its model for a while',
    [
      ['narrow', false],
      ['base', false],
      ['base', true],
    ],
  ],
  [
    'the whole model, then not the one inside',
    [
      ['outer', false],
      ['base', true],
    ],
  ],
  [
    'nothing in the end',
    [
      ['outer', false],
      ['outer', true],
    ],
  ],
];

describe('the order of weights', () => {
  it.each(CASES)("is TF.js's with %s frozen", (_, steps) => {
    const [model, theirs] = [ours, tfjs].map((tf) => build(tf));
    for (const each of [model, theirs]) freeze(each, steps);
    expect(orders(model)).toEqual(orders(theirs));
    for (const [tf, each] of [
      [ours, model],
      [tfjs, theirs],
    ])
      write(tf, each);
    for (const each of [model, theirs]) freeze(each, [['outer', true]]);
    expect(orders(model)).toEqual(orders(theirs));
  });

  it("is TF.js's whatever is frozen", () => {
    const random = new RandomGenerator(7);
    const [model, theirs] = [ours, tfjs].map((tf) => build(tf));
    const names = [...parts(model).keys()].filter((name) => !['x', 'flat'].includes(name));
    for (let i = 0; i < 200; i++) {
      const name = names[Math.floor(random.uniform() * names.length)];
      const step: [string, boolean] = [name, random.uniform() < 0.5];
      for (const each of [model, theirs]) freeze(each, [step]);
      expect(orders(model), `step ${i}: ${step}`).toEqual(orders(theirs));
    }
  });

  it("doesn't change the order of the optimizer's slots once the model is compiled", async () => {
    const model = build(ours);
    const loss = 'meanSquaredError';
    model.compile({ optimizer: 'adam', loss });
    await model.fit(ours.ones([2, 4, 2]), ours.zeros([2, 2]), { verbose: 0 });
    const before = await slotsOf(model);
    expect(before).toHaveLength(1 + 2 * 16);
    freeze(model, [['conv', false]]);
    expect(await slotsOf(model)).toEqual(before);
    freeze(model, [['outer', false]]);
    expect(await slotsOf(model)).toEqual(before);
  });

  it('puts frozen weights last', () => {
    const model = build(ours);
    model.getLayer('head').trainable = false;
    const head = model.getLayer('head').getWeights();
    expect(numbersOf(head)).toEqual([12, 13]);
    expect(order(model).slice(-4)).toEqual([12, 13, 20, 21]);
    expect(numbersOf(model.getWeights(true))).not.toContain(12);
  });
});
