import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { data, type FitDatasetOptions } from '../../lib/index.js';
import { bitsOf, noisyData, noisyModel } from '../support/resumed-fits.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const path = temporaryFolder();
const { x, y } = noisyData();

it('goes on with the validation in which stopTraining ended it', async () => {
  const dir = path('checkpoints');
  const run = async (options: FitDatasetOptions, stops = false) => {
    const model = noisyModel();
    let passes = 0;
    const toValidate = data.generator(async function* () {
      passes++;
      for (let i = 0; i < 3; i++) {
        if (stops && i === 1) {
          model.stopTraining = true;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        yield { xs: x.slice(0, 8), ys: y.slice(0, 8) };
      }
    });
    const batches = data.array([{ xs: x.slice(0, 8), ys: y.slice(0, 8) }]).repeat(3);
    const all = { epochs: 2, verbose: 0, seed: 5, validationData: toValidate, ...options } as const;
    const { history } = await model.fitDataset(batches, all);
    return { history, passes, bits: await bitsOf(model) };
  };
  const whole = await run({});
  const stopped = await run({ checkpoint: { dir } }, true);
  expect([stopped.passes, Object.keys(stopped.history)]).toEqual([1, ['loss', 'acc']]);
  expect(readdirSync(dir)).toEqual(['checkpoint-000001']);
  const resumed = await run({ checkpoint: { dir }, resume: true });
  expect(resumed).toEqual(whole);
});
