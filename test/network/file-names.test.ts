import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  input,
  type LayersModel,
  layers,
  loadLayersModel,
  model,
  models,
  ones,
  sequential,
} from '../../lib/index.js';
import type { NestedModel } from '../../lib/models/index.js';
import { expectError } from '../support/convforge-error.js';
import type { Package } from '../support/random-graphs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { loadInTfjs, predictInOurs, predictInTfjs, someSamples } from '../support/tfjs-files.js';
import { expectClose } from '../support/numeric.js';

const pathOf = temporaryFolder();

const dense = (units = 3) => layers.dense({ units, activation: 'tanh' });

/** Whose layers have the names that other models' layers have, too. */
function chain(name: string, units = 3) {
  const first = layers.dense({ units, activation: 'tanh', inputShape: [3] });
  return sequential({ layers: [first, layers.batchNormalization(), dense()], name });
}

/** Two models in a graph, with one in the second, as generator and discriminator are. */
function gan(): LayersModel {
  const x = input({ shape: [3] });
  const inner = model({
    inputs: x,
    outputs: dense().apply(chain('innermost', 4).apply(dense().apply(x))),
    name: 'second',
  });
  const y = input({ shape: [3] });
  const explicit = layers.dense({ units: 3, name: 'dense_1_1' }).apply(y);
  return model({
    inputs: y,
    outputs: inner.apply(chain('first').apply(dense().apply(explicit))),
    name: 'gan',
  });
}

/** A layer's names in a file, with those of the layers in it. */
function namesIn(layer: Package): string[] {
  return (layer.config.layers ?? []).flatMap((each: Package) => [each.config.name, ...namesIn(each)]);
}

async function readJson(): Promise<Package> {
  return JSON.parse(await readFile(`${pathOf('model')}/model.json`, 'utf8'));
}

describe('layers of one name in nested models', () => {
  it('have unique names in the file, where outer layers keep theirs', async () => {
    await gan().save(pathOf('model'));
    const { modelTopology, weightsManifest } = await readJson();
    const names = namesIn(modelTopology);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual([
      ...['input_1', 'dense_1_1', 'dense_1'],
      ...['first', 'dense_1_2', 'batch_normalization_1', 'dense_2'],
      ...['second', 'input_1_1', 'dense_1_3'],
      ...['innermost', 'dense_1_4', 'batch_normalization_1_1', 'dense_2_2', 'dense_2_1'],
    ]);
    const weights = weightsManifest[0].weights.map(({ name }: Package) => name);
    expect(new Set(weights).size).toBe(weights.length);
    expect(weights).toContain('batch_normalization_1_1/moving_mean');
  });

  it('have their names again after loading', async () => {
    const before = gan();
    await before.save(pathOf('model'));
    const after = await loadLayersModel(pathOf('model'));
    expect(after.getConfig()).toEqual(before.getConfig());
    const x = ones([2, 3]);
    expect(after.predict(x).dataSync()).toEqual(before.predict(x).dataSync());
    const first = after.getLayer('first');
    expect((first as NestedModel).model.getLayer('dense_1').name).toBe('dense_1');
    await after.save(pathOf('again'));
    expect(await readFile(pathOf('again/model.json'))).toEqual(await readFile(pathOf('model/model.json')));
  });

  it('load in TF.js', async () => {
    const ours = gan();
    await ours.save(pathOf('model'));
    const theirs = await loadInTfjs(pathOf('model'));
    const x = someSamples([[3]]);
    expectClose(predictInOurs(ours, x)[0], predictInTfjs(theirs, x)[0], { absolute: 1e-5 });
  });

  it('continue with the saved optimizer', async () => {
    const nets = [gan()];
    const y = ones([4, 3]);
    const x = ones([4, 3]).mul(0.5);
    const options = { epochs: 2, shuffle: false, verbose: 0 } as const;
    nets[0].compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    await nets[0].fit(x, y, options);
    await nets[0].save(pathOf('model'), { includeOptimizer: true });
    nets.push(await loadLayersModel(pathOf('model')));
    for (const net of nets) await net.fit(x, y, options);
    const [a, b] = nets.map((net) => net.getWeights().map((weight) => weight.dataSync()));
    expect(b).toEqual(a);
  });

  it('are refused if a file has the same name twice in one model', async () => {
    const json = sequential({ layers: [chain('a'), chain('b')] }).toJSON(null, false) as Package;
    json.config.layers[1].config.layers[2].convforge = { name: 'dense_1' };
    await expectError(() => models.modelFromJSON(json), 'CORRUPT_FILE', /has a layer of that name/);
    json.config.layers[1].config.layers[2].convforge = { name: 3 };
    await expectError(() => models.modelFromJSON(json), 'CORRUPT_FILE', /convforge.name 3/);
  });
});

/** A layer that a model and one inside it share, used thrice; both are in a third. */
function sharing(): LayersModel {
  const x = input({ shape: [3] });
  const shared = layers.dense({ units: 3, activation: 'tanh', name: 'shared' });
  const inner = model({ inputs: x, outputs: dense().apply(shared.apply(x)), name: 'inner' });
  const y = input({ shape: [3] });
  const middle = model({ inputs: y, outputs: shared.apply(inner.apply(y)), name: 'middle' });
  const z = input({ shape: [3] });
  return model({ inputs: z, outputs: shared.apply(inner.apply(middle.apply(z))), name: 'outer' });
}

/** shared and inner's other layer have a kernel and a bias each. */
const PARAMETERS = 2 * 12;

describe('layers shared with a nested model', () => {
  it('have their weights counted once', () => {
    const net = sharing();
    expect(net.countParams()).toBe(PARAMETERS);
    expect(net.getWeights()).toHaveLength(4);
    const lines: string[] = [];
    net.summary(80, undefined, (line) => lines.push(line));
    expect(lines).toContain('Total params: 24');
    expect(lines).toContain('Trainable params: 24');
    expect(lines).toContain('Non-trainable params: 0');
  });

  it('are saved once, and are one layer after loading', async () => {
    const before = sharing();
    await before.save(pathOf('model'));
    const { weightsManifest } = await readJson();
    expect(weightsManifest[0].weights.map(({ name }: Package) => name).sort()).toEqual([
      ...['dense_1/bias', 'dense_1/kernel', 'shared/bias', 'shared/kernel'],
    ]);
    const after = await loadLayersModel(pathOf('model'));
    expect(after.countParams()).toBe(PARAMETERS);
    const inner = (after.getLayer('middle') as NestedModel).model.getLayer('inner');
    expect(inner).toBe(after.getLayer('inner'));
    expect((inner as NestedModel).model.getLayer('shared')).toBe(after.getLayer('shared'));
    const x = ones([2, 3]);
    for (const net of [before, after]) {
      net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      await net.fit(x, x, { epochs: 3, shuffle: false, verbose: 0 });
    }
    expect(after.predict(x).dataSync()).toEqual(before.predict(x).dataSync());
  });

  it('are separate layers in files of other programs', async () => {
    const json = sharing().toJSON(null, false) as Package;
    delete json.convforge;
    const net = await models.modelFromJSON(json);
    expect(net.countParams()).toBe(12 + 24 + 12 + 24);
  });
});
