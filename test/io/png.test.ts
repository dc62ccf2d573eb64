import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { crc32, crc32c } from '../../lib/io/crc.js';
import { encodePng, type ByteImage } from '../../lib/io/png.js';
import { crc32cByDefinition } from '../support/event-files.js';

describe('checksums', () => {
  it('are those of the specifications', () => {
    // Check values of the catalogue of CRC algorithms; zeros and ones are from RFC 3720, B.4.
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from('convforge'))).toBe(crc32cByDefinition(Buffer.from('convforge')));
  });
});

describe('encodePng', () => {
  it('writes chunks with their sizes and checksums', async () => {
    const png = await encodePng({ width: 2, height: 1, channels: 1, pixels: Uint8Array.of(0, 255) });
    expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect([...png.subarray(16, 29)]).toEqual([0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    // The CRC of an empty IEND, as in every PNG.
    expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });

  it.each<[ByteImage['channels'], (pixel: number[]) => number[]]>([
    [1, ([grey]) => [grey, grey, grey, 255]],
    [2, ([grey, opacity]) => [grey, grey, grey, opacity]],
    [3, (colour) => [...colour, 255]],
    [4, (colour) => colour],
  ])('writes %i channels so that sharp reads them', async (channels, rgba) => {
    const pixels = Uint8Array.from({ length: 3 * 2 * channels }, (_, i) => (i * 37) % 256);
    const png = await encodePng({ width: 3, height: 2, channels, pixels });
    const decoded = await sharp(png).toColourspace('srgb').ensureAlpha().raw().toBuffer();
    const expected = Array.from({ length: 6 }, (_, i) =>
      rgba([...pixels.subarray(i * channels, (i + 1) * channels)]),
    );
    expect([...decoded]).toEqual(expected.flat());
  });
});
