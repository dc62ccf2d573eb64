import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { SampleSource } from '../../lib/program/samples.js';
import { KeptSamples } from '../../lib/training/kept-samples.js';
import type { LabelledSource } from '../../lib/training/labelled-data.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { textsOf } from './markup.js';

// The hold-out of fitDataset({ validationSplit }), of which the report has copies.

const folder = temporaryFolder();

/** Batches of images [6, 6, 1] of two classes, the brighter half of which is at the top or at the bottom. */
function batches(count: number) {
  const elements = Array.from({ length: count }, (_, i) => {
    const ys = i % 2;
    const pixels = Array.from({ length: 36 }, (_, at) => Number(at < 18) === ys);
    return { xs: tf.tensor(pixels.map(Number), [6, 6, 1]), ys };
  });
  return tf.data.array(elements).batch(50);
}

async function train(dataset: tf.data.Dataset<never>, options: tf.FitDatasetOptions) {
  tf.setSeed(3);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  const report = folder('report.html');
  await model.fitDataset(dataset, { epochs: 2, seed: 1, verbose: 0, report, ...options });
  return readFile(report, 'utf8');
}

/** Samples of each class in the confusion matrix. */
function counts(html: string): number[] {
  const json = /<script type="application\/json">(\{"title":"Confusion matrix".*?)<\/script>/.exec(html);
  const { rows } = JSON.parse((json as RegExpExecArray)[1]) as { rows: number[][] };
  return rows.map((row) => row.reduce((sum, count) => sum + count));
}

it('shows in the report as the same samples as validation data do', async () => {
  const dataset = batches(500) as never as tf.data.Dataset<never>;
  const split = await train(dataset, { validationSplit: 0.3 });
  const apart = await train(dataset.take(7), { validationData: dataset.skip(7) as never });
  expect(textsOf(split, 'h2')).toEqual(expect.arrayContaining(['Validation', 'Figures']));
  expect(textsOf(split, 'h2')).toEqual(textsOf(apart, 'h2'));
  expect(counts(split)).toEqual([75, 75]);
  const study = (html: string) =>
    html.slice(html.indexOf('Confusion matrix'), html.indexOf('Norms by layer')).replace(/id="[^"]*"/g, '');
  expect(study(split)).toEqual(study(apart));
});

it('is copied up to 1,024 samples', async () => {
  const html = await train(batches(3000) as never, { validationSplit: 0.5 });
  expect(counts(html)).toEqual([512, 512]);
});

it('is copied up to 64 MB, once', async () => {
  const source = (what: string, shape: number[]) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size)).fill(3);
    return new SampleSource(what, values, shape, 'float32', (slice) => slice as Float32Array);
  };
  const batch: LabelledSource = {
    ...{ x: [source('x', [6, 2 ** 20])], y: [source('y', [6, 1])] },
    ...{ weights: [], count: 6 },
  };
  const kept = new KeptSamples();
  const samples = { x: [], y: [], count: 6, batchSize: 6, source: batch, dispose: () => {} };
  for (let set = 0; set < 4; set++) kept.add(samples);
  const read = async () => {
    const sets: LabelledSource[] = [];
    const reader = kept.set.open();
    for (let set = await reader.next(); set; set = await reader.next()) sets.push(set.source);
    return sets;
  };
  const sets = await read();
  // Sixteen images of 4 MB and their targets would be a little more.
  expect(sets.map(({ count }) => count)).toEqual([6, 6, 3]);
  expect(sets[2].x[0].shape).toEqual([3, 2 ** 20]);
  // They are copies.
  batch.y[0].read(0, 1).fill(9);
  expect(sets[0].y[0].read(0, 6)).toEqual(new Float32Array(6).fill(3));
  kept.end();
  const small = { ...batch, x: batch.y };
  kept.add({ ...samples, source: small });
  expect(await read()).toHaveLength(3);
});
