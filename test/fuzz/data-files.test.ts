import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import { fuzz, LIMIT_MS } from './fuzz.js';
import { byteEdits, editBytes } from './mutations.js';
import { WatchedFiles } from './watched-files.js';

// IDX and CSV files that are changed at random: they are read, or refused with a ConvforgeError.

const files = new WatchedFiles();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'convforge-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** IDX files of each type: 0, 0, type, rank, sizes, values. */
const IDX = [
  [0x08, [3, 4, 5], 1],
  [0x09, [7], 1],
  [0x0b, [2, 3], 2],
  [0x0c, [2, 2], 4],
  [0x0d, [3, 2], 4],
  [0x0e, [2], 8],
].map(([type, shape, bytes]) => {
  const sizes = shape as number[];
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, type as number, sizes.length]);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  const count = sizes.reduce((a, b) => a * b) * (bytes as number);
  return Buffer.concat([header, Buffer.from(Uint8Array.from({ length: count }, (_, i) => (i * 37) % 251))]);
});

test('IDX files', { timeout: LIMIT_MS }, async () => {
  const input = fc.record({
    file: fc.nat(IDX.length - 1),
    gzips: fc.constantFrom('never', 'after', 'before'),
    edits: byteEdits,
  });
  const outcomes = await fuzz('IDX', input, async ({ file, gzips, edits }, outcomes) => {
    const bytes = gzips === 'before' ? editBytes(gzipSync(IDX[file]), edits) : editBytes(IDX[file], edits);
    const name = path.join(folder, 'values.idx');
    writeFileSync(name, gzips === 'after' ? gzipSync(bytes) : bytes);
    const outside = await files.outside(folder, () =>
      outcomes.of(async () => {
        const { size, dtype } = await tf.datasets.idx(name);
        expect(['uint8', 'int32', 'float32']).toContain(dtype);
        // Deflate makes at most 1032 bytes of one.
        expect(size).toBeLessThanOrEqual(1032 * bytes.length);
      }),
    );
    expect(outside).toEqual([]);
  });
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
  expect(outcomes.count('CORRUPT_FILE')).toBeGreaterThan(0);
});

const CSV = [
  'a,b,label\n1,2,0\n3.5,-4e-3,1\n5,6,2\n',
  '"a ""quoted"" name",b\r\n"line\nbreak","x,y"\r\n1,2\r\n',
  '1;2;3\n4;5;6\n',
  '\ufeffa\tb\n\t\n"",""\nNaN\tInfinity\n1e999\t0x10\n',
];
const PIECES = [
  '"',
  '""',
  ',',
  ';',
  '\n',
  '\r\n',
  '\r',
  '\0',
  'NaN',
  '1e400',
  '-',
  '\ufeff',
  'é',
  '\ud800',
  ' ',
];

test('CSV files', { timeout: LIMIT_MS }, async () => {
  const input = fc.record({
    file: fc.nat(CSV.length - 1),
    edits: byteEdits,
    pieces: fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), piece: fc.constantFrom(...PIECES) }),
      { maxLength: 2 },
    ),
    options: fc.record(
      {
        hasHeader: fc.boolean(),
        delimiter: fc.constantFrom(',', ',', ',', ';', ';', '\t', '"', ''),
        columnNames: fc.constantFrom(
          ['a'],
          ['a', 'b'],
          ['a', 'b', 'label'],
          ['__proto__', 'constructor'],
          ['a', 'a'],
        ),
        configuredColumnsOnly: fc.boolean(),
        columnConfigs: fc.constantFrom<Record<string, tf.data.ColumnConfig>>(
          { label: { isLabel: true } },
          { a: { dtype: 'string' } },
          { b: { dtype: 'bool', default: 1 } },
          { b: { dtype: 'int32', required: true } },
          JSON.parse('{"__proto__":{"isLabel":true}}'),
        ),
      },
      { requiredKeys: [] },
    ),
    form: fc.constantFrom('objects', 'tensors'),
  });
  const outcomes = await fuzz('CSV', input, async ({ file, edits, pieces, options, form }, outcomes) => {
    let bytes = editBytes(Buffer.from(CSV[file]), edits);
    for (const { at, piece } of pieces) {
      const place = Math.floor(at * bytes.length);
      bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from(piece), bytes.subarray(place)]);
    }
    const name = path.join(folder, 'rows.csv');
    writeFileSync(name, bytes);
    await outcomes.of(async () => {
      const dataset = tf.data.csv(`file://${name}`, options);
      const names = await dataset.columnNames();
      expect(new Set(names).size).toBe(names.length);
      const rows = await (form === 'objects'
        ? dataset
        : (dataset.tensors() as tf.data.Dataset<unknown>)
      ).toArray();
      expect(rows.length).toBeLessThanOrEqual(bytes.length + 1);
    });
    expect(({} as Record<string, unknown>).isLabel).toBeUndefined();
  });
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
});

test('folders of files that are no images', { timeout: LIMIT_MS }, async () => {
  // Loads the decoder.
  await tf.node.decodeImage(Uint8Array.of(1), {}).catch(() => {});
  // Names, rather than contents: test/fuzz/images.test.ts has these.
  const name = fc.oneof(
    fc.constantFrom(
      '.png',
      'a.png',
      'a.PNG',
      'a.png.txt',
      '-.jpg',
      '\u202e.png',
      '%2e%2e.png',
      '\\.webp',
      '__proto__',
    ),
    fc
      .string({ minLength: 1, maxLength: 12, unit: 'binary' })
      .filter((text) => !/[/\0]/.test(text) && !['.', '..'].includes(text) && Buffer.byteLength(text) < 200),
  );
  const input = fc.array(fc.record({ folder: name, file: name, size: fc.nat(40) }), { maxLength: 5 });
  const outcomes = await fuzz('image folders, names', input, async (entries, outcomes) => {
    const root = path.join(folder, 'images');
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    for (const entry of entries) {
      mkdirSync(path.join(root, entry.folder), { recursive: true });
      writeFileSync(path.join(root, entry.folder, entry.file), Buffer.alloc(entry.size, 'x'));
    }
    const outside = await files.outside(root, () =>
      outcomes.of(async () => {
        await (await tf.data.images(root)).toArray();
      }),
    );
    expect(outside).toEqual([]);
  });
  expect(outcomes.count('loaded')).toBe(0);
});
