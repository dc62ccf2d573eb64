import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { data, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const path = temporaryFolder();
const numbers = (n: number) => data.array(Array.from({ length: n }, (_, i) => i));

/** 60 elements of class 0, 30 of 1 and 10 of 2, class by class. */
const labelled = Array.from({ length: 100 }, (_, i) => ({ xs: [i], ys: i < 60 ? 0 : i < 90 ? 1 : 2 }));

/** The number of elements of each class. */
function counts(elements: readonly { ys: unknown }[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { ys } of elements) found[String(ys)] = (found[String(ys)] ?? 0) + 1;
  return found;
}

describe('split', () => {
  it.each([1, 2, 3, 10, 101])('puts each of %d elements in one part, in their order', async (n) => {
    for (const fraction of [0.1, 0.5, 0.8, 0.99]) {
      const [first, second] = numbers(n).split(fraction, { seed: 3 });
      const [a, b] = [await first.toArray(), await second.toArray()];
      expect([first.size, second.size]).toEqual([a.length, b.length]);
      expect(a).toHaveLength(Math.round(n * fraction));
      expect([...a, ...b].sort((x, y) => x - y)).toEqual(await numbers(n).toArray());
      for (const part of [a, b]) expect(part).toEqual([...part].sort((x, y) => x - y));
    }
  });

  it('depends on the seed, and is the same in each pass', async () => {
    const [first] = numbers(50).split(0.5, { seed: 1 });
    const [again] = numbers(50).split(0.5, { seed: 1 });
    const [other] = numbers(50).split(0.5, { seed: 2 });
    const taken = await first.toArray();
    expect(await first.toArray()).toEqual(taken);
    expect(await again.toArray()).toEqual(taken);
    expect(await other.toArray()).not.toEqual(taken);
  });

  it('splits a shuffled dataset into disjoint parts', async () => {
    const [first, second] = numbers(40).shuffle(40, 5).split(0.75, { seed: 1 });
    const seen = new Set([...(await first.toArray()), ...(await first.toArray())]);
    expect(seen.size).toBe(30);
    expect((await second.toArray()).some((each) => seen.has(each))).toBe(false);
  });

  it('with stratify splits each class in the same ratio', async () => {
    const [first, second] = data.array(labelled).split(0.8, { seed: 4, stratify: true });
    expect(counts(await first.toArray())).toEqual({ 0: 48, 1: 24, 2: 8 });
    expect(counts(await second.toArray())).toEqual({ 0: 12, 1: 6, 2: 2 });
    const [third] = data.array(labelled).split(0.55, { seed: 4, stratify: true });
    const found = counts(await third.toArray());
    expect(found).toEqual({ 0: 33, 1: 17, 2: 5 });
    expect(third.size).toBe(55);
  });

  it("stratifies by one-hot rows, tensors or a function's values", async () => {
    const hot = labelled.map(({ xs, ys }) => ({ xs, ys: [0, 1, 2].map((i) => Number(i === ys)) }));
    const [first] = data.array(hot).split(0.5, { seed: 4, stratify: true });
    expect(counts(await first.toArray())).toEqual({ '1,0,0': 30, '0,1,0': 15, '0,0,1': 5 });
    const tensors = hot.map(({ xs, ys }) => ({ xs, ys: tensor(ys) }));
    const [second] = data.array(tensors).split(0.5, { seed: 4, stratify: true });
    expect((await second.toArray()).map(({ xs }) => xs)).toEqual((await first.toArray()).map(({ xs }) => xs));
    const [even] = numbers(20).split(0.5, { seed: 1, stratify: (n) => n % 2 });
    expect((await even.toArray()).filter((n) => n % 2 === 0)).toHaveLength(5);
  });

  it('reads a dataset of unknown size once to count it', async () => {
    const lines = labelled.map(({ xs, ys }) => `${xs},${ys}`).join('\n');
    await writeFile(path('set.csv'), `x,label\n${lines}\n`);
    const csv = data.csv<data.LabelledCsvElement>(path('set.csv'), {
      columnConfigs: { label: { isLabel: true } },
    });
    const [first, second] = csv.split(0.7, { seed: 2, stratify: true });
    expect([first.size, second.size]).toEqual([null, null]);
    const labels = (await first.toArray()).map(({ ys }) => ({ ys: ys.label }));
    expect(counts(labels)).toEqual({ 0: 42, 1: 21, 2: 7 });
    expect(await second.toArray()).toHaveLength(30);
  });

  it('reads nothing before the first element is requested', async () => {
    let read = 0;
    const counting = data.generator(function* () {
      for (let i = 0; i < 4; i++) {
        read++;
        yield i;
      }
    });
    const [first] = counting.split(0.5, { seed: 1 });
    expect(read).toBe(0);
    expect(await first.toArray()).toHaveLength(2);
    expect(await first.toArray()).toHaveLength(2);
    expect(read).toBe(12);
  });

  it('refuses endless and changing datasets', async () => {
    for (const fraction of [0, 1, -1, Number.NaN, '0.5' as never])
      await expectError(() => numbers(4).split(fraction), 'INVALID_ARGUMENT', /a number between 0 and 1/);
    await expectError(() => numbers(4).split(0.5, { sed: 1 } as never), 'UNKNOWN_OPTION', /'seed'/);
    await expectError(() => numbers(4).split(0.5, { seed: -1 }), 'INVALID_ARGUMENT', /seed is -1/);
    await expectError(() => numbers(4).split(0.5, { stratify: 1 as never }), 'INVALID_ARGUMENT', /stratify/);
    await expectError(() => numbers(4).repeat().split(0.5), 'INVALID_ARGUMENT', /never ends/);
    const [unlabelled] = numbers(4).split(0.5, { stratify: true });
    await expectError(() => unlabelled.toArray(), 'INVALID_ARGUMENT', /element 0 has no ys to stratify by/);
    let length = 4;
    const growing = data.generator(function* () {
      yield* Array(length++).keys();
    });
    const [part] = growing.split(0.5);
    await expectError(() => part.toArray(), 'INVALID_ARGUMENT', /there are 5 elements, but 4 when/);
  });
});

describe('split of data.images', () => {
  const GREY = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAAAAABawyK/AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAD0lEQVQImWNoaGhoYAARABQKBAEx7ajLAAAAAElFTkSuQmCC',
    'base64',
  );

  it('splits the files without decoding any', async () => {
    for (let i = 0; i < 15; i++) {
      const file = path(`photos/${i < 10 ? 'cats' : 'dogs'}/${i}.png`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, i === 3 ? 'broken' : GREY);
    }
    const photos = await data.images(path('photos'), { size: 2 });
    const [train, test] = photos.split(0.8, { seed: 7, stratify: true });
    expect([train.size, test.size]).toEqual([12, 3]);
    expect([train.classNames, test.classNames]).toEqual([photos.classNames, photos.classNames]);
    const whole = [train, test].find((part) => part.size === 3) as data.ImagesDataset;
    const results = await Promise.allSettled([train.toArray(), whole.toArray()]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await writeFile(path('photos/cats/3.png'), GREY);
    expect(counts(await train.toArray())).toEqual({ 0: 8, 1: 4 });
    expect(counts(await test.toArray())).toEqual({ 0: 2, 1: 1 });
    await expectError(
      () => photos.split(0.5, { stratify: ({ ys }) => ys }),
      'INVALID_ARGUMENT',
      /give true to stratify by their classes/,
    );
    await rm(path('photos'), { recursive: true });
  });
});
