import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { train } from '../../lib/cli/train.js';
import type { ImageDataset } from '../../lib/datasets/index.js';
import { loadLayersModel, Tensor } from '../../lib/index.js';
import { weightsFile } from '../support/weights-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-test-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** Images whose upper or lower half is bright. */
function halves(count: number): ImageDataset['train'] {
  const images = new Uint8Array(count * 28 * 28);
  const labels = Int32Array.from({ length: count }, (_, sample) => sample % 2);
  labels.forEach((label, sample) => {
    const from = sample * 28 * 28 + label * 14 * 28;
    images.fill(100 + (sample % 100), from, from + 14 * 28);
  });
  return {
    images: new Tensor(images, [count, 28, 28, 1], 'uint8'),
    labels: new Tensor(labels, [count], 'int32'),
  };
}

const DATA: ImageDataset = { train: halves(96), test: halves(20), classNames: ['above', 'below'] };

const args = (seed: number) => ({
  dataset: 'mnist' as const,
  epochs: 4,
  batch: 16,
  seed,
  resume: false,
  out: join(folder, 'out'),
});

async function printed(seed: number): Promise<string[]> {
  const lines: string[] = [];
  await train(args(seed), { data: DATA, title: 'Halves', print: (line) => lines.push(line) });
  return lines;
}

it('train prints the accuracy, and writes a model and a report', async () => {
  const lines = await printed(1);
  const text = lines.join('\n');
  expect(lines[0]).toMatch(/^convforge \d+\.\d+\.\d+ on .*, \d+ threads?, (avx512|avx2|neon|scalar)$/);
  expect(lines[1]).toBe('Halves: 96 training images, 20 test images; seed 1');
  expect(text).toMatch(/conv2d_\d+ \(Conv2D\) +\[null, 24, 24, 32\] +832\n/);
  expect(text).toMatch(/conv2d_\d+ \(Conv2D\) +\[null, 8, 8, 64\] +51,264\n/);
  expect(text).toContain('Total params: 1,079,098');
  expect(lines).toContain('Test accuracy: 100.00 %');
  expect(text).toMatch(/Test loss: 0\.\d{4}\n/);
  expect(text).toMatch(/Time: \d+\.\d s for 4 epochs with validation, [\d,.]+ images\/s\n/);
  expect(lines.slice(-2)).toEqual([
    `Model: ${join(folder, 'out', 'model')}`,
    `Report: ${join(folder, 'out', 'report.html')}`,
  ]);

  const model = await loadLayersModel(`file://${join(folder, 'out', 'model')}`);
  const classes = model.predict(DATA.test.images).argMax(1);
  expect([...classes.dataSync()]).toEqual([...DATA.test.labels.dataSync()]);
  expect(model.classNames).toEqual(['above', 'below']);

  const report = await readFile(join(folder, 'out', 'report.html'), 'utf8');
  for (const part of [
    '<h1>LeNet on Halves</h1>',
    '<dd>100.00 %</dd>',
    'val_acc',
    'Total params: 1,079,098',
    '32 filters of 5x5<',
    '64 filters of 5x5 over 32 channels',
    'lenet: feature maps',
    'MaxPooling2D, [4, 4, 64]',
  ]) {
    expect(report).toContain(part);
  }
});

it('train gives the same result only for the same seed', async () => {
  const weights = async (seed: number) => {
    await printed(seed);
    return readFile(weightsFile(join(folder, 'out', 'model')));
  };
  const first = await weights(1);
  expect(Buffer.compare(await weights(1), first)).toBe(0);
  expect(Buffer.compare(await weights(2), first)).not.toBe(0);
});

it('train saves nothing when it is interrupted before the first step', async () => {
  const controller = new AbortController();
  const training = train(args(1), {
    data: DATA,
    title: 'Halves',
    signal: controller.signal,
    print: () => controller.abort(),
  });
  await expect(training).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await readdir(folder)).toEqual([]);
});

it('train that is interrupted resumes, and ends as one that was not', async () => {
  await printed(1);
  const whole = await readFile(weightsFile(join(folder, 'out', 'model')));
  await rm(join(folder, 'out'), { recursive: true });
  const controller = new AbortController();
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    if (String(text).startsWith('Epoch 2/4')) controller.abort();
    return true;
  });
  const training = train(args(1), {
    data: DATA,
    title: 'Halves',
    signal: controller.signal,
    print: () => {},
  });
  await expect(training).rejects.toThrow(
    /^interrupted after [23] of 4 epochs and \d steps?, with a checkpoint$/,
  );
  expect(await readdir(join(folder, 'out'))).toEqual(['checkpoints']);
  write.mockClear();
  const lines: string[] = [];
  const resume = { ...args(0), seed: undefined, resume: true };
  await train(resume, { data: DATA, title: 'Halves', print: (line) => lines.push(line) });
  expect(lines[1]).toBe('Halves: 96 training images, 20 test images');
  expect(lines.join('\n')).toMatch(/\nResumed after 1[2-8] steps; seed 1\n/);
  expect(write.mock.calls.map(([text]) => String(text).slice(0, 9))).not.toContain('Epoch 2/4');
  expect(Buffer.compare(await readFile(weightsFile(join(folder, 'out', 'model'))), whole)).toBe(0);
  expect(await readFile(join(folder, 'out', 'report.html'), 'utf8')).toContain('<dt>Seed</dt><dd>1</dd>');
  const other = train({ ...args(5), resume: true }, { data: DATA, title: 'Halves', print: () => {} });
  await expect(other).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: /--seed is 5/ });
});
