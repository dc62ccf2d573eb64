import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DatasetOptions, ImageDataset, ImageSet } from '../../lib/datasets/image-set.js';
import { loadImageSet } from '../../lib/datasets/sources.js';
import { setEnvironment } from './environment.js';
import { CONTENTS, putFiles, temporaryFolder, tinySet } from './tiny-set.js';
import { serve, tinyFiles } from './web-server.js';

let cache: string;
beforeEach(async () => {
  cache = await temporaryFolder();
  setEnvironment({ CONVFORGE_CACHE: cache, CONVFORGE_DATA: undefined });
});

const load = (set: ImageSet, options: DatasetOptions = {}) => loadImageSet('datasets.tiny', set, options);

function expectTiny({ train, test, classNames }: ImageDataset): void {
  expect(train.images.shape).toEqual([2, 2, 3, 1]);
  expect(train.images.dtype).toBe('uint8');
  expect([...train.images.dataSync()]).toEqual([0, 1, 2, 3, 4, 255, 10, 11, 12, 13, 14, 15]);
  expect(train.labels.dtype).toBe('int32');
  expect([...train.labels.dataSync()]).toEqual([7, 200]);
  expect(test.images.shape).toEqual([1, 2, 3, 1]);
  expect([...test.images.dataSync()]).toEqual([5, 6, 7, 8, 9, 10]);
  expect([...test.labels.dataSync()]).toEqual([3]);
  expect(classNames).toEqual(['a', 'b']);
}

describe('a given folder', () => {
  it.each([
    ['the files', '', false],
    ['the files gzipped', '', true],
    ['a subfolder of the files', 'tiny', false],
    ['a subfolder of the files gzipped', 'tiny', true],
  ])('has %s', async (_, subfolder, gzipped) => {
    const folder = await temporaryFolder();
    await putFiles(join(folder, subfolder), { gzipped });
    expectTiny(await load(tinySet(), { folder }));
    setEnvironment({ CONVFORGE_DATA: folder });
    expectTiny(await load(tinySet()));
  });

  it('takes precedence over the environment variable', async () => {
    const folder = await temporaryFolder();
    await putFiles(folder, { gzipped: true });
    setEnvironment({ CONVFORGE_DATA: '/nowhere' });
    expectTiny(await load(tinySet(), { folder }));
  });

  it('that lacks a file is an error even if the cache has the file', async () => {
    await putFiles(join(cache, 'tiny'), { gzipped: true });
    const folder = await temporaryFolder();
    await putFiles(folder, { gzipped: false });
    await rm(join(folder, 'test-labels'));
    for (const [variable, options, givenBy] of [
      [undefined, { folder }, "the option 'folder'"],
      [folder, {}, 'CONVFORGE_DATA'],
    ] as const) {
      setEnvironment({ CONVFORGE_DATA: variable });
      const error = await load(tinySet(), options).catch((e) => e);
      expect(error.code).toBe('DATASET_NOT_FOUND');
      for (const part of [folder, givenBy, 'test-labels', "'tiny'"]) expect(error.message).toContain(part);
    }
  });

  it('with another content is an error with both checksums', async () => {
    const folder = await temporaryFolder();
    await putFiles(folder, { gzipped: false });
    const other = Buffer.from(CONTENTS['test-labels']);
    other[other.length - 1] ^= 1;
    await writeFile(join(folder, 'test-labels'), other);
    const error = await load(tinySet(), { folder }).catch((e) => e);
    expect(error.code).toBe('CORRUPT_FILE');
    expect(error.message).toContain(join(folder, 'test-labels'));
    expect(error.message).toContain(`expected ${tinySet().files.testLabels.sha256}`);
    expect(error.message).toMatch(/content is [0-9a-f]{64}/);
  });

  it('that is a file is an error', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, '');
    await expect(load(tinySet(), { folder: path })).rejects.toMatchObject({ code: 'IO_ERROR' });
  });
});

describe('without a folder', () => {
  it('the cache is used before other sources', async () => {
    await putFiles(join(cache, 'tiny'), { gzipped: true });
    const requests: string[] = [];
    expectTiny(await load(tinySet({ addresses: [await serve(tinyFiles(requests))] })));
    expect(requests).toEqual([]);
  });

  it('an installed package takes precedence over a download', async () => {
    const systemFolder = await temporaryFolder();
    await putFiles(systemFolder, { gzipped: true });
    const requests: string[] = [];
    expectTiny(await load(tinySet({ systemFolder, addresses: [await serve(tinyFiles(requests))] })));
    expect(requests).toEqual([]);
  });

  it('a download is logged, cached, and not repeated', async () => {
    const requests: string[] = [];
    const set = tinySet({ addresses: [await serve(tinyFiles(requests))] });
    const log: string[] = [];
    expectTiny(await load(set, { log: (message) => log.push(message) }));
    expect(log).toEqual([`Getting Tiny from ${set.addresses[0]} ...`]);
    expect(requests).toHaveLength(4);
    expect((await readdir(join(cache, 'tiny'))).sort()).toEqual(
      Object.keys(CONTENTS)
        .map((name) => `${name}.gz`)
        .sort(),
    );
    expectTiny(await load(set));
    expect(requests).toHaveLength(4);
  });

  it.each([
    ['damaged', Buffer.from('not gzip')],
    ['intact but with other content', gzipSync(CONTENTS['train-labels'])],
  ])('a cached file that is %s is replaced', async (_, content) => {
    const path = join(cache, 'tiny', 'test-labels.gz');
    await putFiles(join(cache, 'tiny'), { gzipped: true });
    await writeFile(path, content);
    expectTiny(await load(tinySet({ addresses: [await serve(tinyFiles())] })));
    expect(await readFile(path)).toEqual(gzipSync(CONTENTS['test-labels']));
  });

  it('an address that sends files with another checksum is skipped', async () => {
    const liar = await serve((_, response) => response.end('<html>Please log in</html>'));
    const set = tinySet({ addresses: [liar] });
    await expect(load(set)).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message: expect.stringContaining('not the magic number of an IDX file'),
    });
    expect(await readdir(cache)).toEqual([]);
    expectTiny(await load(tinySet({ addresses: [liar, await serve(tinyFiles())] })));
  });

  it('a read-only cache only logs a message', async () => {
    await writeFile(join(cache, 'file'), '');
    setEnvironment({ CONVFORGE_CACHE: join(cache, 'file') });
    const log: string[] = [];
    const set = tinySet({ addresses: [await serve(tinyFiles())] });
    expectTiny(await load(set, { log: (message) => log.push(message) }));
    expect(log[1]).toMatch(/^It could not be cached: Can't write .*ENOTDIR|EEXIST/);
  });

  it('concurrent fetches download once', async () => {
    const set = tinySet({ addresses: [await serve(tinyFiles())] });
    const loaded = await Promise.all(Array.from({ length: 8 }, () => load(set)));
    loaded.forEach(expectTiny);
    expect((await readdir(join(cache, 'tiny'))).filter((name) => !name.endsWith('.gz'))).toEqual([]);
    expectTiny(await load(tinySet()));
  });

  it('without any source, one error lists what was tried and what to do', async () => {
    await mkdir(join(cache, 'tiny'));
    await writeFile(join(cache, 'tiny', 'train-images'), CONTENTS['train-images']);
    const gone = await serve((_, response) => response.writeHead(410).end());
    const set = tinySet({ addresses: [gone], debianPackage: 'dataset-tiny' });
    const error = await load(set).catch((e) => e);
    expect(error.code).toBe('DATASET_NOT_FOUND');
    expect(error.message.split('\n')).toEqual([
      "Tiny can't be found.",
      `- the cache: ${join(cache, 'tiny')} lacks train-labels, test-images, test-labels`,
      '- a system package: /nowhere/datasets/tiny lacks its files',
      `- download from ${gone}: train-images.gz: the server answers 410 Gone`,
      expect.stringMatching(/apt-get install dataset-tiny.*train-images, .*CONVFORGE_DATA/),
    ]);
  });
});

describe('options', () => {
  it.each<[object, string, RegExp]>([
    [{ folders: 'a' }, 'UNKNOWN_OPTION', /datasets.tiny: .*'folders'.*'folder'/],
    [{ folder: 7 }, 'INVALID_ARGUMENT', /folder is 7/],
    [{ folder: '' }, 'INVALID_ARGUMENT', /folder is ''/],
    [{ log: 'loud' }, 'INVALID_ARGUMENT', /log is 'loud'/],
  ])('%j', async (options, code, message) => {
    await expect(load(tinySet(), options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
