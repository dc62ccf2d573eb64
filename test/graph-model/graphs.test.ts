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

describe('graph models', () => {
  it.each(readdirSync(FOLDER))('%s: as TF.js computes it', async (name) => {
    const { artifacts, inputs, outputs } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as GraphCase;
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
});
