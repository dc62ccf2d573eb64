import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadLayersModel, type LayersModel, type Tensor, tensor } from '../../lib/index.js';

const FOLDER = 'test/io/fixtures/version-0.1.0';

interface Values {
  shape: number[];
  values: number[];
}

interface Expected {
  x: Values[];
  y: Values[];
  predictions: number[][];
  afterThreeSteps: number[][];
}

async function load(name: string): Promise<{ model: LayersModel; expected: Expected }> {
  const expected = JSON.parse(await readFile(`${FOLDER}/${name}/expected.json`, 'utf8'));
  return { model: await loadLayersModel(`${FOLDER}/${name}`), expected };
}

const tensors = (list: readonly Values[]) => list.map(({ values, shape }) => tensor(values, shape));

function expectPredictions(model: LayersModel, x: readonly Values[], expected: readonly number[][]) {
  const given: Tensor | Tensor[] = model.predict(tensors(x));
  const all = (Array.isArray(given) ? given : [given]).map((each: Tensor) => Array.from(each.dataSync()));
  expect(all.map((values) => values.length)).toEqual(expected.map((values) => values.length));
  for (const [i, value] of expected.flat().entries()) expect(all.flat()[i]).toBeCloseTo(value, 5);
}

/** See write.cjs among the fixtures. */
describe.each(['nested-graph', 'nested-chain', 'shared-layer', 'formulas'])('%s of version 0.1.0', (name) => {
  it('predicts as version 0.1.0 did', async () => {
    const { model, expected } = await load(name);
    expectPredictions(model, expected.x, expected.predictions);
  });

  it('continues training', async () => {
    const { model, expected } = await load(name);
    const options = { epochs: 3, batchSize: 2, shuffle: false, verbose: 0 } as const;
    await model.fit(tensors(expected.x), tensors(expected.y), options);
    expectPredictions(model, expected.x, expected.afterThreeSteps);
  });
});
