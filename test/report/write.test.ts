import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { write } from '../../lib/report/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('writing creates the folder and replaces the file', async () => {
  const path = join(folder, 'a', 'b', 'report.html');
  await write(path, 'old');
  await write(path, 'nêw');
  expect(await readFile(path, 'utf8')).toBe('nêw');
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['report.html']);
});

it('writing never exposes a partial file', async () => {
  const path = join(folder, 'report.html');
  const texts = ['a', 'b'].map((letter) => letter.repeat(1_000_000));
  await write(path, texts[0]);
  const writing = Promise.all(Array.from({ length: 6 }, (_, index) => write(path, texts[index % 2])));
  for (let i = 0; i < 20; i++) expect(texts.includes(await readFile(path, 'utf8'))).toBe(true);
  await writing;
  expect(await readdir(folder)).toEqual(['report.html']);
});

it("writing names a file that it can't write, and leaves no temporary files", async () => {
  await writeFile(join(folder, 'file'), 'kept');
  const path = join(folder, 'file', 'report.html');
  await expect(write(path, 'text')).rejects.toMatchObject({
    code: 'IO_ERROR',
    message: expect.stringContaining(path),
    cause: { code: expect.stringMatching(/ENOTDIR|EEXIST/) },
  });
  expect(await readdir(folder)).toEqual(['file']);
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('kept');
});
