import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Hdf5Dataset, type Hdf5Group, openHdf5 } from '../../../lib/io/hdf5.js';
import { readZip } from '../../../lib/io/zip.js';
import { input, layers, loadModel, model, optimizers, sequential, tensor } from '../../../lib/index.js';
import { expectError } from '../../support/convforge-error.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { CASES, checkLosses, checkOutputs, namesWith, OPTIMIZERS, readJson, type Values } from './cases.js';

const path = temporaryFolder();

async function configIn(file: string): Promise<unknown> {
  const members = await readZip(readFileSync(file), file);
  const bytes = await (members.get('config.json') as () => Promise<Uint8Array>)();
  // `x + y` is a layer here, and an operator in Keras.
  return JSON.parse(Buffer.from(bytes).toString('utf8'), (_key, value) =>
    value?.class_name === 'Add' ? { class_name: 'Add' } : value,
  );
}

/** Keys and values of Keras's config that are the same in ours, or that ours leaves out. */
function sharedWith(own: unknown, keras: unknown): unknown {
  if (Array.isArray(own) && Array.isArray(keras)) return own.map((each, i) => sharedWith(each, keras[i]));
  if (own === null || typeof own !== 'object' || keras === null || typeof keras !== 'object') return keras;
  return Object.fromEntries(
    Object.entries(own).map(([key, value]) => [
      key,
      sharedWith(value, (keras as Record<string, unknown>)[key]),
    ]),
  );
}

describe("model.save('m.keras')", () => {
  it.each(['tutorial_adam', 'residual_sgd', 'frozen_backbone_rmsprop', 'conv_zoo', 'two_in_two_out_adamw'])(
    "writes Keras's config: %s",
    async (name) => {
      const file = join(CASES, `${name}.keras`);
      await (await loadModel(file)).save(path('m.keras'), { includeOptimizer: false });
      const own = await configIn(path('m.keras'));
      const keras = await configIn(file);
      expect(own).toEqual(sharedWith(own, keras));
    },
  );

  it.each(namesWith(CASES, '.keras').filter((name) => !name.startsWith('keras2_legacy')))(
    'keeps predictions: %s',
    async (name) => {
      vi.spyOn(console, 'warn').mockImplementation(() => {});
      const loaded = await loadModel(join(CASES, `${name}.keras`));
      await loaded.save(path('m.keras'));
      const { inputs } = readJson<{ inputs: Values[] }>(join(CASES, `${name.replace('_deflated', '')}.json`));
      const given = inputs.map(({ shape, values }) => tensor(values, shape));
      const outputs = [loaded.predict(given.length > 1 ? given : given[0])].flat();
      const wanted = outputs.map((each) => ({ shape: [...each.shape], values: [...each.dataSync()] }));
      checkOutputs(await loadModel(path('m.keras')), inputs, wanted, 1e-9);
    },
  );

  it.each(namesWith(OPTIMIZERS, '.keras'))("keeps the optimizer's state: %s", async (name) => {
    const { inputs, targets, losses } = readJson<{ inputs: Values; targets: Values; losses: number[] }>(
      join(OPTIMIZERS, `${name}.json`),
    );
    await (await loadModel(join(OPTIMIZERS, `${name}.keras`))).save(path('m.keras'));
    await checkLosses(await loadModel(path('m.keras')), [inputs], [targets], losses);
  });

  it('keeps metadata, and replaces an older file', async () => {
    writeFileSync(path('m.keras'), 'old');
    const saved = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    saved.setUserDefinedMetadata({ classes: ['a', 'b'] });
    const { modelArtifactsInfo } = await saved.save(path('m.keras'));
    expect(modelArtifactsInfo.weightDataBytes).toBeGreaterThan(8 * 4);
    expect((await loadModel(path('m.keras'))).getUserDefinedMetadata()).toEqual({ classes: ['a', 'b'] });
    expect(readdirSync(path(''))).toEqual(['m.keras']);
  });

  it('refuses what Keras lacks, naming all of it', async () => {
    const x = input({ shape: [4, 4, 4], name: 'x' });
    const own = model({
      inputs: x,
      outputs: layers
        .sumPooling2d({ name: 'sum' })
        .apply(layers.depthToSpace({ name: 'deep', blockSize: 2 }).apply(x)),
    });
    await expectError(
      () => own.save(path('m.keras')),
      'UNSUPPORTED',
      /'deep' \(.*'sum' \(SumPooling2D isn't/,
    );
    const chain = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    const learningRate = optimizers.schedules.oneCycle({ maxLearningRate: 1, totalSteps: 9 });
    chain.compile({ loss: 'meanSquaredError', optimizer: optimizers.sgd({ learningRate }) });
    await expectError(() => chain.save(path('m.keras')), 'UNSUPPORTED', /no schedule OneCycle/);
    chain.compile({ loss: 'meanSquaredError', optimizer: 'sgd', metrics: ['huber'] });
    await expectError(() => chain.save(path('m.keras')), 'UNSUPPORTED', /no metric Huber/);
    chain.compile({ loss: 'halfSquaredError', optimizer: 'sgd' });
    await expectError(() => chain.save(path('m.keras')), 'UNSUPPORTED', /no loss half_squared_error/);
    expect(readdirSync(path(''))).toEqual([]);
  });

  it('refuses a folder in its place, and training: true', async () => {
    const x = input({ shape: [3], name: 'x' });
    const y = layers.dropout({ rate: 0.5, name: 'drop' }).apply(x, { training: true });
    const drawing = model({ inputs: x, outputs: y });
    await expectError(() => drawing.save(path('m.keras')), 'UNSUPPORTED', /'drop' \(.*training: true/);
    const plain = model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) });
    mkdirSync(path('m.keras'));
    await expectError(() => plain.save(path('m.keras')), 'IO_ERROR', /save: .* is no regular file/);
  });
});

describe('model.saveWeights', () => {
  it('writes the file that Keras writes', async () => {
    const loaded = await loadModel(join(CASES, 'tutorial_adam.keras'));
    await loaded.saveWeights(path('m.weights.h5'));
    const own = await contents(path('m.weights.h5'));
    const keras = await contents(join(CASES, 'tutorial_adam.weights.h5'));
    // Keras numbers steps by int64 or int32.
    expect([...own.keys()].sort()).toEqual([...keras.keys()].sort());
    for (const [name, value] of keras) expect(own.get(name), name).toEqual(value);
  });

  it('asks for the ending that Keras wants', async () => {
    const own = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    await expectError(() => own.saveWeights(path('m.h5')), 'INVALID_ARGUMENT', /must end in '\.weights\.h5'/);
  });
});

/** Attributes, shapes and values by path. */
async function contents(file: string): Promise<Map<string, unknown>> {
  const { root, close } = await openHdf5(readFileSync(file), file);
  const found = new Map<string, unknown>();
  const visit = async (member: Hdf5Group | Hdf5Dataset) => {
    if (member.kind === 'group') {
      found.set(member.path, [...member.attributes]);
      for (const child of member.children.values()) await visit(child);
    } else found.set(member.path, [member.shape, member.dtype, await member.read()]);
  };
  await visit(root);
  close();
  return found;
}
