import { mkdir, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { data, node, type Tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const path = temporaryFolder();

/** 4 wide, 2 high: two columns of `left`, two of `right`. */
function halves(left: number[], right: number[]) {
  const row = [left, left, right, right].flat();
  const raw = { width: 4, height: 2, channels: left.length as 3 };
  return sharp(Uint8Array.from([...row, ...row]), { raw });
}
const RED = [255, 0, 0];
const BLUE = [0, 0, 255];
const values = (image: Tensor) => [...image.dataSync()];

describe('decodeImage with options', () => {
  it.each(['png', 'webp', 'avif', 'jpeg'] as const)(
    'is what data.images makes of a %s file',
    async (format) => {
      const options = format === 'webp' ? { lossless: true } : {};
      const bytes = await halves(RED, BLUE).toFormat(format, options).toBuffer();
      const folder = path(`set-${format}`);
      await mkdir(`${folder}/flags`, { recursive: true });
      await writeFile(`${folder}/flags/one.${format}`, bytes);
      for (const form of [
        {},
        { size: 3 },
        { size: [2, 6], channels: 1, fit: 'cover' },
      ] as node.ImageFormOptions[]) {
        const served = await node.decodeImage(bytes, form);
        const [{ xs }] = await (await data.images(folder, form)).toArray();
        expect([served.dtype, served.shape]).toEqual([xs.dtype, xs.shape]);
        expect(values(served)).toEqual(values(xs));
      }
      const [red, , blue] = values(await node.decodeImage(bytes, {}));
      expect(red).toBeGreaterThan(200);
      expect(blue).toBeLessThan(60);
    },
  );

  it('stretches, crops, or pads with black', async () => {
    const png = await halves(RED, BLUE).png().toBuffer();
    const stretched = await node.decodeImage(png, { size: 2 });
    expect(stretched.shape).toEqual([2, 2, 3]);
    expect(values(stretched).slice(0, 3)).toEqual(values(stretched).slice(6, 9));
    const cropped = await node.decodeImage(png, { size: 2, fit: 'cover' });
    expect(values(cropped)).toEqual([RED, BLUE, RED, BLUE].flat());
    const framed = await node.decodeImage(png, { size: 4, fit: 'contain' });
    expect(framed.shape).toEqual([4, 4, 3]);
    const rows = framed.reshape([4, 12]).arraySync() as number[][];
    expect(rows[0]).toEqual(Array(12).fill(0));
    expect(rows[1]).toEqual([RED, RED, BLUE, BLUE].flat());
    expect(rows[3]).toEqual(Array(12).fill(0));
  });

  it('applies the EXIF orientation, and blends transparency with black', async () => {
    const turned = await halves(RED, BLUE).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    expect((await node.decodeImage(turned, {})).shape).toEqual([4, 2, 3]);
    const clear = await halves([9, 200, 9, 0], [0, 200, 0, 255]).png().toBuffer();
    expect(values(await node.decodeImage(clear, {})).slice(0, 12)).toEqual([
      0, 0, 0, 0, 0, 0, 0, 200, 0, 0, 200, 0,
    ]);
  });
});

describe('decodeImage with the arguments of TF.js', () => {
  it('gives int32 of the file’s channels, or the requested ones', async () => {
    const png = await halves([...RED, 7], [...BLUE, 255])
      .png()
      .toBuffer();
    const own = await node.decodeImage(png);
    expect([own.dtype, own.shape]).toEqual(['int32', [2, 4, 4]]);
    expect(values(own).slice(0, 4)).toEqual([255, 0, 0, 7]);
    const three = await node.decodeImage(png, 3);
    expect(three.shape).toEqual([2, 4, 3]);
    expect(values(three).slice(0, 3)).toEqual(RED);
    expect((await node.decodeImage(png, 1, 'int32')).shape).toEqual([2, 4, 1]);
    const opaque = await halves(RED, BLUE).png().toBuffer();
    expect(values(await node.decodeImage(opaque, 4)).slice(0, 4)).toEqual([255, 0, 0, 255]);
    expect((await node.decodeImage(opaque, 0)).shape).toEqual([2, 4, 3]);
  });

  it('gives all frames of a GIF, or the first', async () => {
    const raw = { width: 2, height: 4, channels: 3 as const, pageHeight: 2 };
    const frames = Uint8Array.from([...Array(4).fill(RED), ...Array(4).fill(BLUE)].flat());
    const gif = await sharp(frames, { raw })
      .gif({ delay: [100, 100], loop: 0 })
      .toBuffer();
    const all = await node.decodeImage(gif);
    expect(all.shape).toEqual([2, 2, 2, 3]);
    expect(values(all).slice(0, 3)).toEqual(RED);
    expect(values(all).slice(12, 15)).toEqual(BLUE);
    const first = await node.decodeImage(gif, 3, 'int32', false);
    expect(first.shape).toEqual([2, 2, 3]);
    expect(values(first)).toEqual(values(all).slice(0, 12));
  });

  it('refuses unsupported arguments', async () => {
    const png = await halves(RED, BLUE).png().toBuffer();
    await expectError(
      () => node.decodeImage(png, 2),
      'INVALID_ARGUMENT',
      /channels is 2; it must be 0, 1, 3 or 4/,
    );
    await expectError(() => node.decodeImage(png, 3, 'float32' as never), 'UNSUPPORTED', /use cast/);
    await expectError(
      () => node.decodeImage(png, 3, 'int32', 1 as never),
      'INVALID_ARGUMENT',
      /expandAnimations/,
    );
    await expectError(() => node.decodeImage('a.png' as never), 'INVALID_ARGUMENT', /give the bytes/);
    await expectError(
      () => node.decodeImage(Uint8Array.of(1, 2), {}),
      'CORRUPT_FILE',
      /image of 2 bytes can't/,
    );
    await expectError(() => node.decodeImage(Uint8Array.of(1, 2)), 'CORRUPT_FILE', /image of 2 bytes can't/);
    await expectError(() => node.decodeImage(png, { sise: 3 } as never), 'UNKNOWN_OPTION', /'size'/);
    await expectError(
      () => node.decodeImage(png, { fit: 'crop' as never }),
      'INVALID_ARGUMENT',
      /fit is 'crop'/,
    );
  });
});

describe('data.images that skips', () => {
  afterEach(() => vi.restoreAllMocks());

  it("skips files that aren't images, counts them and warns once per pass", async () => {
    const png = await halves(RED, BLUE).png().toBuffer();
    await mkdir(path('mixed/a'), { recursive: true });
    for (const [name, content] of Object.entries({
      '1.png': png,
      '2.png': 'no',
      '3.webp': 'no',
      '4.png': png,
    }))
      await writeFile(path(`mixed/a/${name}`), content);
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const photos = await data.images(path('mixed'), { onError: 'skip' });
    expect([photos.size, photos.skipped]).toEqual([null, 0]);
    expect(await photos.toArray()).toHaveLength(2);
    expect(await photos.toArray()).toHaveLength(2);
    expect(photos.skipped).toBe(2);
    expect(warn.mock.calls).toHaveLength(2);
    expect(warn.mock.calls[0][0]).toMatch(
      /^data\.images: 2 of 4 images were left out; .*2\.png can't be decoded/,
    );
    const strict = await data.images(path('mixed'));
    await expectError(() => strict.toArray(), 'CORRUPT_FILE', /2\.png/);
    await expectError(
      () => data.images(path('mixed'), { onError: 'ignore' as 'skip' }),
      'INVALID_ARGUMENT',
      /onError is 'ignore'/,
    );
  });
});
