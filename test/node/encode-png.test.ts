import sharp from 'sharp';
import { expect, it } from 'vitest';
import { node, tensor } from '../../lib/index.js';

async function decode(png: Uint8Array): Promise<number[]> {
  return [...(await sharp(png).toColourspace('b-w').raw().toBuffer())];
}

it('writes a tensor as a PNG file, its values as bytes', async () => {
  const png = await node.encodePng(tensor([0, 1.9, 254, 255, -5, 300], [2, 3, 1]));
  expect(await decode(png)).toEqual([0, 1, 254, 255, 0, 255]);
});

it('compresses at the given level', async () => {
  const image = tensor(new Uint8Array(64 * 64), [64, 64, 1]);
  const [stored, small] = [await node.encodePng(image, 0), await node.encodePng(image, 9)];
  expect(stored.length).toBeGreaterThan(64 * 64);
  expect(small.length).toBeLessThan(200);
  expect(await decode(stored)).toEqual(await decode(small));
});

it.each<[number[], number, string, RegExp]>([
  [[2, 3], 1, 'SHAPE_MISMATCH', /encodePng: image is \[2, 3\]; it must be \[height, width, channels\]/],
  [[1, 1, 6], 1, 'SHAPE_MISMATCH', /of 1 to 4 channels/],
  [[2, 3, 1], 10, 'INVALID_ARGUMENT', /compression is 10; it must be a whole number from 0 to 9/],
])('refuses an image of %j at level %d', async (shape, compression, code, message) => {
  const image = tensor([1, 2, 3, 4, 5, 6], shape);
  await expect(node.encodePng(image, compression)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});
