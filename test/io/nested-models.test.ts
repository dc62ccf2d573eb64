import { readFile } from 'node:fs/promises';
import * as tfjs from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as ours from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import type { Package } from '../support/random-graphs.js';
import { expectTfjsReads, expectWeRead } from '../support/tfjs-files.js';

const pathOf = temporaryFolder();

/** Models with nested models whose layers have different names. */
const MODELS: Record<string, (tf: Package) => Package> = {
  'a graph in a graph': (tf) => {
    const x = tf.input({ shape: [3], name: 'x' });
    return tf.model({ inputs: x, outputs: dense(tf, 'h').apply(innerGraph(tf, 'a').apply(x)) });
  },
  'a graph that is used twice': (tf) => {
    const inner = innerGraph(tf, 'a');
    const x = tf.input({ shape: [3], name: 'x' });
    return tf.model({ inputs: x, outputs: dense(tf, 'h').apply(inner.apply(inner.apply(x))) });
  },
  'a graph as the output': (tf) => {
    const x = tf.input({ shape: [3], name: 'x' });
    return tf.model({ inputs: x, outputs: innerGraph(tf, 'a').apply(dense(tf, 'h').apply(x)) });
  },
  'a chain in a graph': (tf) => {
    const x = tf.input({ shape: [3], name: 'x' });
    return tf.model({ inputs: x, outputs: dense(tf, 'h').apply(innerChain(tf, 'a').apply(x)) });
  },
  'a chain that is used twice': (tf) => {
    const inner = innerChain(tf, 'a');
    const x = tf.input({ shape: [3], name: 'x' });
    return tf.model({ inputs: x, outputs: dense(tf, 'h').apply(inner.apply(inner.apply(x))) });
  },
  'a graph within a graph in a graph': (tf) => {
    const x = tf.input({ shape: [3], name: 'x' });
    const middle = tf.model({
      inputs: x,
      outputs: innerGraph(tf, 'a').apply(dense(tf, 'm').apply(x)),
      name: 'middle',
    });
    const y = tf.input({ shape: [3], name: 'y' });
    return tf.model({ inputs: y, outputs: dense(tf, 'h').apply(middle.apply(y)) });
  },
  'a graph of two values': (tf) => {
    const x = tf.input({ shape: [3], name: 'x' });
    const body = dense(tf, 'body').apply(x);
    const inner = tf.model({ inputs: x, outputs: [body, dense(tf, 'head').apply(body)], name: 'inner' });
    const y = tf.input({ shape: [3], name: 'y' });
    const [first, second] = inner.apply(y);
    return tf.model({ inputs: y, outputs: tf.layers.concatenate({ name: 'both' }).apply([second, first]) });
  },
  'a graph of two inputs': (tf) => {
    const inputs = ['x1', 'x2'].map((name) => tf.input({ shape: [3], name }));
    const inner = tf.model({
      inputs,
      outputs: dense(tf, 'head').apply(tf.layers.concatenate({ name: 'both' }).apply(inputs)),
      name: 'inner',
    });
    const y = tf.input({ shape: [3], name: 'y' });
    return tf.model({ inputs: y, outputs: inner.apply([y, dense(tf, 'h').apply(y)]) });
  },
  'a graph first in a chain': (tf) => chainOf(tf, [innerGraph(tf, 'a'), dense(tf, 'h')]),
  'a graph later in a chain': (tf) => chainOf(tf, [firstDense(tf, 'g'), innerGraph(tf, 'a'), dense(tf, 'h')]),
  'a chain first in a chain': (tf) => chainOf(tf, [innerChain(tf, 'a'), dense(tf, 'h')]),
  'a chain later in a chain': (tf) => chainOf(tf, [firstDense(tf, 'g'), innerChain(tf, 'a'), dense(tf, 'h')]),
};

const OPTIONS = { units: 3, activation: 'tanh', biasInitializer: 'ones' };
const dense = (tf: Package, name: string) => tf.layers.dense({ ...OPTIONS, name });
const firstDense = (tf: Package, name: string) => tf.layers.dense({ ...OPTIONS, name, inputShape: [3] });
const chainOf = (tf: Package, layers: Package[]) => tf.sequential({ layers, name: 'outer' });
const innerChain = (tf: Package, name: string) =>
  tf.sequential({ layers: [firstDense(tf, `${name}_1`), dense(tf, `${name}_2`)], name });

function innerGraph(tf: Package, name: string): Package {
  const x = tf.input({ shape: [3], name: `${name}_x` });
  return tf.model({
    inputs: x,
    outputs: dense(tf, `${name}_2`).apply(dense(tf, `${name}_1`).apply(x)),
    name,
  });
}

describe.each(Object.entries(MODELS))('%s', (_, make) => {
  it('loads in TF.js', async () => {
    await expectTfjsReads(make(ours), pathOf('model'));
  });

  it('loads from TF.js', async () => {
    await expectWeRead(make(tfjs), pathOf('model'));
  });

  it('is the same after saving and loading', async () => {
    const model = make(ours);
    await model.save(pathOf('model'));
    const loaded = await ours.loadLayersModel(pathOf('model'));
    expect(loaded.getConfig()).toEqual(model.getConfig());
    const x = ours.ones([2, 3]);
    expect(loaded.predict(x).dataSync()).toEqual(model.predict(x).dataSync());
  });
});

it('the file numbers the uses of a model from 1', async () => {
  await MODELS['a graph that is used twice'](ours).save(pathOf('model'));
  const { modelTopology } = JSON.parse(await readFile(`${pathOf('model')}/model.json`, 'utf8'));
  expect(modelTopology.convforge).toEqual({ format: 2 });
  const { layers } = modelTopology.config;
  const nodesOf = (name: string) => layers.find((layer: Package) => layer.name === name).inbound_nodes;
  expect(nodesOf('a')).toEqual([[['x', 0, 0, {}]], [['a', 1, 0, {}]]]);
  expect(nodesOf('h')).toEqual([[['a', 2, 0, {}]]]);
});

it("loading refuses a use that doesn't exist", async () => {
  const json = MODELS['a graph in a graph'](ours).toJSON(null, false);
  json.config.layers.at(-1).inbound_nodes[0][0][1] = 2;
  await expectError(() => ours.models.modelFromJSON(json), 'CORRUPT_FILE', /'a' has no use number 2/);
});

it('loading refuses the format of a later version', async () => {
  const json = MODELS['a graph in a graph'](ours).toJSON(null, false);
  const read = (convforge: unknown) => ours.models.modelFromJSON({ ...json, convforge });
  await expectError(
    () => read({ format: 3 }),
    'UNSUPPORTED',
    /a later version of convforge wrote it, in format 3/,
  );
  for (const odd of [null, 3, {}, { format: 'two' }, { format: 1.5 }])
    await expectError(() => read(odd), 'CORRUPT_FILE', /convforge\.format/);
});
