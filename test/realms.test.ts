import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Convforge } from './native/tools.js';
import { makeRealm, type Realm } from './support/realm.js';
import { temporaryFolder } from './support/temporary-folder.js';

// The built package in a realm of its own, as test runners with `vm` contexts load it. The tests' values are
// of the outer realm, as those of Node's modules are.

const pathOf = temporaryFolder();
const LABELS = Int32Array.from({ length: 24 }, (_, i) => i % 3);
const IMAGES = Float32Array.from({ length: 24 * 16 }, (_, i) => ((i * 7) % 11) / 11);

describe.each<[string, string[] | undefined]>([
  ['with Jest’s globals', undefined],
  ['with all built-in classes of its own', []],
])('a realm %s', (_, shared) => {
  let realm: Realm;
  let tf: Convforge;
  let Own: Record<string, new (...args: unknown[]) => unknown>;
  beforeEach(() => {
    realm = makeRealm(shared);
    tf = realm.convforge;
    Own = realm.evaluate('{ Float32Array, Array, Object, Error, Promise }') as typeof Own;
  });

  function network() {
    tf.setSeed(5);
    const model = tf.sequential([
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [4, 4, 1] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  }
  const x = () => tf.tensor(IMAGES, [24, 4, 4, 1]);
  const y = () => tf.tensor(LABELS, [24], 'int32');

  /** Expects an error of the realm with this code. */
  async function expectRefused(action: () => unknown, code: string): Promise<void> {
    let caught: unknown;
    try {
      await action();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(tf.ConvforgeError);
    expect(caught).toBeInstanceOf(Own.Error);
    expect(caught).toMatchObject({ code });
  }

  it('is another one', () => {
    expect(new Float32Array(1)).not.toBeInstanceOf(Own.Float32Array);
    expect(tf.tensor([1]).dataSync()).toBeInstanceOf(Own.Float32Array);
  });

  it.each(['native', 'reference'] as const)('trains and predicts with the %s engine', async (engine) => {
    await tf.setEngine(engine);
    const model = network();
    const logs: unknown[] = [];
    const options = { epochs: 3, batchSize: 8, verbose: 0, seed: 1, shuffle: true } as const;
    const { history } = await model.fit(x(), y(), {
      ...options,
      validationSplit: 0.25,
      classWeight: { 0: 1, 1: 2, 2: 1 },
      signal: new AbortController().signal,
      callbacks: { onEpochEnd: (_epoch, log) => void logs.push(log) },
    });
    expect(history.loss).toHaveLength(3);
    expect(history.loss[2]).toBeLessThan(history.loss[0] as number);
    expect(logs).toHaveLength(3);

    const pending = model.predict(x());
    const promise = Array.isArray(pending) ? undefined : pending.then((tensor) => tensor);
    expect(promise).toBeInstanceOf(Own.Promise);
    const values = (await promise)?.dataSync();
    expect(values).toBeInstanceOf(Own.Float32Array);
    expect(model.predict(x()).dataSync()).toEqual(values);
    expect(
      Array.from(values ?? [])
        .slice(0, 3)
        .reduce((sum, value) => sum + value, 0),
    ).toBeCloseTo(1, 5);

    const [loss, accuracy] = await model.evaluate(x(), y());
    expect([loss.dataSync()[0], accuracy.dataSync()[0]].every(Number.isFinite)).toBe(true);
    for (const weight of model.getWeights()) expect(weight.dataSync()).toBeInstanceOf(Own.Float32Array);
    expect(model.explain()).toBeInstanceOf(Own.Object);
  });

  it('trains on a dataset of outer values', async () => {
    const rows = Array.from({ length: 24 }, (_, i) => ({
      xs: IMAGES.subarray(i * 16, i * 16 + 16),
      ys: LABELS[i],
    }));
    const dataset = tf.data.array(rows).map(({ xs, ys }) => ({ xs: tf.tensor(xs, [4, 4, 1]), ys }));
    const { history } = await network().fitDataset(dataset.batch(8) as never, { epochs: 2, verbose: 0 });
    expect(history.loss).toHaveLength(2);
  });

  it('saves and loads', async () => {
    const model = network();
    await model.fit(x(), y(), { epochs: 1, verbose: 0 });
    const expected = model.predict(x()).dataSync();
    await model.save(`file://${pathOf('model')}`, { includeOptimizer: true });
    const loaded = await tf.loadLayersModel(`file://${pathOf('model')}/model.json`);
    expect(loaded.predict(x()).dataSync()).toEqual(expected);
    await loaded.fit(x(), y(), { epochs: 1, verbose: 0 });

    const saved: unknown[] = [];
    await model.save(tf.io.withSaveHandler(async (given) => saved.push(structuredClone(given)) as never));
    const restored = await tf.loadLayersModel(tf.io.fromMemory(saved[0] as never));
    expect(restored.predict(x()).dataSync()).toEqual(expected);
  });

  it('takes typed arrays of either realm', () => {
    const kinds: [string, string][] = [
      ['Float32Array', 'float32'],
      ['Float64Array', 'float32'],
      ['Int8Array', 'int32'],
      ['Int16Array', 'int32'],
      ['Uint16Array', 'int32'],
      ['Int32Array', 'int32'],
      ['Uint32Array', 'int32'],
      ['Uint8Array', 'uint8'],
      ['Uint8ClampedArray', 'uint8'],
    ];
    const numbers = [0, 1, 100];
    for (const [name, dtype] of kinds) {
      for (const Kind of [Reflect.get(globalThis, name), realm.evaluate(name)]) {
        const tensor = tf.tensor(new Kind(numbers));
        expect([name, tensor.dtype, Array.from(tensor.dataSync())]).toEqual([name, dtype, numbers]);
      }
    }
    expect(tf.tensor(Buffer.from(numbers)).dtype).toBe('uint8');
    const shared = new Float32Array(new SharedArrayBuffer(8));
    const kept = tf.tensor(shared);
    shared[0] = 1;
    expect(Array.from(kept.dataSync())).toEqual([0, 0]);
  });

  it('draws a report, whose modules are imported by the outer realm', async () => {
    const series = [{ name: 'loss', y: [3, 2, 1] }];
    const svg = await tf.report.lineChart({ title: 'Loss', xLabel: 'Epoch', yLabel: 'Loss', series });
    expect(svg).toMatch(/^<svg/);
  });

  it('refuses bad input by typed errors', async () => {
    const model = network();
    await expectRefused(() => tf.tensor(new BigInt64Array(1) as never), 'INVALID_ARGUMENT');
    await expectRefused(() => tf.tensor(new DataView(new ArrayBuffer(4)) as never), 'INVALID_ARGUMENT');
    await expectRefused(() => tf.layers.dense({ units: 1, unit: 1 } as never), 'UNKNOWN_OPTION');
    await expectRefused(() => model.predict(tf.tensor(IMAGES, [48, 8])), 'SHAPE_MISMATCH');
    await expectRefused(() => model.fit(x(), tf.tensor(new Int32Array(24).fill(7))), 'INVALID_LABEL');
    await expectRefused(() => model.fit(x(), y(), { signal: {} as never }), 'INVALID_ARGUMENT');
    const aborted = { signal: AbortSignal.abort(), verbose: 0 } as const;
    await expectRefused(() => model.fit(x(), y(), aborted), 'ABORTED');
    await expectRefused(() => tf.loadLayersModel(`file://${pathOf('nothing')}/model.json`), 'IO_ERROR');
    await expectRefused(() => tf.setThreads(-1), 'INVALID_ARGUMENT');
    const broken = tf.io.withSaveHandler(() => Promise.reject(new TypeError('no disk')));
    await expectRefused(() => model.save(broken), 'IO_ERROR');
    await expect(model.save(broken)).rejects.toThrow(/failed: no disk/);
    model.dispose();
    await expectRefused(() => model.predict(x()), 'DISPOSED');
  });
});

it('no source uses instanceof for built-in classes', () => {
  const BUILT_IN = /instanceof (\w*Array|\w*ArrayBuffer|\w*Error|Object|Map|Set|Date|Promise|AbortSignal)\b/g;
  const lib = path.join(__dirname, '..', 'lib');
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => file.endsWith('.ts') && file !== 'realms.ts')
    .flatMap((file) =>
      readFileSync(path.join(lib, file), 'utf8')
        .match(BUILT_IN)
        ?.map((use) => `${file}: ${use}`),
    )
    .filter((use) => use !== undefined && !/(Convforge|Usage|Commander)Error$/.test(use));
  expect(found).toEqual([]);
});
