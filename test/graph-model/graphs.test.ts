import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';

interface Values {
  shape: number[];
  values: number[];
}

interface GraphCase {
  artifacts: tf.io.ModelArtifacts & { weightBase64: string };
  inputs: Record<string, Values>;
  outputs: Values[];
}

/** Small graphs with TF.js's answers. scripts/golden/make-graph-models.mjs made them. */
const FOLDER = join(__dirname, 'graphs');

const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as GraphCase;

describe('graph models', () => {
  it.each(readdirSync(FOLDER))('%s: as TF.js computes it', async (name) => {
    const { artifacts, inputs, outputs } = read(name);
    const { weightBase64, ...given } = artifacts;
    const weightData = new Uint8Array(Buffer.from(weightBase64, 'base64')).buffer;
    const handler = tf.io.fromMemory({ ...given, weightData });
    const model = await tf.loadGraphModel(handler);
    const x = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
    );
    const got = [model.predict<tf.PendingTensors>(x)].flat();
    expect(got.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
    for (const [i, { values }] of outputs.entries()) {
      const computed = got[i].dataSync();
      const most = Math.max(1, ...values.map(Math.abs));
      expect(Math.max(...values.map((value, j) => Math.abs(value - computed[j])))).toBeLessThan(1e-5 * most);
    }
  });

  it('reads quantized weights by the formula of TF.js', async () => {
    const { artifacts, inputs } = read('shape_arithmetic.json');
    const { weightBase64, weightSpecs = [], ...topology } = artifacts;
    const bytes = Buffer.from(weightBase64, 'base64');
    const [scale, min] = [1 / 100, -1.25];
    let at = 0;
    const parts = weightSpecs.map((spec) => {
      const count = spec.shape.reduce((product, size) => product * size, 1);
      const values = bytes.subarray(at, at + 4 * count);
      at += 4 * count;
      if (spec.dtype !== 'float32') return { spec, stored: values, rounded: values };
      const floats = new Float32Array(new Uint8Array(values).buffer);
      const stored = Uint8Array.from(floats, (value) => Math.round((value - min) / scale));
      const rounded = Buffer.from(Float32Array.from(stored, (q) => q * scale + min).buffer);
      return { spec: { ...spec, quantization: { dtype: 'uint8' as const, scale, min } }, stored, rounded };
    });
    const predict = async (specs: tf.io.WeightsManifestEntry[], data: readonly Uint8Array[]) => {
      const weightData = new Uint8Array(Buffer.concat(data)).buffer;
      const model = await tf.loadGraphModel(
        tf.io.fromMemory({ ...topology, weightSpecs: specs, weightData }),
      );
      const [x] = Object.values(inputs).map(({ shape, values }) => tf.tensor(values, shape));
      return Array.from(model.predict<tf.PendingTensors>(x)[0].dataSync());
    };
    const specs = parts.map(({ spec }) => spec);
    const quantized = await predict(
      specs,
      parts.map(({ stored }) => stored),
    );
    expect(quantized).toEqual(
      await predict(
        weightSpecs,
        parts.map(({ rounded }) => rounded),
      ),
    );
    expect(quantized).not.toEqual(await predict(weightSpecs, [bytes]));
  });
});
