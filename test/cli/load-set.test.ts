import { chmod, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadSet } from '../../lib/cli/load-set.js';
import { loadImageSet } from '../../lib/datasets/sources.js';
import { setEnvironment } from '../datasets/environment.js';
import { putFiles, temporaryFolder, tinySet } from '../datasets/tiny-set.js';

const SET = tinySet({ debianPackage: 'dataset-tiny' });

let programs: string;
let cache: string;

beforeEach(async () => {
  [programs, cache] = [await temporaryFolder(), await temporaryFolder()];
  setEnvironment({
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    CONVFORGE_CACHE: cache,
    CONVFORGE_DATA: undefined,
  });
});

/** Puts a shell script on the PATH that records that it was run. */
async function program(name: string, script: string): Promise<void> {
  await writeFile(join(programs, name), `#!/bin/sh\ntouch ${programs}/${name}-ran\n${script}\n`);
  await chmod(join(programs, name), 0o755);
}

describe.skipIf(process.platform === 'win32')('the set of a command', () => {
  it("falls back to Debian's package, and is then cached", async () => {
    const packed = await temporaryFolder();
    await putFiles(packed, { gzipped: true });
    await program('apt-get', 'touch dataset-tiny_1_all.deb');
    await program('dpkg', `mkdir -p "$3/nowhere/datasets" && cp -r ${packed} "$3/nowhere/datasets/tiny"`);
    const said: string[] = [];
    const { train } = await loadSet(SET, (message) => said.push(message));
    expect(train.labels.shape).toEqual([2]);
    expect(said).toEqual(["Getting Tiny from Debian's package dataset-tiny ..."]);
    expect(await readdir(join(cache, 'tiny'))).toContain('train-labels.gz');
  });

  it('fails with a list of the sources tried', async () => {
    await program('apt-get', 'echo "E: Failed to fetch it" >&2; exit 100');
    await expect(loadSet(SET, () => {})).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message: expect.stringMatching(
        /Tiny can't be found[\s\S]*dataset-tiny can't be fetched either: .*Failed to fetch it/,
      ),
    });
  });

  it('must be in the folder that CONVFORGE_DATA names', async () => {
    await program('apt-get', 'exit 0');
    setEnvironment({ CONVFORGE_DATA: cache });
    await expect(loadSet(SET, () => {})).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message: expect.stringContaining('CONVFORGE_DATA'),
    });
    expect(await readdir(programs)).not.toContain('apt-get-ran');
  });

  it('runs apt-get, whereas the library only names the command', async () => {
    await program('apt-get', 'exit 0');
    await expect(loadImageSet('datasets.tiny', SET, {})).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message: expect.stringContaining("'apt-get install dataset-tiny'"),
    });
    expect(await readdir(programs)).not.toContain('apt-get-ran');
  });
});
