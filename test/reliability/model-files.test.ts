import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  ConvforgeError,
  type LayersModel,
  layers,
  loadLayersModel,
  models,
  sequential,
  setSeed,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { weightsFile } from '../support/weights-file.js';

// A saved model that is truncated, corrupted or malicious loads as it was, or loading says what is wrong.

const pathOf = temporaryFolder();
const X = tensor([[1, 2]]);

let folder: string;
let json: string;
beforeEach(async () => {
  folder = pathOf('model');
  setSeed(4);
  const model = sequential({
    name: 'net',
    layers: [
      layers.dense({ units: 3, activation: 'tanh', kernelRegularizer: 'l2', inputShape: [2] }),
      layers.batchNormalization(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  await model.fit(X, [0], { verbose: 0 });
  await model.save(folder, { includeOptimizer: true });
  json = readFileSync(`${folder}/model.json`, 'utf8');
});

/** Loads the model. Any failure must be a ConvforgeError other than INTERNAL. */
async function loadOrRefuse(about: string): Promise<LayersModel | undefined> {
  try {
    return await loadLayersModel(folder);
  } catch (error) {
    expect(error, about).toBeInstanceOf(ConvforgeError);
    expect((error as ConvforgeError).code, `${about}: ${error}`).not.toBe('INTERNAL');
    expect((error as ConvforgeError).message, about).toContain(folder);
    return undefined;
  }
}

describe('a truncated file', () => {
  it('model.json, at every eleventh byte', async () => {
    for (let length = 0; length < json.length - 1; length += 11) {
      writeFileSync(`${folder}/model.json`, json.slice(0, length));
      expect(await loadOrRefuse(`${length} bytes`), `${length} bytes`).toBeUndefined();
    }
  });

  it('the weights, at every byte', async () => {
    const path = weightsFile(folder);
    const { length } = readFileSync(path);
    for (let size = length - 1; size >= 0; size--) {
      truncateSync(path, size);
      await expectError(() => loadLayersModel(folder), 'CORRUPT_FILE', /weights\.[0-9a-f]{16}\.bin/);
    }
  });
});

it('a flipped bit in every third byte of model.json: it loads and works, or is refused', async () => {
  let loaded = 0;
  for (let i = 0; i < json.length; i += 3) {
    const bytes = Buffer.from(json);
    bytes[i] ^= 1 << (i % 7);
    writeFileSync(`${folder}/model.json`, bytes);
    const about = `byte ${i}: ${bytes.subarray(Math.max(0, i - 20), i + 20)}`;
    const model = await loadOrRefuse(about);
    if (model === undefined) continue;
    loaded++;
    // A name or a number may have changed, and with it the widths of layers, but everything must run.
    const [[, ...shape]] = model.inputs.map((input) => input.shape as number[]);
    const x = tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), [1, ...shape]);
    expect(model.predict(x).dataSync().length, about).toBeGreaterThan(0);
    model.dispose();
  }
  expect(loaded).toBeGreaterThan(0);
});

describe('keys of Object.prototype', () => {
  const EVIL = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},';
  const objects = () => [...json.matchAll(/\{/g)].map(({ index }) => index);

  it('__proto__ and constructor in every object of model.json', async () => {
    for (const start of objects()) {
      writeFileSync(`${folder}/model.json`, `${json.slice(0, start + 1)}${EVIL}${json.slice(start + 1)}`);
      await loadOrRefuse(json.slice(start, start + 60));
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect(Object.prototype).not.toHaveProperty('polluted');
    }
  });

  it('__proto__ in place of a required key', async () => {
    for (const name of [
      'class_name',
      'config',
      'layers',
      'name',
      'weightsManifest',
      'paths',
      'weights',
      'shape',
    ]) {
      const changed = json.replace(`"${name}":`, '"__proto__":');
      expect(changed).not.toBe(json);
      writeFileSync(`${folder}/model.json`, changed);
      await loadOrRefuse(name);
    }
  });

  it('modelFromJSON refuses them, too', async () => {
    const topology = JSON.stringify(JSON.parse(json).modelTopology);
    for (const { index } of topology.matchAll(/\{/g)) {
      const evil = `${topology.slice(0, index + 1)}${EVIL}${topology.slice(index + 1)}`;
      const outcome = await models.modelFromJSON(evil).catch((error) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ConvforgeError);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    }
  });
});

describe('nested models', () => {
  const nested = (depth: number) => {
    const open = '{"class_name":"Sequential","config":{"layers":['.repeat(depth);
    const inner = '{"class_name":"Flatten","config":{"name":"f","batch_input_shape":[null,2]}}';
    return `${open}${inner}${']}}'.repeat(depth)}`;
  };

  // 32 levels of nested models are allowed. Files may be nested 128 deep, and each level takes three.
  it.each([
    [34, 'TOO_LARGE', /32/],
    [40, 'TOO_LARGE', /32/],
    [50, 'CORRUPT_FILE', /128 deep/],
    [1_000, 'CORRUPT_FILE', /128 deep/],
    [100_000, 'CORRUPT_FILE', /128 deep|not valid JSON/],
  ] as const)('%i deep', async (depth, code, message) => {
    const text = `{"format":"layers-model","weightsManifest":[],"modelTopology":${nested(depth)}}`;
    writeFileSync(`${folder}/model.json`, text);
    await expectError(() => loadLayersModel(folder), code, message);
    await expectError(() => models.modelFromJSON(nested(depth)), code, message);
  });

  it('load up to the maximal depth', async () => {
    const model = await models.modelFromJSON(nested(33));
    expect([...model.predict(X).dataSync()]).toEqual([1, 2]);
  });
});
