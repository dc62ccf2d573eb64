import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { io } from '../../lib/index.js';

// State dicts that torch 2.15 and safetensors wrote, with what torch reads from them.
const FOLDER = join(__dirname, 'fixtures', 'safetensors');

interface Facts {
  tensors: Record<string, { shape: number[]; first: number[]; sum: number }>;
}

test.each(['lenet_flatten', 'bn_residual_mixed'])('reads %s as torch does', async (name) => {
  const { tensors } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Facts;
  const read = await io.readSafetensors(join(FOLDER, `${name}.safetensors`));
  expect([...read.keys()].sort()).toEqual(Object.keys(tensors).sort());
  for (const [key, { shape, first, sum }] of Object.entries(tensors)) {
    const tensor = read.get(key);
    const values = [...(tensor?.dataSync() ?? [])].map(Number);
    expect(tensor?.shape).toEqual(shape);
    first.forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 6);
    });
    expect(values.reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 4);
  }
});

test.each([
  ['refuse_huge_length', /header/],
  ['refuse_overlap', /offsets.*overlap/],
])('refuses %s', async (name, message) => {
  await expect(io.readSafetensors(join(FOLDER, `${name}.safetensors`))).rejects.toMatchObject({
    code: 'CORRUPT_FILE',
    message: expect.stringMatching(message) as string,
  });
});

/** Writes a file with this header, or these bytes as one, and `bytes` zeros behind it. */
async function readHeader(header: object | string, bytes = 0, length?: bigint): Promise<unknown> {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(text.length));
  const path = join(mkdtempSync(join(tmpdir(), 'safetensors-')), 'w.safetensors');
  writeFileSync(path, Buffer.concat([start, text, Buffer.alloc(bytes)]));
  try {
    return await io.readSafetensors(path);
  } finally {
    rmSync(dirname(path), { recursive: true });
  }
}

const entry = (dtype: string, shape: unknown, from: number, to: number) => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

test.each<[string, object | string, number, string]>([
  ['a hole', { a: entry('U8', [1], 0, 1), b: entry('U8', [1], 2, 3) }, 3, 'CORRUPT_FILE'],
  ['bytes behind the last tensor', { a: entry('U8', [1], 0, 1) }, 2, 'CORRUPT_FILE'],
  ['too few bytes', { a: entry('F32', [4], 0, 16) }, 8, 'CORRUPT_FILE'],
  ['sizes that overflow', { a: entry('F32', [2 ** 40, 2 ** 40], 0, 4) }, 4, 'CORRUPT_FILE'],
  ['a negative size', { a: entry('F32', [-1], 0, 4) }, 4, 'CORRUPT_FILE'],
  ['no JSON', '{"a":', 0, 'CORRUPT_FILE'],
  ['deep nesting', '['.repeat(1e6), 0, 'CORRUPT_FILE'],
  ['a list', '[]', 0, 'CORRUPT_FILE'],
  ['an unknown dtype', { a: entry('F8_E4M3', [1], 0, 1) }, 1, 'UNSUPPORTED'],
  [
    'a name twice',
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}',
    1,
    'CORRUPT_FILE',
  ],
])('refuses %s', async (_, header, bytes, code) => {
  await expect(readHeader(header, bytes)).rejects.toMatchObject({ code });
});

test('reads a tensor without elements', async () => {
  expect(await readHeader({ a: entry('F16', [0, 3], 0, 0) })).toHaveProperty('size', 1);
});
