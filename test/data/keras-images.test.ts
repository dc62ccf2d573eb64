import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { data, node } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

// The files, and what Keras 3.15 and Pillow 13 read from them, were made by scripts/golden/make-images.py.
const FIXTURES = path.join(__dirname, 'fixtures');
const PHOTOS = path.join(FIXTURES, 'photos');
const FILES = path.join(FIXTURES, 'odd-photos', 'files');
const keras = JSON.parse(readFileSync(path.join(FIXTURES, 'keras.json'), 'utf8')) as {
  classNames: string[];
  files: string[];
  labels: number[];
  size: [number, number];
  bilinear: number[][];
  decoded: number[][];
};

const DECODERS = ['sharp', '@napi-rs/image'] as const;

beforeEach(() => vi.restoreAllMocks());

function worst(values: ArrayLike<number>, expected: readonly number[]): number {
  expect(values.length).toBe(expected.length);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i])), 0);
}

function pixel({ xs }: data.LabelledImage, row: number, column: number): number[] {
  const [, width, channels] = xs.shape;
  const from = (row * width + column) * channels;
  return [...xs.dataSync().slice(from, from + channels)];
}

describe.each(DECODERS)('data.images by %s', (decoder) => {
  it("has Keras' classes, labels and order of files, and Pillow's pixels", async () => {
    const dataset = await data.images(PHOTOS, { decoder });
    expect(dataset.classNames).toEqual(keras.classNames);
    const images = await dataset.toArray();
    expect(images.map(({ ys }) => ys)).toEqual(keras.labels);
    // Both decode JPEGs by a fast transform of their own; PNGs are exact.
    for (const [i, { xs }] of images.entries()) {
      const bound = /png$/i.test(keras.files[i]) ? 0 : decoder === 'sharp' ? 1 : 4;
      expect(worst(xs.dataSync(), keras.decoded[i]), keras.files[i]).toBeLessThanOrEqual(bound);
    }
  });

  it("is near Keras' bilinear resizing of smooth images", async () => {
    const dataset = await data.images(PHOTOS, { size: keras.size, interpolation: 'bilinear', decoder });
    const images = await dataset.toArray();
    // Keras takes four pixels for each; the packages average over all that a smaller pixel covers.
    for (const [i, { xs }] of images.entries()) {
      expect(xs.shape).toEqual([...keras.size, 3]);
      expect(worst(xs.dataSync(), keras.bilinear[i]), keras.files[i]).toBeLessThanOrEqual(10);
    }
  });

  it('numbers classes in a given order, and leaves out others', async () => {
    const classNames = ['bee', 'Zebra'];
    const dataset = await data.images(PHOTOS, { classNames, decoder });
    expect(dataset.classNames).toEqual(classNames);
    expect((await dataset.toArray()).map(({ ys }) => ys)).toEqual([0, 1, 1, 1]);
    const make = (names: unknown) => () => data.images(PHOTOS, { classNames: names as string[], decoder });
    await expectError(make(['bees']), 'INVALID_ARGUMENT', /classNames has 'bees', but .* has \['Zebra', /);
    await expectError(make(['bee', 'bee']), 'INVALID_ARGUMENT', /list of subfolders, each once/);
    await expectError(make('bee'), 'INVALID_ARGUMENT', /classNames is 'bee'/);
  });

  it('shuffles all images without decoding more than it yields', async () => {
    const dataset = await data.images(PHOTOS, { decoder });
    const shuffled = dataset.shuffle(8, 3);
    const order = async (pass: number) => {
      const shapes = [];
      for await (const { xs, ys } of shuffled.pass(pass)) shapes.push(`${ys} ${xs.shape}`);
      return shapes;
    };
    const first = await order(0);
    expect(await order(0)).toEqual(first);
    expect(await order(1)).not.toEqual(first);
    // The order is that of a shuffle of the decoded images.
    const decoded = data.array(await dataset.toArray()).shuffle(8, 3);
    const expected = [];
    for await (const { xs, ys } of decoded.pass(0)) expected.push(`${ys} ${xs.shape}`);
    expect(first).toEqual(expected);
    expect(shuffled.classNames).toEqual(dataset.classNames);
    expect(shuffled.size).toBe(8);
  });

  it('ends early, and begins anew', async () => {
    const dataset = (await data.images(PHOTOS, { decoder })).shuffle(8, 3);
    for (let round = 0; round < 3; round++) {
      for await (const { xs } of dataset) {
        expect(xs.rank).toBe(3);
        break;
      }
    }
    expect(await dataset.take(2).toArray()).toHaveLength(2);
    expect(await dataset.skip(7).toArray()).toHaveLength(1);
    expect(dataset.take(3).size).toBe(3);
  });

  it('refuses broken files by name, or skips and counts them', async () => {
    const broken = path.join(FIXTURES, 'odd-photos');
    for (const name of ['cut.jpg', 'cut.png', 'empty.jpg', 'text.jpg']) {
      const bytes = await readFile(path.join(broken, 'broken', name));
      const decode = () => node.decodeImage(bytes, { decoder });
      if (bytes.length > 0) await expectError(decode, 'CORRUPT_FILE', /can't be decoded as an image/);
    }
    await expectError(
      async () => (await data.images(broken, { decoder })).toArray(),
      'CORRUPT_FILE',
      /broken.cut\.jpg can't be decoded as an image: /,
    );
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const dataset = await data.images(broken, { decoder, onError: 'skip' });
    expect(await dataset.shuffle(20, 1).toArray()).toHaveLength(6);
    expect(dataset.skipped).toBe(4);
    expect(dataset.size).toBeNull();
    expect(warn.mock.calls).toHaveLength(1);
    expect(warn.mock.calls[0][0]).toMatch(/^data\.images: 4 of 10 images were left out; .*can't be decoded/);
    expect(await dataset.take(3).toArray()).toHaveLength(3);
  });

  it('reads turned, transparent, deep, palette and moving images', async () => {
    const classNames = ['files'];
    const all = await data.images(path.dirname(FILES), { classNames, decoder });
    const [clear, cmyk, deep, moving, palette, turned] = await all.toArray();
    for (const { xs } of [clear, cmyk, deep, moving, palette]) expect(xs.shape).toEqual([16, 24, 3]);
    expect(turned.xs.shape).toEqual([24, 16, 3]);
    expect(pixel(clear, 4, 0)).toEqual([0, 0, 0]);
    expect(worst(pixel(clear, 4, 23), [61, 52, 210])).toBeLessThanOrEqual(1);
    // 16-bit samples: the upper bytes.
    expect(worst(pixel(deep, 15, 23), [254, 254, 254])).toBeLessThanOrEqual(1);
    expect(worst(pixel(deep, 0, 4), [2, 2, 2])).toBeLessThanOrEqual(1);
  });

  it.each(['fill', 'cover', 'contain'] as const)('resizes to other proportions by fit %s', async (fit) => {
    const options = { size: [8, 8] as const, fit, decoder, classNames: ['Zebra'] };
    const [, wide] = await (await data.images(PHOTOS, options)).toArray();
    expect(wide.xs.shape).toEqual([8, 8, 3]);
    // 33 x 21 becomes 8 x 5, with edges above and below.
    expect(pixel(wide, 0, 4).every((value) => value === 0)).toBe(fit === 'contain');
    expect(pixel(wide, 7, 4).every((value) => value === 0)).toBe(fit === 'contain');
    expect(pixel(wide, 4, 4).every((value) => value === 0)).toBe(false);
    const grey = await data.images(PHOTOS, { ...options, channels: 1 });
    expect((await grey.take(1).toArray())[0].xs.shape).toEqual([8, 8, 1]);
  });

  it.each(['nearest', 'bilinear', 'bicubic', 'mitchellcubic', 'lanczos3'] as const)(
    'enlarges by %s',
    async (interpolation) => {
      const options = { size: 24, interpolation, decoder, classNames: ['ant'] };
      const [small] = await (await data.images(PHOTOS, options)).toArray();
      const colours = new Set(Array.from({ length: 24 }, (_, i) => pixel(small, 12, i).join()));
      // The image is five pixels wide.
      if (interpolation === 'nearest') expect(colours.size).toBe(5);
      else expect(colours.size).toBeGreaterThan(10);
    },
  );
});

it('the decoders agree where both resize', async () => {
  const read = async (decoder: data.ImageDecoder) =>
    (await data.images(PHOTOS, { size: [9, 7], decoder, interpolation: 'bilinear' })).toArray();
  const [a, b] = await Promise.all([read('sharp'), read('@napi-rs/image')]);
  for (const [i, { xs }] of a.entries())
    expect(worst(b[i].xs.dataSync(), [...xs.dataSync()]), keras.files[i]).toBeLessThanOrEqual(12);
});

it('refuses unknown decoders and interpolations', async () => {
  const make = (options: object) => () => data.images(PHOTOS, options);
  await expectError(
    make({ decoder: 'jimp' }),
    'INVALID_ARGUMENT',
    /decoder is 'jimp'; it must be 'sharp' or/,
  );
  await expectError(make({ interpolation: 'cubic' }), 'INVALID_ARGUMENT', /'nearest', .* or 'lanczos3'/);
});
