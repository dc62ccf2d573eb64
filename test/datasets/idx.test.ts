import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { idx } from '../../lib/datasets/index.js';
import { idxBytes } from './idx-bytes.js';
import { temporaryFolder } from './tiny-set.js';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function file(content: Uint8Array, name = 'file'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('the IDX values', () => {
  const big = (size: number, write: (buffer: Buffer) => void) => {
    const buffer = Buffer.alloc(size);
    write(buffer);
    return buffer;
  };

  it.each([
    ['unsigned bytes', 8, Buffer.from([0, 127, 255]), 'uint8', [0, 127, 255]],
    ['signed bytes', 9, Buffer.from([0, 127, 255]), 'int32', [0, 127, -1]],
    ['shorts', 11, Buffer.from([0x01, 0x02, 0xff, 0xfe, 0x80, 0x00]), 'int32', [258, -2, -32768]],
    [
      'ints',
      12,
      Buffer.from([0, 0, 1, 2, 0xff, 0xff, 0xff, 0xfe, 0x80, 0, 0, 0]),
      'int32',
      [258, -2, -(2 ** 31)],
    ],
    [
      'floats',
      13,
      big(12, (b) => [0.5, -1.25, 3e38].map((v, i) => b.writeFloatBE(v, 4 * i))),
      'float32',
      [0.5, -1.25, Math.fround(3e38)],
    ],
    [
      'doubles',
      14,
      big(24, (b) => [0.1, -1.25, 1e300].map((v, i) => b.writeDoubleBE(v, 8 * i))),
      'float32',
      [Math.fround(0.1), -1.25, Number.POSITIVE_INFINITY],
    ],
  ])('of %s', async (_, code, values, dtype, expected) => {
    for (const content of [idxBytes(code, [3], values), gzipSync(idxBytes(code, [3], values))]) {
      const tensor = await idx(await file(content));
      expect(tensor.dtype).toBe(dtype);
      expect(tensor.shape).toEqual([3]);
      expect([...tensor.dataSync()]).toEqual(expected);
    }
  });

  it.each([
    [1, [4]],
    [3, [1, 2, 2]],
    [255, [...Array(253).fill(1), 2, 2]],
  ])('in %i dimensions', async (_, shape) => {
    const tensor = await idx(await file(idxBytes(8, shape, [1, 2, 3, 4])));
    expect(tensor.shape).toEqual(shape);
    expect([...tensor.dataSync()]).toEqual([1, 2, 3, 4]);
  });

  it('of a file larger than one read buffer', async () => {
    const values = Buffer.alloc(3_000_001, 'convforge');
    for (const content of [
      idxBytes(8, [values.length], values),
      gzipSync(idxBytes(8, [values.length], values)),
    ]) {
      const tensor = await idx(await file(content));
      expect(Buffer.compare(Buffer.from(tensor.dataSync() as Uint8Array), values)).toBe(0);
    }
  });

  it('of an empty dataset', async () => {
    const tensor = await idx(await file(idxBytes(8, [0, 28, 28], [])));
    expect(tensor.shape).toEqual([0, 28, 28]);
  });
});

describe('a pair', () => {
  it('has images with a channel axis, and int32 labels', async () => {
    const images = await file(idxBytes(8, [2, 1, 2], [1, 2, 3, 4]), 'images');
    const labels = await file(gzipSync(idxBytes(8, [2], [9, 200])), 'labels');
    const pair = await idx({ images, labels });
    expect(pair.images.shape).toEqual([2, 1, 2, 1]);
    expect(pair.images.dtype).toBe('uint8');
    expect([...pair.images.dataSync()]).toEqual([1, 2, 3, 4]);
    expect(pair.labels.dtype).toBe('int32');
    expect([...pair.labels.dataSync()]).toEqual([9, 200]);
  });

  it('keeps an existing channel axis, and labels of other shapes', async () => {
    const images = await file(idxBytes(8, [1, 1, 1, 3], [1, 2, 3]), 'images');
    const half = Buffer.alloc(4);
    half.writeFloatBE(0.5);
    const labels = await file(idxBytes(13, [1], half), 'labels');
    const pair = await idx({ images, labels });
    expect(pair.images.shape).toEqual([1, 1, 1, 3]);
    expect(pair.labels.dtype).toBe('float32');
    expect([...pair.labels.dataSync()]).toEqual([0.5]);
  });

  it('must have equally many images and labels', async () => {
    const images = await file(idxBytes(8, [2, 1, 1], [1, 2]), 'images');
    const labels = await file(idxBytes(8, [3], [1, 2, 3]), 'labels');
    await expect(idx({ images, labels })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringMatching(/images has 2 images.*labels has 3 labels/),
    });
  });
});

describe('a damaged file', () => {
  const good = idxBytes(8, [2, 3], [1, 2, 3, 4, 5, 6]);
  const gzipped = gzipSync(good);
  const changed = (bytes: Buffer, at: number, value: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = value;
    return copy;
  };
  /** The header promises `shape` bytes, and the content inflates to a million zeros. */
  const bomb = (shape: number[]) => gzipSync(idxBytes(8, shape, Buffer.alloc(1_000_000)));

  it.each<[string, Uint8Array, RegExp]>([
    ['empty', Buffer.alloc(0), /ends after 0 bytes/],
    ['cut within the header', good.subarray(0, 9), /ends after 9 bytes, within its header of 12/],
    [
      'cut within the values',
      good.subarray(0, 15),
      /\[2, 3\] values .* take 6 bytes, and the file is too short/,
    ],
    ['with a byte too many', Buffer.concat([good, Buffer.alloc(1)]), /more bytes follow than the 6/],
    ['without the leading zeros', changed(good, 0, 1), /starts with 0x01000802/],
    ['of an unknown type', changed(good, 2, 0x0a), /starts with 0x00000a02/],
    ['without dimensions', changed(good, 3, 0), /starts with 0x00000800/],
    ['of other sizes than it says', changed(good, 7, 3), /\[3, 3\] values .* take 9 bytes/],
    ['whose sizes multiply past 2^64', idxBytes(8, Array(4).fill(2 ** 32 - 1), [1]), /too short for that/],
    ['whose sizes multiply past any number', idxBytes(14, Array(255).fill(2 ** 32 - 1), []), /too short/],
    ['cut within gzip', gzipped.subarray(0, -12), /gzip data are damaged \(unexpected end of file\)/],
    ['with a wrong gzip checksum', changed(gzipped, gzipped.length - 8, 0x55), /gzip data are damaged/],
    ['with junk after gzip', Buffer.concat([gzipped, Buffer.from('junk')]), /gzip data are damaged/],
    ['with a second gzip member', Buffer.concat([gzipped, gzipped]), /more bytes follow than the 6/],
    ['gzipped and short', gzipSync(good.subarray(0, 15)), /take 6 bytes, and it has 3/],
    ['a gzip bomb', bomb([10]), /more bytes follow than the 10/],
    [
      'a promise no gzip file of its length can keep',
      bomb([2 ** 31]),
      /take 2147483648 bytes, and the file is too/,
    ],
    ['deflated without a header', deflateRawSync(good), /not the magic number of an IDX file/],
  ])('%s', async (name, content, fault) => {
    const path = await file(content, 'damaged-idx1-ubyte');
    await expect(idx(path), name).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      message: expect.stringMatching(fault),
    });
    await expect(idx(path), name).rejects.toThrow(path);
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['is not there', 'missing', 'ENOENT'],
    ['is a folder', '.', 'EISDIR'],
  ])('because it %s', async (_, name, systemCode) => {
    await expect(idx(join(folder, name))).rejects.toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringContaining(folder),
      cause: { code: systemCode },
    });
  });
});

describe('arguments', () => {
  it.each<[unknown, string, RegExp]>([
    [7, 'INVALID_ARGUMENT', /options must be an object, not 7/],
    [{ images: 'a' }, 'INVALID_ARGUMENT', /datasets.idx: labels is undefined; it must be the path/],
    [{ images: 'a', label: 'b' }, 'UNKNOWN_OPTION', /'label'.*'labels'/],
  ])('%j', async (argument, code, message) => {
    await expect(idx(argument as string)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
