import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import type { FitOptions } from '../../lib/training/fit-options.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { expectBalanced, textsOf } from './markup.js';

/** Images [count, 6, 6, 1] of a bright row each, with the row's index as the class. */
function rows(count: number): { x: tf.Tensor; y: tf.Tensor } {
  const pixels = new Uint8Array(count * 36);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = i % 3;
    for (let at = 0; at < 36; at++) {
      pixels[36 * i + at] = ((7 * i + 13 * at) % 64) + (Math.floor(at / 12) === labels[i] ? 120 : 0);
    }
  }
  return { x: tf.tensor(pixels, [count, 6, 6, 1]), y: tf.tensor(labels) };
}

function classifier(): tf.Sequential {
  tf.setSeed(3);
  const model = tf.sequential({
    name: 'rows',
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [6, 6, 1] }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.4 }),
      tf.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: tf.optimizers.adam({ learningRate: 0.01, gradientAccumulationSteps: 2 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

/** The JSON of the element with this id. */
function jsonOf(html: string, id: string): Record<string, never> & { [key: string]: unknown } {
  return JSON.parse((new RegExp(`id="${id}">(.*?)</script>`).exec(html) as RegExpExecArray)[1]);
}

async function fitWith(path: string, options: FitOptions): Promise<{ html: string; weights: number[][] }> {
  const model = classifier();
  const { x, y } = rows(90);
  await model.fit(x, y, { epochs: 3, batchSize: 10, validationSplit: 0.2, seed: 9, verbose: 0, ...options });
  const html = options.report ? await readFile(path, 'utf8') : '';
  return { html, weights: model.getWeights().map((weight) => [...weight.dataSync()]) };
}

describe('fit({ report })', () => {
  const folder = temporaryFolder();

  it('shows the course, the classes, the norms and the model, and changes no result', async () => {
    const path = folder(join('a', 'report.html'));
    const { html, weights } = await fitWith(path, { report: path });
    expect(weights).toEqual((await fitWith(path, {})).weights);
    expectBalanced(html);
    expect(textsOf(html, 'h2')).toEqual([
      'Curves',
      'Validation',
      'Norms by layer',
      'Epochs',
      'Model',
      'Figures',
    ]);
    const run = jsonOf(html, 'convforge-run');
    expect(run).toMatchObject({ title: 'rows', state: 'finished', epochCount: 3, unit: 'images' });
    expect(run.facts).toMatchObject({
      Seed: '9',
      'Batch size': '10',
      Samples: '72',
      Optimizer: 'Adam, learning rate 0.01, gradient accumulation steps 2',
    });
    expect(run.epochs).toHaveLength(3);
    expect(run.epochs).toEqual(
      Array.from({ length: 3 }, (_, epoch) =>
        expect.objectContaining({
          epoch,
          learningRate: expect.closeTo(0.01, 6),
          seconds: expect.any(Number),
          norms: ['conv2d', 'batch_normalization', 'dense'].map((layer) => ({
            layer: expect.stringContaining(layer),
            weights: expect.any(Number),
            gradients: expect.any(Number),
          })),
        }),
      ),
    );
    expect(html.length).toBeLessThan(2e6);
  });

  it('computes norms as the weights and model.gradients give them', async () => {
    const path = folder('report.html');
    const model = classifier();
    const { x, y } = rows(40);
    await model.fit(x, y, { epochs: 1, batchSize: 20, seed: 2, verbose: 0, report: path });
    const [{ norms }] = jsonOf(await readFile(path, 'utf8'), 'convforge-run').epochs as never as {
      norms: { layer: string; weights: number }[];
    }[];
    const dense = model.layers.at(-1) as tf.layers.Layer;
    const values = dense.getWeights().flatMap((weight) => [...weight.dataSync()]);
    expect(norms.at(-1)?.layer).toBe(dense.name);
    expect(norms.at(-1)?.weights).toBeCloseTo(Math.hypot(...values), 4);
  });

  it('has the names of the classes, the given title and facts, and their confusion', async () => {
    const path = folder('report.html');
    const classNames = ['top', '<b>', 'low'];
    const report = {
      path,
      title: 'Rows & columns',
      classNames,
      command: 'npm start',
      facts: { Dataset: 'rows' },
    };
    const { html } = await fitWith(path, { report });
    expect(textsOf(html, 'h1')).toEqual(['Rows &amp; columns']);
    expect(textsOf(html, 'dd')).toEqual(expect.arrayContaining(['rows', 'npm start']));
    const matrix = JSON.parse(
      (
        /<script type="application\/json">(\{"title":"Confusion matrix".*?)<\/script>/.exec(
          html,
        ) as RegExpExecArray
      )[1],
    );
    expect(matrix.classes).toEqual(classNames);
    expect(matrix.rows.map((row: number[]) => row.reduce((sum, count) => sum + count))).toEqual([6, 6, 6]);
    expectBalanced(html);
  });

  it('survives a resume, and holds all epochs then', async () => {
    const path = folder('report.html');
    const checkpoint = { dir: folder('checkpoints') };
    await fitWith(path, { report: path, checkpoint, epochs: 2 });
    const { html } = await fitWith(path, {
      report: path,
      checkpoint,
      epochs: 4,
      resume: true,
      seed: undefined,
    });
    const run = jsonOf(html, 'convforge-run');
    expect((run.epochs as never as { epoch: number }[]).map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
  });

  it('says that a training failed, and keeps what it had', async () => {
    const path = folder('report.html');
    const callbacks = {
      onEpochEnd: (epoch: number) => {
        if (epoch === 1) throw new Error('out of <luck>');
      },
    };
    await expect(fitWith(path, { report: path, callbacks })).rejects.toThrow('out of <luck>');
    const html = await readFile(path, 'utf8');
    expect(jsonOf(html, 'convforge-run')).toMatchObject({ state: 'failed', problem: 'out of <luck>' });
    expect(html).toContain('<p class="problem">out of &lt;luck&gt;</p>');
  });

  it.each<[unknown, string, RegExp]>([
    [7, 'INVALID_ARGUMENT', /fit: report is 7; it must be a path/],
    [{ title: 'a' }, 'INVALID_ARGUMENT', /it must be a path/],
    [{ path: 'a', titel: 'b' }, 'UNKNOWN_OPTION', /did you mean 'title'/],
  ])('refuses %j', async (report, code, message) => {
    const { x, y } = rows(6);
    await expect(classifier().fit(x, y, { report: report as never })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('rejects with IO_ERROR before it trains if the page cannot be written', async () => {
    const { x, y } = rows(6);
    const model = classifier();
    const report = folder('x\0y.html');
    await expect(model.fit(x, y, { report, verbose: 0 })).rejects.toMatchObject({ code: 'IO_ERROR' });
    expect(model.optimizer.iterations).toBe(0);
  });
});

describe('a report of other models', () => {
  const folder = temporaryFolder();

  it('has errors and a scatter chart for a regression', async () => {
    const path = folder('report.html');
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = tf.tensor([0, 1, 2, 3, 4, 5, 6, 7], [4, 2]);
    const y = tf.tensor([1, 2, 3, 5], [4, 1]);
    await model.fit(x, y, { verbose: 0, validationData: [x, y], report: path, epochs: 2 });
    const html = await readFile(path, 'utf8');
    const predicted = [...(await model.predict(x)).dataSync()];
    const errors = predicted.map((value, i) => value - [1, 2, 3, 5][i]);
    const mean = errors.reduce((sum, error) => sum + Math.abs(error), 0) / 4;
    const at = textsOf(html, 'dt').indexOf('Mean absolute error');
    expect(Number(textsOf(html, 'dd')[at])).toBeCloseTo(mean, 3);
    expect(html).toContain('aria-label="Predicted and true values"');
  });

  it('has the images of the largest errors for a regression', async () => {
    const path = folder('report.html');
    const model = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [2, 2, 1] }), tf.layers.dense({ units: 2 })],
    });
    model.layers[1].setWeights([tf.zeros([4, 2]), tf.tensor([1, 2])]);
    model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
    const x = tf.tensor([...Array(32).keys()], [8, 2, 2, 1]);
    // It says 1 and 2 of all images. Those of the last are the farthest.
    const y = tf.tensor(
      [...Array(8).keys()].flatMap((i) => [1 + i, 2 - i]),
      [8, 2],
    );
    await model.fit(x, y, { verbose: 0, validationData: [x, y], report: path });
    const html = await readFile(path, 'utf8');
    const [, cards] = /Largest errors<\/h3>\n(.*?)<\/ul>/s.exec(html) as RegExpExecArray;
    expect(cards.match(/alt="[^"]*"/g)).toEqual([7, 6, 5, 4, 3, 2].map((i) => `alt="sample ${i}"`));
    expect(cards).toContain('<p>true 8.0000, -5.0000<br>predicted 1.0000, 2.0000</p>');
  });

  it('has scores by label where a sample may have several', async () => {
    const path = folder('report.html');
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 2, inputShape: [2], activation: 'sigmoid' })],
    });
    model.layers[0].setWeights([tf.tensor([20, 0, 0, 20], [2, 2]), tf.tensor([-10, 30])]);
    model.compile({ optimizer: tf.train.sgd(0), loss: 'binaryCrossentropy' });
    const x = tf.tensor([1, 0, 0, 0, 1, 1, 0, 1], [4, 2]);
    // The first label is the first input; the second is always predicted, and right once.
    const y = tf.tensor([1, 0, 0, 0, 1, 1, 0, 0], [4, 2]);
    await model.fit(x, y, {
      verbose: 0,
      validationData: [x, y],
      report: { path, classNames: ['red', 'round'] },
    });
    const html = await readFile(path, 'utf8');
    expect(textsOf(html, 'h3')).toEqual(['Scores by label']);
    expect(html).toContain('All labels right: 25.0 % of 4 samples');
    const [, table] = /Scores by label<\/h3>\n(.*?)<\/table>/s.exec(html) as RegExpExecArray;
    expect(textsOf(table, 'td').slice(0, 8)).toEqual([
      '1.000',
      '1.000',
      '1.000',
      '2',
      '0.250',
      '1.000',
      '0.400',
      '1',
    ]);
  });

  it('has a section for each output, and masks for a class at each pixel', async () => {
    const path = folder('report.html');
    const input = tf.input({ shape: [6, 6, 1] });
    const features = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(input);
    const mask = tf.layers
      .conv2d({ name: 'mask', filters: 2, kernelSize: 1, activation: 'softmax' })
      .apply(features);
    const flat = tf.layers.flatten().apply(features);
    const size = tf.layers.dense({ name: 'size', units: 1 }).apply(flat);
    const model = tf.model({ inputs: input, outputs: [mask, size] });
    model.compile({
      optimizer: 'adam',
      loss: { mask: 'sparseCategoricalCrossentropy', size: 'meanSquaredError' },
    });
    const x = tf.randomUniform([8, 6, 6, 1], 0, 1, 'float32', 4);
    const masks = tf.tensor(
      Int32Array.from(x.dataSync(), (value) => (value > 0.5 ? 1 : 0)),
      [8, 6, 6],
    );
    const sizes = tf.tensor([...Array(8).keys()], [8, 1]);
    await model.fit(x, [masks, sizes], {
      verbose: 0,
      validationData: [x, [masks, sizes]],
      report: { path, classNames: ['ground', 'thing'] },
    });
    const html = await readFile(path, 'utf8');
    expect(textsOf(html, 'h2')).toEqual(expect.arrayContaining(['Validation: mask', 'Validation: size']));
    expect(textsOf(html, 'th')).toContain('IoU');
    expect(html).toContain('alt="predicted classes of sample ');
    expectBalanced(html);
  });
});

describe('report.write', () => {
  const folder = temporaryFolder();

  it('writes the page of a model and its history', async () => {
    const model = classifier();
    const { x, y } = rows(30);
    const history = await model.fit(x, y, { epochs: 2, verbose: 0 });
    const path = folder('report.html');
    await tf.report.write(path, { history, model, data: [x, y], facts: { Note: 1 } });
    const html = await readFile(path, 'utf8');
    expect(textsOf(html, 'h2')).toEqual(['Curves', 'Validation', 'Epochs', 'Model', 'Figures']);
    expectBalanced(html);
  });

  it('compares trainings by what their pages hold', async () => {
    const [a, b, both] = ['a.html', 'b.html', 'both.html'].map((name) => folder(name));
    await fitWith(a, { report: a });
    await fitWith(b, { report: { path: b, title: 'slower' }, seed: 10 });
    await tf.report.write(both, { runs: [a, b] });
    const html = await readFile(both, 'utf8');
    expect(textsOf(html, 'h2')).toEqual(['Curves', 'Results', 'What differs']);
    expect(html).toContain('"name":"slower: val_loss"');
    const [, loss] = /<svg [^>]*aria-label="Loss".*?>(.*?)<\/svg>/s.exec(html) as RegExpExecArray;
    const legend = [...loss.matchAll(/<g class="(s\d)"><path class="([^"]*)"[^>]*><text[^>]*>([^<]*)</g)];
    expect(legend.map(([, ...parts]) => parts)).toEqual([
      ['s0', 'line', 'rows: loss'],
      ['s0', 'line beside', 'rows: val_loss'],
      ['s1', 'line', 'slower: loss'],
      ['s1', 'line beside', 'slower: val_loss'],
    ]);
    expect(textsOf(html, 'td')).toEqual(expect.arrayContaining(['9', '10']));
    expectBalanced(html);
  });

  it('refuses a page that is no report of a training', async () => {
    const path = folder('page.html');
    await tf.report.write(path, '<p>nothing</p>');
    await expect(tf.report.runsReport({ runs: [path, path] })).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
    });
    await expect(tf.report.runsReport({ runs: [path] })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const missing = folder('missing.html');
    await expect(tf.report.runsReport({ runs: [path, missing] })).rejects.toMatchObject({ code: 'IO_ERROR' });
  });
});
