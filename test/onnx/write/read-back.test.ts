import { expect, it } from 'vitest';
import { io, loadModel } from '../../../lib/index.js';
import { layerCases } from './layer-cases.js';

/** What the reader refuses: it keeps the batch. */
const NOT_READ = new Set(['BatchNormalization of the batch', 'TimeDistributed', 'open sizes, frames']);

const cases = layerCases().filter(({ name }) => !NOT_READ.has(name));

it.each(cases)('$name is read again as a model that predicts alike', async ({ model, inputs }) => {
  const x = inputs.length === 1 ? inputs[0] : inputs;
  const ours = await Promise.all([model.predict(x)].flat());
  const again = await loadModel(await io.onnx(model));
  const theirs = await Promise.all([again.predict(x)].flat());
  for (const [i, each] of ours.entries()) {
    const values = [...each.dataSync()];
    const range = Math.max(...values) - Math.min(...values) || 1;
    expect(theirs[i].shape).toEqual(each.shape);
    const read = theirs[i].dataSync();
    for (const [k, value] of values.entries()) expect(Math.abs(read[k] - value)).toBeLessThan(1e-5 * range);
  }
});
