import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { type EmnistSplit, emnist } from '../../lib/datasets/index.js';
import type { ErrorCode } from '../../lib/errors.js';
import { expectError } from '../support/convforge-error.js';
import { setEnvironment } from './environment.js';
import { idxBytes } from './idx-bytes.js';
import { temporaryFolder } from './tiny-set.js';

const SIDE = 28;

/** Pixel (row, column) of the upright image. */
const seen = (image: number, row: number, column: number) => (image * 50 + row * 7 + column) % 256;

/** The image as the files store it: transposed. */
function images(n: number): Buffer {
  const values = Array.from({ length: n * SIDE * SIDE }, (_, i) =>
    seen(Math.floor(i / SIDE ** 2), i % SIDE, Math.floor(i / SIDE) % SIDE),
  );
  return idxBytes(8, [n, SIDE, SIDE], values);
}

const labels = (values: number[]) => idxBytes(8, [values.length], values);

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  setEnvironment({ CONVFORGE_DATA: undefined });
});

/**
 * Writes a split with these labels. `changes` replaces files, keyed by the part of their name after the
 * split.
 */
async function put(
  split: string,
  trainLabels: number[],
  testLabels: number[],
  { changes = {}, gzipped = false, subfolder = '' }: PutOptions = {},
): Promise<void> {
  const files: Record<string, Buffer> = {
    'train-images-idx3-ubyte': images(trainLabels.length),
    'train-labels-idx1-ubyte': labels(trainLabels),
    'test-images-idx3-ubyte': images(testLabels.length),
    'test-labels-idx1-ubyte': labels(testLabels),
    ...changes,
  };
  await mkdir(join(folder, subfolder), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, subfolder, `emnist-${split}-${name}`);
    await writeFile(gzipped ? `${path}.gz` : path, gzipped ? gzipSync(content) : content);
  }
}

interface PutOptions {
  changes?: Record<string, Buffer>;
  gzipped?: boolean;
  subfolder?: string;
}

describe('a split', () => {
  it.each<[EmnistSplit, string]>([
    ['byclass', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'],
    ['bymerge', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt'],
    ['balanced', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt'],
    ['letters', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
    ['digits', '0123456789'],
    ['mnist', '0123456789'],
  ])('%s has a name for each class, and no labels beyond', async (split, names) => {
    const first = split === 'letters' ? 1 : 0;
    const last = names.length - 1;
    await put(split, [first, last + first], [first]);
    const { train, test, classNames } = await emnist(split, { folder });
    expect(classNames.join('')).toBe(names);
    expect(train.labels.dtype).toBe('int32');
    expect([...train.labels.dataSync()]).toEqual([0, last]);
    expect([...test.labels.dataSync()]).toEqual([0]);

    for (const beyond of [first - 1, last + first + 1]) {
      if (beyond < 0) continue;
      await put(split, [first, beyond], [first]);
      await expectError(
        () => emnist(split, { folder }),
        'CORRUPT_FILE',
        new RegExp(`train-labels-idx1-ubyte: label 1 is ${beyond};.* from ${first} to ${last + first}`),
      );
    }
  });

  it('transposes images to be upright', async () => {
    // More images than are transposed at once.
    const n = 1030;
    await put('digits', Array(n).fill(3), [1, 2]);
    const { train, test } = await emnist('digits', { folder });
    expect(train.images.shape).toEqual([n, SIDE, SIDE, 1]);
    expect(train.images.dtype).toBe('uint8');
    expect(test.images.shape).toEqual([2, SIDE, SIDE, 1]);
    for (const [part, count] of [
      [train, n],
      [test, 2],
    ] as const) {
      const expected = Uint8Array.from({ length: count * SIDE * SIDE }, (_, i) =>
        seen(Math.floor(i / SIDE ** 2), Math.floor(i / SIDE) % SIDE, i % SIDE),
      );
      expect(Buffer.compare(Buffer.from(part.images.dataSync()), Buffer.from(expected))).toBe(0);
    }
  });

  it.each([
    ['a subfolder', 'emnist', false],
    ['gzipped files', '', true],
  ])('is found in %s, by the option and by CONVFORGE_DATA', async (_, subfolder, gzipped) => {
    await put('mnist', [7], [8], { subfolder, gzipped });
    setEnvironment({ CONVFORGE_DATA: '/nowhere' });
    expect([...(await emnist('mnist', { folder })).train.labels.dataSync()]).toEqual([7]);
    setEnvironment({ CONVFORGE_DATA: folder });
    expect([...(await emnist('mnist')).test.labels.dataSync()]).toEqual([8]);
  });
});

describe('invalid files', () => {
  const float = Buffer.alloc(4 * SIDE * SIDE);
  it.each<[string, Record<string, Buffer>, ErrorCode, RegExp]>([
    [
      'images of another size',
      { 'train-images-idx3-ubyte': idxBytes(8, [1, 28, 27], Array(28 * 27).fill(0)) },
      'CORRUPT_FILE',
      /train-images-idx3-ubyte has uint8 values of shape \[1, 28, 27\], expected uint8 images \[n, 28, 28\]/,
    ],
    [
      'images of floats',
      { 'test-images-idx3-ubyte': idxBytes(13, [1, SIDE, SIDE], float) },
      'CORRUPT_FILE',
      /test-images-idx3-ubyte has float32 values/,
    ],
    [
      'labels in the place of images',
      { 'train-images-idx3-ubyte': labels([1]) },
      'CORRUPT_FILE',
      /has uint8 values of shape \[1\], expected uint8 images/,
    ],
    [
      'images in the place of labels',
      { 'train-labels-idx1-ubyte': images(1) },
      'CORRUPT_FILE',
      /train-labels-idx1-ubyte has uint8 values of shape \[1, 28, 28\], expected uint8 labels/,
    ],
    ['more labels', { 'test-labels-idx1-ubyte': labels([1, 2]) }, 'SHAPE_MISMATCH', /1 images.*2 labels/],
    ['fewer labels', { 'test-labels-idx1-ubyte': labels([]) }, 'SHAPE_MISMATCH', /1 images.*0 labels/],
    ['half a file', { 'train-images-idx3-ubyte': images(1).subarray(0, 400) }, 'CORRUPT_FILE', /784 bytes/],
    [
      'sizes beyond all files',
      { 'train-images-idx3-ubyte': idxBytes(8, [2 ** 32 - 1, SIDE, SIDE], []) },
      'CORRUPT_FILE',
      /too short/,
    ],
    ['a web page', { 'train-labels-idx1-ubyte': Buffer.from('<html>') }, 'CORRUPT_FILE', /magic number/],
  ])('%s', async (_, changes, code, message) => {
    await put('digits', [1], [1], { changes });
    await expectError(() => emnist('digits', { folder }), code, message);
  });
});

describe('the advice', () => {
  it('without a folder', async () => {
    await expectError(
      () => emnist('balanced'),
      'DATASET_NOT_FOUND',
      /^EMNIST is not downloaded: get the file gzip\.zip of https:\/\/www\.nist\.gov\/.*'folder'.*CONVFORGE_DATA\.$/,
    );
  });

  it('for missing files', async () => {
    await put('letters', [1], [1]);
    await rm(join(folder, 'emnist-letters-test-labels-idx1-ubyte'));
    const missing =
      /by the option 'folder', lacks files .*'letters'.*letters-test-labels-idx1-ubyte.*nist\.gov/;
    await expectError(() => emnist('letters', { folder }), 'DATASET_NOT_FOUND', missing);
    await expectError(() => emnist('byclass', { folder }), 'DATASET_NOT_FOUND', /emnist-byclass-train/);
  });

  it.each<[unknown, object, ErrorCode, RegExp]>([
    ['letter', {}, 'INVALID_ARGUMENT', /no split 'letter'; did you mean 'letters'\?/],
    ['constructor', {}, 'INVALID_ARGUMENT', /no split 'constructor'/],
    [undefined, {}, 'INVALID_ARGUMENT', /split is undefined; it must be one of byclass, bymerge/],
    ['digits', { folders: 'x' }, 'UNKNOWN_OPTION', /datasets\.emnist: .*'folder'/],
    ['digits', { folder: '' }, 'INVALID_ARGUMENT', /folder is ''/],
  ])('with the arguments %j, %j', async (split, options, code, message) => {
    await expectError(() => emnist(split as EmnistSplit, options), code, message);
  });
});
