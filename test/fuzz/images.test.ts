import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import { fuzz, LIMIT_MS } from './fuzz.js';
import { byteEdits, editBytes } from './mutations.js';

// Images that are changed at random: they are decoded to the shape that was asked for, or refused with a
// ConvforgeError, by each of the two decoders.

const images: Buffer[] = [];
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'convforge-fuzz-'));
  const pixels = Buffer.from(Uint8Array.from({ length: 9 * 7 * 4 }, (_, i) => (i * 71) % 256));
  for (const channels of [1, 3, 4] as const) {
    const image = () =>
      sharp(pixels.subarray(0, 9 * 7 * channels), { raw: { width: 9, height: 7, channels } });
    images.push(
      await image().png().toBuffer(),
      await image().webp().toBuffer(),
      await image().gif().toBuffer(),
    );
    if (channels === 3)
      images.push(await image().jpeg().toBuffer(), await image().jpeg({ progressive: true }).toBuffer());
  }
  images.push(await sharp(images[0]).withMetadata({ orientation: 6 }).jpeg().toBuffer());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = fc.nat(11);

test('decodeImage', { timeout: LIMIT_MS }, async () => {
  const options = fc.oneof(
    fc.record(
      {
        size: fc.constantFrom<number | [number, number]>(8, [5, 3], 1),
        channels: fc.constantFrom(1 as const, 3 as const),
        fit: fc.constantFrom('fill' as const, 'cover' as const, 'contain' as const),
        decoder: fc.constantFrom('sharp' as const, '@napi-rs/image' as const),
      },
      { requiredKeys: [] },
    ),
    fc.constantFrom(0, 1, 3, 4),
  );
  const input = fc.record({ file, edits: byteEdits, options });
  const outcomes = await fuzz('images', input, async ({ file, edits, options }, outcomes) => {
    const bytes = editBytes(images[file % images.length], edits);
    await outcomes.of(async () => {
      if (typeof options === 'number') {
        const { dtype, rank } = await tf.node.decodeImage(bytes, options);
        expect(dtype).toBe('int32');
        expect([3, 4]).toContain(rank);
        return;
      }
      const { shape, dtype } = await tf.node.decodeImage(bytes, options);
      expect(dtype).toBe('uint8');
      expect(shape[2]).toBe(options.channels ?? 3);
      if (options.size !== undefined)
        expect(shape.slice(0, 2)).toEqual([options.size, options.size].flat().slice(0, 2));
    });
  });
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
  expect(outcomes.count('CORRUPT_FILE')).toBeGreaterThan(0);
});

test('folders of images', { timeout: LIMIT_MS }, async () => {
  const input = fc.record({
    files: fc.array(
      fc.record({ file, edits: fc.option(byteEdits), link: fc.constantFrom(...Array(15).fill(false), true) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    onError: fc.constantFrom('skip' as const, 'throw' as const),
  });
  const warn = console.warn;
  console.warn = () => {};
  const outcomes = await fuzz('image folders', input, async ({ files, onError }, outcomes) => {
    const root = path.join(folder, 'images');
    rmSync(root, { recursive: true, force: true });
    files.forEach(({ file, edits, link }, i) => {
      mkdirSync(path.join(root, `class${i % 2}`), { recursive: true });
      const name = path.join(root, `class${i % 2}`, `${i}.png`);
      const image = images[file % images.length];
      if (link) symlinkSync(i % 2 === 0 ? name : root, name);
      else writeFileSync(name, edits ? editBytes(image, edits) : image);
    });
    await outcomes.of(async () => {
      const dataset = await tf.data.images(root, { size: 6, onError });
      const rows = await dataset.toArray();
      if (onError === 'skip') expect(rows.length + dataset.skipped).toBeLessThanOrEqual(files.length);
      for (const { xs } of rows) expect(xs.shape).toEqual([6, 6, 3]);
    });
  });
  console.warn = warn;
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
});
