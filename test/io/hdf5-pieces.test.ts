import { expect, test } from 'vitest';
import { type Hdf5Dataset, openHdf5 } from '../../lib/io/hdf5.js';
import { piecesOf } from '../../lib/io/hdf5-pieces.js';
import { writeHdf5 } from '../../lib/io/hdf5-write.js';

/** 2.4 MB: more than is read or written in one go. */
const SHAPE = [3, 200, 1000];
const values = Float32Array.from({ length: 600_000 }, (_, i) => i);

async function readBack(bytes: Uint8Array): Promise<Float32Array> {
  const { root, close } = await openHdf5(bytes, 'test.h5');
  try {
    return await (root.children.get('x') as Hdf5Dataset).read();
  } finally {
    close();
  }
}

/** Vitest's own comparison takes seconds for so many. */
function expectValues(read: Float32Array): void {
  expect(Buffer.compare(Buffer.from(read.buffer), Buffer.from(values.buffer))).toBe(0);
}

/** A file of the values in chunks, as h5wasm writes it. */
async function inChunks(chunks: number[], compression?: number): Promise<Uint8Array> {
  const hdf5 = await import('h5wasm');
  const { FS } = (await hdf5.ready) as unknown as {
    FS: { readFile(name: string): Uint8Array; unlink(name: string): void };
  };
  const file = new hdf5.File('/pieces.h5', 'w');
  file.create_dataset({ name: 'x', data: values, shape: SHAPE, chunks, ...(compression && { compression }) });
  file.close();
  const bytes = FS.readFile('/pieces.h5');
  FS.unlink('/pieces.h5');
  return bytes;
}

test('an array is written in pieces', async () => {
  expectValues(await readBack(await writeHdf5('test.h5', [{ path: 'x', shape: SHAPE, values }])));
});

test.each([
  { chunks: [1, 30, 70] },
  { chunks: [1, 30, 70], compression: 1 },
  { chunks: [2, 7, 1000], compression: 1 },
  { chunks: [3, 200, 1000] },
  { chunks: [3, 200, 1000], compression: 1 },
])('an array in chunks of $chunks, packed by $compression, is read in pieces', async (storage) => {
  expectValues(await readBack(await inChunks(storage.chunks, storage.compression)));
});

test('pieces are as large as chunks allow, and follow each other', () => {
  const placesOf = (chunk?: number[]) =>
    [...piecesOf(SHAPE, 4, chunk)].map(({ from, length }) => [from, length]);
  const samples = [0, 1, 2].map((i) => [i * 200_000, 200_000]);
  expect(placesOf()).toEqual(samples);
  expect(placesOf([1, 30, 70])).toEqual(samples);
  expect(placesOf([2, 7, 1000])).toEqual([
    [0, 400_000],
    [400_000, 200_000],
  ]);
});
