import { writeFileSync } from 'node:fs';
import { io } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeEach, describe, expect, it } from 'vitest';
import { layers, type LayersModel, loadLayersModel, sequential, setSeed, tensor } from '../../lib/index.js';
import { readManifest } from '../../lib/io/manifest.js';
import { type ByteReader, readValues, type WeightValues } from '../../lib/io/weight-values.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

type Spec = io.WeightsManifestEntry;

/** More than two chunks of bytes, the last of them partial. */
const LENGTH = 2 ** 18 + 1001;

describe('dequantized values are bit for bit those of TF.js', () => {
  it.each<[string, Spec['dtype'], NonNullable<Spec['quantization']>, number]>([
    ['uint8', 'float32', { dtype: 'uint8', scale: 0.0028341102, min: -0.36276611 }, 1],
    ['uint8 with a scale of 0', 'float32', { dtype: 'uint8', scale: 0, min: 1 / 3 }, 1],
    ['uint16', 'float32', { dtype: 'uint16', scale: 1.1e-5, min: -0.123456789 }, 2],
    ['int32 as uint8', 'int32', { dtype: 'uint8', scale: 7.7, min: -98.5 }, 1],
    ['int32 as uint16', 'int32', { dtype: 'uint16', scale: 0.5, min: -3.5 }, 2],
    ['float16, each of its numbers', 'float32', { dtype: 'float16' }, 2],
  ])('%s', async (_what, dtype, quantization, elementBytes) => {
    const stored =
      elementBytes === 1
        ? Uint8Array.from({ length: LENGTH }, (_, i) => i)
        : Uint16Array.from({ length: LENGTH }, (_, i) => i);
    const spec: Spec = { name: 'w', shape: [LENGTH], dtype, quantization };
    const expected = io.decodeWeights(stored.buffer, [spec]).w.dataSync();
    const values = await read(spec, new Uint8Array(stored.buffer));
    expect(values.constructor).toBe(expected.constructor);
    expect(bits(values).equals(bits(expected as Float32Array))).toBe(true);
  });
});

/** All NaNs compare equal, since their bits are not defined. */
function bits(values: WeightValues): Buffer {
  return Buffer.from(values.map((value) => (Number.isNaN(value) ? Number.NaN : value)).buffer);
}

function read(spec: Spec, bytes: Uint8Array): Promise<WeightValues> {
  let position = 0;
  const reader: ByteReader = {
    fill: async (target) => {
      target.set(bytes.subarray(position, position + target.length));
      position += target.length;
    },
  };
  const [group] = readManifest('model.json', { weightsManifest: [{ paths: ['w.bin'], weights: [spec] }] });
  return readValues(group.weights[0], reader);
}

describe('a model with quantized weights', () => {
  const pathOf = temporaryFolder();
  let model: LayersModel;
  const X = tensor([[1, 2, 3]]);
  const KERNEL = { dtype: 'uint8', scale: 0.25, min: -1 };
  const json = (quantization: unknown, shards = ['a.bin', 'b.bin']) => ({
    format: 'layers-model',
    modelTopology: model.toJSON(null, false),
    weightsManifest: [
      {
        paths: shards,
        weights: [
          { name: 'net/kernel', shape: [3, 2], dtype: 'float32', quantization },
          { name: 'net/bias', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } },
        ],
      },
    ],
  });

  /**
   * The kernel is [[-1, -.75], [-.5, -.25], [0, .25]] and the bias [1, -2]. The boundary of the shards is
   * inside a float16.
   */
  beforeEach(() => {
    setSeed(1);
    model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: 'net' })] });
    writeFileSync(pathOf('a.bin'), Uint8Array.of(0, 1, 2, 3, 4, 5, 0x00));
    writeFileSync(pathOf('b.bin'), Uint8Array.of(0x3c, 0x00, 0xc0));
  });

  const load = (content: unknown) => {
    writeFileSync(pathOf('model.json'), JSON.stringify(content));
    return loadLayersModel(pathOf('model.json'));
  };

  it('has the dequantized values, also across shards', async () => {
    const loaded = await load(json(KERNEL));
    expect(loaded.predict(X).arraySync()).toEqual([[-1 - 1 + 0 + 1, -0.75 - 0.5 + 0.75 - 2]]);
  });

  it('is saved as float32', async () => {
    const loaded = await load(json(KERNEL));
    await loaded.save(pathOf('again'));
    const again = await loadLayersModel(pathOf('again'));
    expect(again.predict(X).arraySync()).toEqual(loaded.predict(X).arraySync());
  });

  it.each<[unknown, 'CORRUPT_FILE' | 'UNSUPPORTED', RegExp]>([
    [{ dtype: 'uint8', min: 0 }, 'CORRUPT_FILE', /'net\/kernel' is quantized with the scale undefined/],
    [{ dtype: 'uint16', scale: 1 }, 'CORRUPT_FILE', /min undefined/],
    [{ dtype: 'uint8', scale: '1', min: 0 }, 'CORRUPT_FILE', /scale '1'/],
    [{ dtype: 'int4', scale: 1, min: 0 }, 'UNSUPPORTED', /quantized to 'int4'; uint8, uint16 and float16/],
    [{}, 'UNSUPPORTED', /quantized to undefined/],
    ['uint8', 'CORRUPT_FILE', /the quantization 'uint8'; it must be an object/],
    [{ dtype: 'uint16', scale: 1, min: 0 }, 'CORRUPT_FILE', /its weights need 16 bytes, but .* have 10/],
  ])('%j is refused', async (quantization, code, text) => {
    await expectError(() => load(json(quantization)), code, text);
  });

  it('refuses int32 as float16', async () => {
    const content = json(KERNEL);
    Object.assign(content.weightsManifest[0].weights[1], { dtype: 'int32' });
    await expectError(() => load(content), 'CORRUPT_FILE', /'net\/bias' is int32 stored as float16/);
  });
});
