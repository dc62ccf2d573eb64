import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as tf from '../../lib/index.js';
import { idxBytes } from '../datasets/idx-bytes.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Datasets, well-known datasets, eager operations, reports and helper functions, each tested by a value.

const pathOf = temporaryFolder();
afterEach(() => vi.unstubAllEnvs());

describe('data', () => {
  const NUMBERS = [1, 2, 3, 4, 5];
  const numbers = () => tf.data.array(NUMBERS);

  it('array, generator, csv and zip are sources', async () => {
    expect(await numbers().toArray()).toEqual(NUMBERS);
    const generated = tf.data.generator(function* () {
      yield* NUMBERS;
    });
    expect(await generated.toArray()).toEqual(NUMBERS);
    writeFileSync(pathOf('a.csv'), 'a,b\n1,x\n');
    expect(await tf.data.csv(pathOf('a.csv')).toArray()).toEqual([{ a: 1, b: 'x' }]);
    expect(await tf.data.zip([numbers(), generated]).toArray()).toEqual(NUMBERS.map((n) => [n, n]));
  });

  it('images finds images by folder, or says that sharp is missing', async () => {
    mkdirSync(pathOf('photos/cats'), { recursive: true });
    writeFileSync(pathOf('photos/cats/a.png'), '');
    const found = await tf.data.images(pathOf('photos')).catch((error) => error);
    if (found instanceof Error) expect(found).toMatchObject({ code: 'PEER_MISSING' });
    else expect([found.classNames, found.size]).toEqual([['cats'], 1]);
  });

  it.each<[string, (dataset: tf.data.Dataset<number>) => AsyncIterable<unknown>, unknown[]]>([
    ['map', (dataset) => dataset.map((n) => 2 * n), [2, 4, 6, 8, 10]],
    ['mapAsync', (dataset) => dataset.mapAsync(async (n) => n + 1), [2, 3, 4, 5, 6]],
    ['filter', (dataset) => dataset.filter((n) => n > 3), [4, 5]],
    ['take', (dataset) => dataset.take(2), [1, 2]],
    ['skip', (dataset) => dataset.skip(3), [4, 5]],
    ['repeat', (dataset) => dataset.take(2).repeat(2), [1, 2, 1, 2]],
    ['concatenate', (dataset) => dataset.take(1).concatenate(dataset.skip(4)), [1, 5]],
    ['cache', (dataset) => dataset.cache(), NUMBERS],
    ['prefetch', (dataset) => dataset.prefetch(2), NUMBERS],
    ['batch', (dataset) => dataset.batch(2).map((batch) => [...batch.dataSync()]), [[1, 2], [3, 4], [5]]],
  ])('%s', async (_, change, expected) => {
    const elements: unknown[] = [];
    for await (const element of change(numbers())) elements.push(element);
    expect(elements).toEqual(expected);
  });

  it('shuffle has an order per seed', async () => {
    const order = (seed: number) => numbers().shuffle(5, seed).toArray();
    expect(await order(1)).toEqual(await order(1));
    expect(await order(1)).not.toEqual(NUMBERS);
    expect((await order(1)).sort()).toEqual(NUMBERS);
  });

  it('forEachAsync and iterator read elements', async () => {
    const seen: number[] = [];
    await numbers().forEachAsync((n) => seen.push(n));
    expect(seen).toEqual(NUMBERS);
    expect(await (await numbers().iterator()).next()).toEqual({ value: 1, done: false });
  });
});

describe('datasets', () => {
  it.each([
    ['fashionMnist', () => tf.datasets.fashionMnist(), /fashion-mnist/],
    ['mnist', () => tf.datasets.mnist(), /'mnist'/],
    ['emnist', () => tf.datasets.emnist('letters'), /emnist-letters/],
  ])('%s looks in CONVFORGE_DATA', async (_, load, message) => {
    mkdirSync(pathOf('empty'));
    vi.stubEnv('CONVFORGE_DATA', pathOf('empty'));
    await expectError(load, 'DATASET_NOT_FOUND', message);
  });

  it('idx reads a file', async () => {
    writeFileSync(pathOf('labels'), idxBytes(8, [3], [7, 8, 9]));
    expect([...(await tf.datasets.idx(pathOf('labels'))).dataSync()]).toEqual([7, 8, 9]);
  });
});

describe('tensors and operations', () => {
  const X = tf.tensor([1, 2, 3, 4], [1, 2, 2, 1]);

  it('work as in the tutorial', () => {
    const bytes = tf.tensor([0, 255], [2], 'uint8');
    const scaled = bytes.reshape([2, 1]).cast('float32').div(255);
    expect([scaled.shape, scaled.dtype, scaled.arraySync()]).toEqual([[2, 1], 'float32', [[0], [1]]]);
    expect(tf.oneHot([1, 0], 3).arraySync()).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ]);
  });

  it.each<[string, () => tf.Tensor, number[]]>([
    ['ops.conv2d', () => tf.ops.conv2d(X, tf.ones([2, 2, 1, 1]), 1, 'valid'), [10]],
    ['ops.maxPool', () => tf.ops.maxPool(X, 2, 2, 'valid'), [4]],
    ['ops.avgPool', () => tf.ops.avgPool(X, 2, 2, 'valid'), [2.5]],
    ['ops.sumPool', () => tf.ops.sumPool(X, 2, 2, 'valid'), [10]],
    ['ops.matMul', () => tf.ops.matMul([[1, 2]], [[3], [4]]), [11]],
    ['ops.dot', () => tf.ops.dot([1, 2], [3, 4]), [11]],
    ['ops.relu', () => tf.ops.relu([-1, 2]), [0, 2]],
    ['ops.sigmoid', () => tf.ops.sigmoid([0]), [0.5]],
    ['ops.tanh', () => tf.ops.tanh([0]), [0]],
    ['ops.softmax', () => tf.ops.softmax([1, 1]), [0.5, 0.5]],
    ['ops.logSoftmax', () => tf.ops.logSoftmax([1, 1]), [-Math.LN2, -Math.LN2]],
    ['image.resizeBilinear', () => tf.image.resizeBilinear(X, [1, 1], false, true), [2.5]],
    ['image.resizeNearestNeighbor', () => tf.image.resizeNearestNeighbor(X, [1, 1], false, true), [4]],
  ])('%s', (_, compute, expected) => {
    compute()
      .dataSync()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 6);
      });
  });

  it('convolves an image of 5x5 with a kernel of 3x3 as the tutorial does', () => {
    const image = [1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0];
    const kernel = tf.tensor([1, 0, 1, 0, 1, 0, 1, 0, 1], [3, 3, 1, 1]);
    const result = tf.ops.conv2d(tf.tensor(image, [5, 5, 1]), kernel, 1, 'valid');
    expect([...result.dataSync()]).toEqual([4, 3, 4, 2, 4, 3, 2, 3, 4]);
  });
});

describe('report', () => {
  it('lineChart and trainingReport draw, write writes', async () => {
    const series = [{ name: 'acc', y: [0.5, 0.9] }];
    const chart = await tf.report.lineChart({ title: 'Accuracy', xLabel: 'epoch', yLabel: 'share', series });
    expect(chart).toMatch(/^<svg[\s\S]*Accuracy[\s\S]*acc/);
    const page = await tf.report.trainingReport({ title: 'Run', history: { loss: [2, 1] } });
    expect(page).toMatch(/^<!doctype html>[\s\S]*<svg/i);
    await tf.report.write(pathOf('page.html'), page);
    expect(readFileSync(pathOf('page.html'), 'utf8')).toBe(page);
  });
});

describe('util', () => {
  it.each<[string, () => unknown, unknown]>([
    ['toCategorical', () => tf.util.toCategorical([1], 2).arraySync(), [[0, 1]]],
    ['arraysEqual', () => [tf.util.arraysEqual([1], [1]), tf.util.arraysEqual([1], [2])], [true, false]],
    ['flatten', () => tf.util.flatten([[1], [2]]), [1, 2]],
    ['sizeFromShape', () => tf.util.sizeFromShape([2, 3]), 6],
    ['createShuffledIndices', () => [...tf.util.createShuffledIndices(3)].sort(), [0, 1, 2]],
  ])('%s', (_, compute, expected) => {
    expect(compute()).toEqual(expected);
  });

  it('now is in milliseconds since the process started', () => {
    const times = [performance.now(), tf.util.now(), performance.now()];
    expect(times).toEqual([...times].sort((x, y) => x - y));
  });

  it('assert, shuffle and shuffleCombo', async () => {
    await expectError(() => tf.util.assert(false, 'no'), 'INVALID_ARGUMENT', /^no$/);
    tf.setSeed(1);
    const a = Array.from({ length: 20 }, (_, i) => i);
    tf.util.shuffle(a);
    expect(a).not.toEqual([...a].sort((x, y) => x - y));
    const before = [...a];
    const doubled = a.map((each) => 2 * each);
    tf.util.shuffleCombo(a, doubled);
    expect(a).not.toEqual(before);
    expect(doubled).toEqual(a.map((each) => 2 * each));
  });
});
