import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { spread } from '../../lib/report/run-record.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();

it('a page of many epochs has some of them, the last among them', async () => {
  const path = folder('report.html');
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await model.fit(tf.ones([8, 1]), tf.ones([8, 1]), { epochs: 1200, verbose: 0, report: path });
  const html = await readFile(path, 'utf8');
  expect(html.length).toBeLessThan(2e6);
  expect(html).toContain('500 of 1200 epochs');
  const run = JSON.parse((/id="convforge-run">(.*?)<\/script>/.exec(html) as RegExpExecArray)[1]);
  expect(run.epochs).toHaveLength(500);
  expect(run.epochs.at(-1).epoch).toBe(1199);
});

it('spreads indexes evenly', () => {
  expect(spread(3, 5)).toEqual([0, 1, 2]);
  expect(spread(11, 6)).toEqual([0, 2, 4, 6, 8, 10]);
});
