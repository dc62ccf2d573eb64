import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSharp } from '../../lib/data/sharp.js';
import { data, layers, sequential } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

/** 4 wide, 2 high: left half red, right half blue. */
const RED_BLUE_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAFUlEQVQImWP4z8Dwn4EBTPyHEFAOAGeyB/nPjUUnAAAAAElFTkSuQmCC';
/** 4 wide, 2 high: green 200 above, nothing (transparent) below. */
const HALF_CLEAR_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAYAAAB/qH1jAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAE0lEQVQImWNgOMHwHwUznGBAwQDNIgo9VwW32wAAAABJRU5ErkJggg==';
/** 4 wide, 2 high, one channel: 128 everywhere. */
const GREY_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAAAAABawyK/AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAD0lEQVQImWNoaGhoYAARABQKBAEx7ajLAAAAAElFTkSuQmCC';
/** 16 wide, 8 high: blue. */
const BLUE_JPEG =
  '/9j/2wBDAAYGBgYHBgcICAcKCwoLCg8ODAwODxYQERAREBYiFRkVFRkVIh4kHhweJB42KiYmKjY+NDI0PkxERExfWl98fKf/2wBDAQYGBgYHBgcICAcKCwoLCg8ODAwODxYQERAREBYiFRkVFRkVIh4kHhweJB42KiYmKjY+NDI0PkxERExfWl98fKf/wgARCAAIABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAj/xAAWAQEBAQAAAAAAAAAAAAAAAAAABQj/2gAMAwEAAhADEAAAAJ71TDH/xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oACAEBAAE/AD//xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oACAECAQE/AD//xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oACAEDAQE/AD//2Q==';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-images-'));
  await mkdir(join(folder, 'sea'));
  await mkdir(join(folder, 'flags'));
  const files = {
    'sea/b.JPG': BLUE_JPEG,
    'flags/2.png': HALF_CLEAR_PNG,
    'flags/1.png': RED_BLUE_PNG,
    'flags/3.png': GREY_PNG,
    'flags/notes.txt': '',
    'flags/.hidden.png': '',
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), Buffer.from(content, 'base64'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('data.images', () => {
  it('names the package sharp if it is missing', async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'sharp'\nand more"));
    await expectError(
      () => loadSharp('data.images', load),
      'PEER_MISSING',
      /install it: npm install sharp \(Cannot find package 'sharp'\)$/,
    );
  });

  it('reads a folder per class, in the order of names', async () => {
    const dataset = await data.images(folder);
    expect(dataset.classNames).toEqual(['flags', 'sea']);
    expect(dataset.size).toBe(4);
    const images = await dataset.toArray();
    expect(images.map(({ ys }) => ys)).toEqual([0, 0, 0, 1]);
    const row = [255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255];
    expect(images[0].xs.shape).toEqual([2, 4, 3]);
    expect([...images[0].xs.dataSync()]).toEqual([...row, ...row]);
    const green = [0, 200, 0];
    const black = [0, 0, 0];
    expect([...images[1].xs.dataSync()]).toEqual(
      [green, green, green, green, ...Array(4).fill(black)].flat(),
    );
    expect([...images[2].xs.dataSync()]).toEqual(Array(24).fill(128));
    expect(images[3].xs.shape).toEqual([8, 16, 3]);
    const [red, , blue] = images[3].xs.dataSync();
    expect(red).toBeLessThan(8);
    expect(blue).toBeGreaterThan(247);
  });

  it('resizes images, and converts them to grayscale', async () => {
    const [batch] = await (await data.images(folder, { size: [2, 6], channels: 1 })).batch(4).toArray();
    expect([batch.xs.dtype, batch.xs.shape, batch.ys.shape]).toEqual(['uint8', [4, 2, 6, 1], [4]]);
    expect([...batch.xs.dataSync()].slice(24, 36)).toEqual(Array(12).fill(128));
    const mixed = (await data.images(folder)).batch(4);
    await expectError(() => mixed.toArray(), 'SHAPE_MISMATCH', /xs of element 3 .*give a size/);
  });

  it('feeds fitDataset', async () => {
    const dataset = await data.images(folder, { size: 4 });
    const model = sequential({
      layers: [
        layers.rescaling({ scale: 1 / 255, inputShape: [4, 4, 3] }),
        layers.flatten(),
        layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const { history } = await model.fitDataset(dataset.shuffle(4, 1).batch(2), { epochs: 20, verbose: 0 });
    expect(history.loss[19]).toBeLessThan(history.loss[0]);
  });

  it('names invalid images, folders and options', async () => {
    const bad = join(folder, 'bad');
    await mkdir(join(bad, 'a'), { recursive: true });
    await expectError(
      () => data.images(bad),
      'INVALID_ARGUMENT',
      /has no \.png, \.jpg, \.jpeg, \.webp or \.avif files/,
    );
    await writeFile(join(bad, 'a', 'x.png'), 'no image');
    const dataset = await data.images(bad);
    await expectError(() => dataset.toArray(), 'CORRUPT_FILE', /x\.png can't be decoded as an image/);
    await rm(bad, { recursive: true });
    await expectError(() => data.images(bad), 'IO_ERROR', /Can't read the folder/);
    await expectError(() => data.images(folder, { sise: 3 } as object), 'UNKNOWN_OPTION', /'size'/);
    await expectError(() => data.images(folder, { size: 0 }), 'INVALID_ARGUMENT', /size is 0/);
    await expectError(() => data.images(folder, { channels: 2 as 1 }), 'INVALID_ARGUMENT', /must be 1 or 3/);
    await expectError(() => data.images(5 as never), 'INVALID_ARGUMENT', /5 is not a folder/);
  });
});
