import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach } from 'vitest';
import type { ImageSet, KnownFile } from '../../lib/datasets/image-set.js';
import { idxBytes } from './idx-bytes.js';

/** Two training images and one test image of 2x3. */
export const CONTENTS: Record<string, Buffer> = {
  'train-images': idxBytes(8, [2, 2, 3], [0, 1, 2, 3, 4, 255, 10, 11, 12, 13, 14, 15]),
  'train-labels': idxBytes(8, [2], [7, 200]),
  'test-images': idxBytes(8, [1, 2, 3], [5, 6, 7, 8, 9, 10]),
  'test-labels': idxBytes(8, [1], [3]),
};

/** A set with these contents that can't be found anywhere, except where `changes` says. */
export function tinySet(changes: Partial<ImageSet> = {}): ImageSet {
  return {
    name: 'tiny',
    title: 'Tiny',
    files: {
      trainImages: known('train-images'),
      trainLabels: known('train-labels'),
      testImages: known('test-images'),
      testLabels: known('test-labels'),
    },
    addresses: [],
    systemFolder: '/nowhere/datasets/tiny',
    classNames: ['a', 'b'],
    ...changes,
  };
}

function known(name: string): KnownFile {
  const sha256 = createHash('sha256').update(CONTENTS[name]).digest('hex');
  return { name, size: CONTENTS[name].length, sha256 };
}

/** Puts the files into `folder`, all plain or all gzipped. */
export async function putFiles(folder: string, { gzipped }: { gzipped: boolean }): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(CONTENTS)) {
    await writeFile(join(folder, gzipped ? `${name}.gz` : name), gzipped ? gzipSync(content) : content);
  }
}

const folders: string[] = [];

/** An empty folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'convforge-test-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});
