import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { makePhotos } from './make-data.js';
import { runCli } from './run-cli.js';

const CASES = resolve(__dirname, '../io/keras/cases');
const path = temporaryFolder();

it.each(['tutorial_adam.keras', 'tutorial_adam.h5'])('%s, a file of Keras, predicts', async (name) => {
  await makePhotos(path('photos'), 4);
  const predicted = await runCli([
    'predict',
    join(CASES, name),
    path('photos/red/1.png'),
    '--top',
    '5',
    '--json',
  ]);
  expect(predicted.err).toBe('');
  const [{ classes }] = JSON.parse(predicted.out) as [{ classes: { probability: number }[] }];
  expect(classes).toHaveLength(5);
  expect(classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
});
