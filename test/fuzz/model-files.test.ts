import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import { smallMobileNet } from '../support/converted-models.js';
import { randomGraph } from '../support/random-graphs.js';
import { fuzz, LIMIT_MS, Outcomes } from './fuzz.js';
import { byteEdits, editBytes, editJson, jsonEdits } from './mutations.js';
import { WatchedFiles } from './watched-files.js';

// Stored models whose model.json or weights are changed at random. A model loads, or loading is refused with a
// ConvforgeError; what loads computes, or is refused likewise. No file outside of the model's folder is opened.

const FIXTURES = path.join(__dirname, '..', 'io', 'fixtures');
const files = new WatchedFiles();

let work: string;
let folder: string;
const models: string[] = [];
beforeAll(async () => {
  work = mkdtempSync(path.join(tmpdir(), 'convforge-fuzz-'));
  folder = path.join(work, 'model');
  writeFileSync(path.join(work, 'secret.bin'), Buffer.alloc(4096));
  const add = async (save: (to: string) => unknown) => {
    const to = path.join(work, `seed${models.length}`);
    mkdirSync(to, { recursive: true });
    await save(to);
    models.push(to);
  };
  for (const fixture of [
    'tfjs',
    'version-0.1.0/formulas',
    'version-0.1.0/nested-graph',
    'version-0.1.0/shared-layer',
  ])
    await add((to) => cpSync(path.join(FIXTURES, fixture), to, { recursive: true }));
  await add((to) => tf.io.fileSystem(to).save(smallMobileNet()));
  for (const seed of [1, 2]) await add((to) => randomGraph(tf, seed).save(to));
  await add(async (to) => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 3, activation: 'tanh', kernelRegularizer: 'l2', inputShape: [2] }),
        tf.layers.batchNormalization(),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
    model.compile({
      optimizer: tf.optimizers.adam({ learningRate: 0.1, amsgrad: true }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
    });
    await model.fit(tf.tensor([[1, 2]]), [0], { verbose: 0 });
    await model.save(to, { includeOptimizer: true });
  });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Makes `folder` a copy of a model, whose file `name` has other content. */
function place(model: number, name: string, content: string | Buffer): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(models[model % models.length], folder, { recursive: true });
  writeFileSync(path.join(folder, name), content);
}

/** Loads what is in `folder`, and predicts with it if it is small. */
async function load(outcomes: Outcomes): Promise<void> {
  let model: tf.LayersModel | undefined;
  const outside = await files.outside(folder, () =>
    outcomes.of(async () => {
      model = await tf.loadLayersModel(folder);
    }),
  );
  expect(outside).toEqual([]);
  expect(Object.prototype).not.toHaveProperty('a');
  if (model === undefined) return;
  const sizeOf = (shape: readonly (number | null)[]) => shape.reduce<number>((size, n) => size * (n ?? 8), 1);
  const sizes = model.layers.flatMap((layer) => {
    try {
      return sizeOf([layer.outputShape].flat() as number[]);
    } catch {
      return 0;
    }
  });
  if (Math.max(...sizes) > 1e6) return model.dispose();
  const loaded = model;
  await new Outcomes().of(async () => {
    const x = loaded.inputs.map(({ shape }) => {
      const known = shape.slice(1).map((size) => size ?? 8);
      return tf.zeros([1, ...known]);
    });
    for (const output of [loaded.predict(x as never)].flat()) (output as tf.Tensor).dataSync();
  });
  loaded.dispose();
}

const model = fc.nat(7);
const json = (index: number) => readFileSync(path.join(models[index % models.length], 'model.json'), 'utf8');

test('model.json with other values', { timeout: LIMIT_MS }, async () => {
  const outcomes = await fuzz(
    'model.json, values',
    fc.record({ model, edits: jsonEdits }),
    async ({ model, edits }, outcomes) => {
      place(model, 'model.json', JSON.stringify(editJson(JSON.parse(json(model)), edits)));
      await load(outcomes);
    },
  );
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
  expect(outcomes.count('CORRUPT_FILE')).toBeGreaterThan(0);
});

test('model.json with other bytes', { timeout: LIMIT_MS }, async () => {
  const outcomes = await fuzz(
    'model.json, bytes',
    fc.record({ model, edits: byteEdits }),
    async ({ model, edits }, outcomes) => {
      place(model, 'model.json', editBytes(Buffer.from(json(model)), edits));
      await load(outcomes);
    },
  );
  expect(outcomes.count('CORRUPT_FILE')).toBeGreaterThan(0);
});

test('weights with other bytes', { timeout: LIMIT_MS }, async () => {
  const outcomes = await fuzz(
    'weights',
    fc.record({ model, file: fc.nat(9), edits: byteEdits }),
    async ({ model, file, edits }, outcomes) => {
      const from = models[model % models.length];
      const shards = readdirSync(from).filter((name) => name.endsWith('.bin'));
      const name = shards[file % shards.length];
      place(model, name, editBytes(readFileSync(path.join(from, name)), edits));
      await load(outcomes);
    },
  );
  expect(outcomes.count('CORRUPT_FILE')).toBeGreaterThan(0);
});
