import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadLayersModel } from '../../lib/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { weightsFile } from '../support/weights-file.js';
import { COLOURS, makeIdxFolder, makePhotos, moduleOfNetwork } from './make-data.js';
import { runCli } from './run-cli.js';

const path = temporaryFolder();

/** Trains, and returns the lines that were printed. */
async function trained(...args: string[]): Promise<string[]> {
  const { code, out, err } = await runCli(['train', ...args, '--out', path('out')], { CI: '1' });
  expect([code, err]).toEqual([0, '']);
  return out.trimEnd().split('\n');
}

const weights = (out = 'out') => readFileSync(weightsFile(path(`${out}/model`)));

describe('convforge train', () => {
  it('trains LeNet on a folder of IDX files, and writes a model and a report', async () => {
    const data = makeIdxFolder(path('halves'), { train: 96, test: 20 });
    const args = ['--data', data, '--epochs', '3', '--batch', '16', '--seed', '1'];
    const lines = await trained(...args);
    expect(lines[0]).toMatch(/^convforge \d+\.\d+\.\d+ on .*, \d+ threads?, (avx512|avx2|neon|scalar)$/);
    expect(lines[1]).toBe(`${data}: 96 training images, 20 test images; seed 1`);
    expect(lines.join('\n')).toContain('Total params: 1,079,098');
    expect(lines.filter((line) => /^Epoch \d\/3 {2}loss .* val_acc .* images\/s$/.test(line))).toHaveLength(
      3,
    );
    expect(lines.at(-5)).toMatch(/^Test loss: 0\.\d{4}$/);
    expect(lines.at(-4)).toBe('Test accuracy: 100.00 %');
    expect(lines.at(-3)).toMatch(/^Time: \d+\.\d s for 3 epochs with validation, [\d,.]+ images\/s$/);
    expect(lines.slice(-2)).toEqual([`Model: ${path('out/model')}`, `Report: ${path('out/report.html')}`]);
    const model = await loadLayersModel(path('out/model'));
    expect([model.name, model.classNames]).toEqual(['lenet', ['0', '1']]);
    const report = readFileSync(path('out/report.html'), 'utf8');
    for (const part of ['<h1>lenet on ', 'val_acc', '1,079,098', 'npx convforge train --data']) {
      expect(report.includes(part), part).toBe(true);
    }

    const first = weights();
    const again = await trained(...args, '--no-report', '--json');
    expect(again).toHaveLength(1);
    expect(JSON.parse(again[0])).toMatchObject({
      model: path('out/model'),
      network: 'lenet',
      loss: expect.any(Number),
      acc: 1,
      epochs: 3,
      seed: 1,
      classNames: ['0', '1'],
    });
    expect(Buffer.compare(weights(), first)).toBe(0);
    await trained(...args, '--seed', '2');
    expect(Buffer.compare(weights(), first)).not.toBe(0);
  });

  it("trains a user's CommonJS model, and holds out a share of each class", async () => {
    const data = makeIdxFolder(path('halves'), { train: 40 });
    writeFileSync(path('network.cjs'), moduleOfNetwork('cjs'));
    const args = ['--data', data, '--epochs', '1', '--val-split', '0.3'];
    const lines = await trained(path('network.cjs'), ...args);
    expect(lines[1]).toMatch(/: 28 training images, 12 validation images; seed \d+$/);
    expect(lines).toContain(
      "mine isn't compiled: it is compiled for classification with Adam, sparseCategoricalCrossentropy and accuracy",
    );
    expect(lines.join('\n')).toMatch(/\nValidation accuracy: [\d.]+ %\n/);
    const all = await trained(path('network.cjs'), ...args.slice(0, 4), '--val-split', '0');
    expect(all[1]).toMatch(/: 40 training images; seed \d+$/);
    expect(all.join('\n')).toMatch(/\nTraining accuracy: [\d.]+ %\n/);
  });

  it('trains a saved model on', async () => {
    const data = makeIdxFolder(path('halves'), { train: 40, test: 4 });
    writeFileSync(path('network.cjs'), moduleOfNetwork('cjs'));
    await trained(path('network.cjs'), '--data', data, '--epochs', '1');
    const first = weights();
    rmSync(path('out/checkpoints'), { recursive: true });
    const lines = await trained(
      '--model',
      path('out/model'),
      '--data',
      data,
      '--epochs',
      '8',
      '--verbose',
      '2',
    );
    expect(lines.at(-4)).toBe('Test accuracy: 100.00 %');
    expect(Buffer.compare(weights(), first)).not.toBe(0);
  });

  it("trains, evaluates and predicts with a user's ES module on a folder of images per class", async () => {
    const photos = await makePhotos(path('photos'), 10);
    writeFileSync(path('network.mjs'), moduleOfNetwork('mjs'));
    const size = ['--image-size', '12x10'];
    const rest = ['--epochs', '30', '--batch', '8', '--learning-rate', '0.01', '--seed', '5'];
    const lines = await trained('--model', path('network.mjs'), '--data', photos, ...size, ...rest);
    expect(lines[1]).toBe(`${photos}: 24 training images, 6 validation images; seed 5`);
    expect(lines).toContain('Validation accuracy: 100.00 %');
    expect(readdirSync(path('out')).sort()).toEqual(['checkpoints', 'model', 'report.html']);
    const model = await loadLayersModel(path('out/model'));
    expect([model.classNames, model.inputs[0].shape]).toEqual([COLOURS, [null, 12, 10, 3]]);

    const evaluated = await runCli(['evaluate', path('out/model'), '--data', photos, '--json']);
    expect(JSON.parse(evaluated.out)).toEqual({
      model: path('out/model'),
      data: photos,
      images: 30,
      loss: expect.any(Number),
      acc: 1,
    });
    const shown = await runCli(['evaluate', path('out/model'), '--data', photos]);
    expect(shown.out).toMatch(
      /^mine isn't compiled: .*\n.*: 30 images\nLoss: \d\.\d{4}\nAccuracy: 100\.00 %\n$/,
    );

    const files = [path('photos/red/3.png'), path('photos/blue/4.png')];
    const predicted = await runCli(['predict', path('out/model'), ...files, '--top', '2']);
    expect(predicted.err).toBe('');
    expect(predicted.out).toMatch(
      /^.*3\.png\n +[\d.]+ % {2}red\n +.*\n.*4\.png\n +[\d.]+ % {2}blue\n +.*\n$/,
    );
    const json = await runCli(['predict', path('out/model'), ...files, '--json']);
    const results = JSON.parse(json.out);
    expect(results.map(({ file }: { file: string }) => file)).toEqual(files);
    expect(results[1].classes.map((each: { index: number }) => each.index).sort()).toEqual([0, 1, 2]);
    const sum = results[1].classes.reduce(
      (all: number, each: { probability: number }) => all + each.probability,
      0,
    );
    expect(results[1].classes[0]).toMatchObject({ class: 'blue', index: 0 });
    expect(sum).toBeCloseTo(1, 5);
  });

  it('takes the subfolders train and val, and grey images', async () => {
    await makePhotos(path('photos/train'), 4);
    await makePhotos(path('photos/val'), 1);
    const args = [
      'fashion-93',
      '--data',
      path('photos'),
      '--epochs',
      '1',
      '--grayscale',
      '--image-size',
      '16',
    ];
    const lines = await trained(...args, '--no-augment', '--no-report');
    expect(lines[1]).toMatch(/: 12 training images, 3 test images; seed/);
    expect(readdirSync(path('out')).sort()).toEqual(['checkpoints', 'model']);
    const model = await loadLayersModel(path('out/model'));
    expect(model.inputs[0].shape).toEqual([null, 16, 16, 1]);
    expect(model.layers.map((layer) => layer.getClassName())).not.toContain('RandomFlip');
  });
});

it('the button of --live ends a training, which saves its model', async () => {
  const data = makeIdxFolder(path('halves'), { train: 64, test: 4 });
  const args = [
    '--data',
    data,
    '--epochs',
    '900',
    '--live',
    '--json',
    '--verbose',
    '1',
    '--out',
    path('out'),
  ];
  let stopped: Promise<Response> | undefined;
  const { code, out } = await runCli(['train', ...args], { CI: '1' }, (printed) => {
    const [address] = /http:\S+/.exec(printed) ?? [];
    if (address === undefined || !printed.includes('Epoch 2/')) return;
    const headers = { origin: new URL(address).origin };
    stopped ??= fetch(`${address}stop`, { method: 'POST', headers });
  });
  expect([code, (await stopped)?.ok]).toEqual([0, true]);
  expect(out).toMatch(/\nStopped after \d+ of 900 epochs and \d+ steps?, with a checkpoint in /);
  const { model } = JSON.parse(out.trimEnd().split('\n').at(-1) as string);
  expect((await loadLayersModel(model)).name).toBe('lenet');
});

describe('convforge train refuses', () => {
  const refused = async (...args: string[]) => {
    const { code, out, err } = await runCli(['train', ...args, '--out', path('out')]);
    return { code, err, out };
  };

  it("a user's file that has no model, or a broken one", async () => {
    const data = makeIdxFolder(path('halves'), { train: 4, test: 4 });
    const withFile = async (text: string) => {
      writeFileSync(path('network.mjs'), text);
      return refused(path('network.mjs'), '--data', data, '--verbose', '0');
    };
    expect(await withFile('export const other = 3;')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/network\.mjs exports no model: .*\(INVALID_ARGUMENT\)\n$/),
    });
    expect(await withFile('export default () => ({ fit() {} });')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/another copy of convforge/),
    });
    expect(await withFile('export default (;')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/network\.mjs can't be loaded: [\s\S]*SyntaxError[\s\S]*\(IO_ERROR\)\n$/),
    });
  });

  it('a model whose outputs are not the classes', async () => {
    const data = makeIdxFolder(path('halves'), { train: 4, test: 4 });
    writeFileSync(path('network.cjs'), moduleOfNetwork('cjs').replace('units: classes', 'units: 7'));
    const { code, err } = await refused(path('network.cjs'), '--data', data, '--verbose', '0');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/mine has 7 outputs, but the data have 2 classes/),
    ]);
  });

  it('what is not there, or does not go together', async () => {
    const data = makeIdxFolder(path('halves'), { train: 4, test: 4 });
    const cases: [string[], RegExp][] = [
      [['--data', 'fashion-mnst'], /no data 'fashion-mnst': .*; did you mean 'fashion-mnist'\?/],
      [['--data', data, '--model', 'lennet'], /no model 'lennet': .*; did you mean 'lenet'\?/],
      [['lenet', '--model', 'resnet18'], /there are two models, 'lenet' and 'resnet18'/],
      [['--data', data, '--val-split', '0.1'], /has a test part.*leave out --val-split/],
      [['--data', data, '--image-size', '8x8'], /--image-size is for folders of image files/],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await refused('--verbose', '0', ...args);
      expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    }
  });
});
