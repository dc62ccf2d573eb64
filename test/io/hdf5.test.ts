import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Hdf5Dataset, type Hdf5Group, openHdf5, stringList } from '../../lib/io/hdf5.js';
import { writeHdf5 } from '../../lib/io/hdf5-write.js';
import { fuzz, LIMIT_MS, type Outcomes } from '../fuzz/fuzz.js';
import { byteEdits, editBytes } from '../fuzz/mutations.js';

const fixture = (name: string) => readFileSync(path.join(__dirname, 'fixtures/hdf5', name));
const open = (name: string) => openHdf5(fixture(name), name);

function datasets(group: Hdf5Group): Hdf5Dataset[] {
  return [...group.children.values()].flatMap((child) =>
    child.kind === 'group' ? datasets(child) : [child],
  );
}

/** Opens a file, and reads all of it. */
async function readAll(bytes: Uint8Array): Promise<void> {
  const { root, close } = await openHdf5(bytes, 'model.h5');
  try {
    for (const dataset of datasets(root)) await dataset.read();
  } finally {
    close();
  }
}

test.each(['storage_gzip', 'storage_double', 'storage_half'])(
  '%s has the weights of storage_new',
  async (name) => {
    const [file, other] = [await open(`${name}.weights.h5`), await open('storage_new.weights.h5')];
    const expected = datasets(other.root);
    expect(expected).toHaveLength(6);
    for (const [i, dataset] of datasets(file.root).entries()) {
      const values = await dataset.read();
      expect([dataset.path, dataset.shape]).toEqual([expected[i].path, expected[i].shape]);
      for (const [j, value] of (await expected[i].read()).entries()) expect(values[j]).toBeCloseTo(value, 3);
    }
    file.close();
    other.close();
  },
);

test.each(['types_block.h5', 'types_new.h5'])('%s: numbers and attributes of all types', async (name) => {
  const { root, close } = await open(name);
  const read = async (name: string) => [...(await (root.children.get(name) as Hdf5Dataset).read())];
  const typed = [...root.children.keys()].filter((name) => name.startsWith('t_') && name !== 't_bool');
  expect(typed).toHaveLength(17);
  for (const name of typed) expect(await read(name), name).toEqual([0, 1, 2, 100]);
  expect(await read('sub')).toEqual([2 ** -24, Number.NEGATIVE_INFINITY, 65504]);
  expect(await read('packed')).toEqual(Array.from({ length: 64 }, (_, i) => i));
  await expect(read('text')).rejects.toThrow(/'\/text' doesn't hold numbers/);
  expect(Object.fromEntries(root.attributes)).toMatchObject({
    text: 'hé',
    fixed: 'abc',
    list: ['a', 'é', ''],
    flist: ['a', 'bcd'],
    n: 3,
    float: 2.5,
    half: 1.5,
    big: [0, 1, 2, 3],
    none: [],
  });
  expect(stringList(root.attributes, 'names')).toEqual(['a', 'b', 'c']);
  expect(stringList(root.attributes, 'others')).toBeUndefined();
  close();
});

test.each([
  ['external_link.weights.h5', 'UNSUPPORTED', /'\/layers\/conv2d\/vars\/0' is an external link/],
  ['soft.h5', 'UNSUPPORTED', /'\/soft' is a soft link/],
  ['external.h5', 'UNSUPPORTED', /'\/external' has its data in another file/],
  ['external_new.h5', 'UNSUPPORTED', /'\/external' has its data in another file/],
  ['virtual_new.h5', 'UNSUPPORTED', /'\/v' is a virtual one/],
  ['cycle.h5', 'CORRUPT_FILE', /'\/g\/self' holds itself/],
  ['bomb.h5', 'CORRUPT_FILE', /'\/bomb' claims more data/],
  ['../../keras/cases/refused/truncated_hdf5.h5', 'CORRUPT_FILE', /truncated_hdf5\.h5: .*cut off/],
])('%s is refused', async (name, code, message) => {
  await expect(open(name)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('a file that ends early is refused wherever it ends', async () => {
  const bytes = fixture('storage_new.weights.h5');
  for (let size = 0; size < bytes.length; size += 211)
    await expect(readAll(bytes.subarray(0, size))).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
});

test('damaged files', { timeout: LIMIT_MS }, async () => {
  const files = ['storage_half.weights.h5', 'storage_new.weights.h5', 'soft.h5'].map(fixture);
  for (const bytes of files)
    await fuzz('HDF5', byteEdits, async (edits, outcomes: Outcomes) => {
      await outcomes.of(() => readAll(editBytes(bytes, edits)));
    });
});

test('arrays that are read in pieces, along any axis, come back as they were written', async () => {
  const shapes = [[300_000], [3, 3, 250, 300], [2, 3, 700, 500], [5, 1, 1, 300_001], [0, 4], []];
  const members = shapes.map((shape, i) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return { path: `a${i}`, shape, values: Float32Array.from({ length: size }, (_, j) => j % 999_983) };
  });
  const { root, close } = await openHdf5(await writeHdf5('made.h5', members), 'made.h5');
  for (const { path, shape, values } of members) {
    const dataset = root.children.get(path) as Hdf5Dataset;
    expect(dataset.shape).toEqual(shape);
    expect(Buffer.compare(Buffer.from((await dataset.read()).buffer), Buffer.from(values.buffer))).toBe(0);
  }
  close();
});
