import { readFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { readZip } from '../../lib/io/zip.js';
import { expectError } from '../support/convforge-error.js';
import { fuzz, LIMIT_MS } from '../fuzz/fuzz.js';
import { byteEdits, editBytes } from '../fuzz/mutations.js';

const fixture = (name: string) => readFileSync(path.join(__dirname, 'keras/cases', name));
const packed = fixture('storage_deflated.keras');

async function readAll(bytes: Uint8Array): Promise<[string, number[]][]> {
  const read: [string, number[]][] = [];
  for (const [name, data] of await readZip(bytes, 'model.keras')) read.push([name, [...(await data())]]);
  return read;
}

const zipped = (entries: Record<string, readonly number[]>) =>
  zipSync(
    Object.fromEntries(Object.entries(entries).map(([name, bytes]) => [name, Uint8Array.from(bytes)])),
    {
      level: 0,
    },
  );

/** The archive with another byte at an offset from its last central record. */
function edited(bytes: Uint8Array, offset: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.lastIndexOf('PK\x01\x02', undefined, 'latin1') + offset] = value;
  return copy;
}

test('entries are read, stored and compressed ones', async () => {
  expect(await readAll(zipped({ 'a/b.txt': [1, 2, 3], c: [] }))).toEqual([
    ['a/b.txt', [1, 2, 3]],
    ['c', []],
  ]);
  const config = await (await readZip(packed, 'model.keras')).get('config.json')?.();
  expect(JSON.parse(Buffer.from(config ?? []).toString())).toHaveProperty('class_name');
});

test.each(['../a', '/a', 'C:a'])('the name %s is refused', async (name) => {
  await expectError(() => readZip(zipped({ [name]: [1] }), 'a.zip'), 'CORRUPT_FILE', /a\.zip: .*path: /);
});

const stored = zipped({ a: [1, 2], b: [3] });

test.each([
  ['two entries of one name', edited(stored, 46, 'a'.charCodeAt(0)), 'CORRUPT_FILE', /two entries 'a'/],
  ['an encrypted one', edited(packed, 8, 1), 'UNSUPPORTED', /'model\.weights\.h5' is encrypted/],
  ['an unknown method', edited(stored, 10, 12), 'UNSUPPORTED', /method 12/],
  ['a wrong checksum', edited(stored, 16, 1), 'CORRUPT_FILE', /'b' is damaged: its checksum is wrong/],
  ['a size that lies', edited(stored, 24, 9), 'CORRUPT_FILE', /size/],
  ['an inflated size that lies', edited(packed, 25, 1), 'CORRUPT_FILE', /too many bytes/],
] as const)('%s is refused', async (_, bytes, code, message) => {
  await expectError(() => readAll(bytes), code, message);
});

test('entries that claim more than 4 GiB together are refused', async () => {
  const bytes = Buffer.from(packed);
  for (let at = bytes.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; ) {
    bytes.writeUInt32LE(0xf000_0000, at + 24);
    at = bytes.indexOf('PK\x01\x02', at + 1, 'latin1');
  }
  await expectError(() => readZip(bytes, 'a.zip'), 'CORRUPT_FILE', /larger than the limit/);
});

test('too many entries are refused', async () => {
  const many = zipped(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`${i}`, []])));
  await expectError(() => readZip(many, 'a.zip'), 'CORRUPT_FILE', /10001 entries/);
});

test('a file that ends early is refused wherever it ends', async () => {
  for (let size = 0; size < packed.length; size += 13)
    await expectError(() => readAll(packed.subarray(0, size)), 'CORRUPT_FILE', /cut off/);
  await expectError(() => readAll(fixture('refused/truncated_zip.keras')), 'CORRUPT_FILE', /cut off/);
});

test('damaged files', { timeout: LIMIT_MS }, async () => {
  await fuzz('zip', byteEdits, async (edits, outcomes) => {
    await outcomes.of(() => readAll(editBytes(packed, edits)));
  });
});
