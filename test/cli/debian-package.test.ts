import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchDebianPackage } from '../../lib/cli/debian-package.js';
import { setEnvironment } from '../datasets/environment.js';
import { CONTENTS, putFiles, temporaryFolder, tinySet } from '../datasets/tiny-set.js';

const LACKING = 'echo "E: Unable to locate package dataset-tiny" >&2; exit 100';

let programs: string;
let packed: string;
let folder: string;

beforeEach(async () => {
  [programs, packed, folder] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
  await putFiles(packed, { gzipped: true });
  setEnvironment({ PATH: `${programs}${delimiter}${process.env.PATH}` });
  await program('dpkg', `mkdir -p "$3/nowhere/datasets/tiny" && cp ${packed}/* "$3/nowhere/datasets/tiny"`);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Puts a shell script on the PATH. */
async function program(name: string, script: string): Promise<void> {
  await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(programs, name), 0o755);
}

const said: string[] = [];
const fetchTiny = () =>
  fetchDebianPackage('dataset-tiny', tinySet(), folder, (message) => said.push(message));

describe.skipIf(process.platform === 'win32')('the Debian package', () => {
  it('is downloaded by name and unpacked without being installed', async () => {
    await program('apt-get', `echo "$@" > ${programs}/arguments; touch dataset-tiny_1_all.deb`);
    await fetchTiny();
    expect(await readFile(`${programs}/arguments`, 'utf8')).toMatch(/ download dataset-tiny\n$/);
    for (const [name, content] of Object.entries(CONTENTS)) {
      expect(gunzipSync(await readFile(join(folder, `${name}.gz`)))).toEqual(content);
    }
  });

  it('is looked up again after apt-get update as root', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    await program(
      'apt-get',
      `case "$*" in *update) touch ${programs}/updated;; *)
       if [ -e ${programs}/updated ]; then touch a.deb; else ${LACKING}; fi;; esac`,
    );
    await fetchTiny();
    expect(await readdir(folder)).toContain('train-images.gz');
    expect(said).toEqual(["apt-get doesn't know the package dataset-tiny. Running 'apt-get update' ..."]);
  });

  it('needs apt-get update, which only root can run', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await program('apt-get', `case "$*" in *update) touch ${programs}/updated;; *) ${LACKING};; esac`);
    await expect(fetchTiny()).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message: expect.stringMatching(/Unable to locate package dataset-tiny.*run 'apt-get update' as root/),
    });
    expect(await readdir(programs)).not.toContain('updated');
  });

  it.each([
    [
      'apt-get fails',
      'echo "W: noise" >&2; echo "E: Failed to fetch it" >&2; exit 100',
      /apt-get: Failed to fetch it/,
    ],
    ['apt-get says nothing', 'exit 3', /apt-get: Command failed/],
    ['apt-get brings nothing', 'exit 0', /no \.deb file/],
  ])('cannot be had where %s', async (_, script, reason) => {
    await program('apt-get', script);
    await expect(fetchTiny()).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message: expect.stringMatching(reason),
    });
  });

  it("must contain the dataset's folder", async () => {
    await program('apt-get', 'touch a.deb');
    await program('dpkg', 'mkdir -p "$3/elsewhere"');
    await expect(fetchTiny()).rejects.toThrow('it has no folder /nowhere/datasets/tiny');
  });

  it('needs apt-get on the PATH', async () => {
    setEnvironment({ PATH: programs });
    await expect(fetchTiny()).rejects.toThrow("apt-get isn't on the PATH");
  });
});
