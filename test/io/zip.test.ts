import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readZip, writeZip } from '../../lib/io/zip.js';
import { fuzz, LIMIT_MS } from '../fuzz/fuzz.js';
import { byteEdits, editBytes } from '../fuzz/mutations.js';

const fixture = (name: string) => readFileSync(path.join(__dirname, 'fixtures/hdf5', name));
const packed = fixture('storage_deflated.keras');
const readAll = (bytes: Uint8Array) => {
  for (const read of readZip(bytes, 'model.keras').values()) read();
};

/** The archive with another byte at an offset from its first central record. */
function edited(bytes: Uint8Array, offset: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.indexOf('PK\x01\x02', 0, 'latin1') + offset] = value;
  return copy;
}

test('what is written is read', () => {
  const entries = new Map([
    ['a/b.txt', new Uint8Array([1, 2, 3])],
    ['c', new Uint8Array(0)],
  ]);
  const read = readZip(writeZip(entries), 'a.zip');
  expect([...read].map(([name, data]) => [name, [...data()]])).toEqual([
    ['a/b.txt', [1, 2, 3]],
    ['c', []],
  ]);
});

test('compressed entries are inflated', () => {
  const entries = readZip(packed, 'model.keras');
  expect(JSON.parse(Buffer.from(entries.get('config.json')?.() ?? []).toString())).toHaveProperty(
    'class_name',
  );
});

test.each([
  ['../a', /unsafe name/],
  ['/a', /unsafe name/],
  ['C:a', /unsafe name/],
  ['a\\..\\b', /unsafe name/],
])('the name %s is refused', (name, message) => {
  expect(() => readZip(writeZip(new Map([[name, new Uint8Array(1)]])), 'a.zip')).toThrow(message);
});

test('entries that lie are refused', () => {
  const stored = writeZip(
    new Map([
      ['a', new Uint8Array([1, 2])],
      ['b', new Uint8Array([3])],
    ]),
  );
  const second = Buffer.from(stored);
  second[second.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 46] = 'a'.charCodeAt(0);
  expect(() => readAll(second)).toThrow(/two entries 'a'/);
  expect(() => readAll(edited(stored, 8, 1))).toThrow(/encrypted/);
  expect(() => readAll(edited(stored, 10, 12))).toThrow(/method 12/);
  expect(() => readAll(edited(stored, 16, 1))).toThrow(/checksum is wrong/);
  expect(() => readAll(edited(stored, 24, 9))).toThrow(/can't have the size/);
  expect(() => readAll(edited(packed, 27, 0x7f))).toThrow(/can't have the size/);
  expect(() => readZip(stored, 'a.zip', { maxBytes: 2 })).toThrow(/larger than the limit/);
  expect(() => readZip(stored, 'a.zip', { maxEntries: 1 })).toThrow(/more than the limit/);
});

test('a file that ends early is refused wherever it ends', () => {
  for (let size = 0; size < packed.length; size += 13)
    expect(() => readAll(packed.subarray(0, size))).toThrow(/cut off/);
  expect(() => readAll(fixture('truncated_zip.keras'))).toThrow(/cut off/);
});

test('damaged files', { timeout: LIMIT_MS }, async () => {
  await fuzz('zip', byteEdits, async (edits, outcomes) => {
    await outcomes.of(() => readAll(editBytes(packed, edits)));
  });
});
