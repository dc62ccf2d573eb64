import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/index.js';
import { loadLayersModel } from '../../lib/models/load-layers-model.js';

const FOLDER = 'test/io/fixtures/tfjs';

/** Written by TF.js 4.22 after three steps of Adam: see write-with-tfjs.cjs beside it. */
describe('a model that TF.js wrote', () => {
  it('predicts what TF.js predicted', async () => {
    const model = await loadLayersModel(`file://${FOLDER}/model.json`);
    const { x, y } = JSON.parse(await readFile(`${FOLDER}/expected.json`, 'utf8'));
    const predicted = model.predict(tensor(x, [2, 6, 6, 2])).dataSync();
    expect(predicted).toHaveLength(y.length);
    for (const [i, value] of y.entries()) expect(predicted[i]).toBeCloseTo(value, 5);
  });

  it('is compiled, with its optimizer at step three', async () => {
    const model = await loadLayersModel(FOLDER);
    expect(model.compiled.outputs[0]?.loss).toEqual({
      kind: 'categoricalCrossentropy',
      fromLogits: false,
      labelSmoothing: 0,
    });
    expect(model.compiled.outputs[0]?.metrics.map((metric) => metric.logKey)).toEqual(['acc']);
    expect(model.optimizer.getConfig()).toEqual({
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
    });
    const { optimizer } = await model.state.snapshot();
    expect(optimizer?.iterations).toBe(3);
    const { m, v } = optimizer?.slots ?? {};
    expect(m.map((values) => values.length)).toEqual([54, 3, 24, 6, 3]);
    expect(v.every((values) => values.every((value) => value >= 0))).toBe(true);
    expect(v[0].some((value) => value > 0)).toBe(true);
  });
});
