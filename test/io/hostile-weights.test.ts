import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadLayersModel } from '../../lib/models/load-layers-model.js';
import { CHECKSUMS, type Damage, Victim, WEIGHTS } from './victim.js';

const victim = new Victim();
const PATHS = 'weightsManifest.0.paths';

describe('manifest', () => {
  it.each<Damage>([
    ['weightsManifest.0', null, 'CORRUPT_FILE', 'paths and weights'],
    [PATHS, 'weights.bin', 'CORRUPT_FILE', 'paths and weights'],
    [PATHS, [7], 'CORRUPT_FILE', '7'],
    [`${WEIGHTS}.0`, null, 'CORRUPT_FILE', 'no name'],
    [`${WEIGHTS}.0.name`, 5, 'CORRUPT_FILE', 'no name'],
    [`${WEIGHTS}.0.shape`, [Number.NaN, 2], 'CORRUPT_FILE', '[null, 2]'],
    [`${WEIGHTS}.1.shape`, [-2], 'CORRUPT_FILE', '[-2]'],
    [`${WEIGHTS}.1.shape`, [1.5], 'CORRUPT_FILE', '[1.5]'],
    [`${WEIGHTS}.1.shape`, '2', 'CORRUPT_FILE', "'2'"],
    [`${WEIGHTS}.1.shape`, [2 ** 30, 2 ** 30], 'CORRUPT_FILE', 'no file can hold'],
    [`${WEIGHTS}.1.shape`, [2, 1], 'CORRUPT_FILE', 'needs float32 [2]'],
    [`${WEIGHTS}.1.dtype`, 'int32', 'CORRUPT_FILE', 'is int32 [2]'],
    [`${WEIGHTS}.1.dtype`, 'string', 'UNSUPPORTED', "'string'"],
    [`${WEIGHTS}.1.dtype`, 'constructor', 'UNSUPPORTED', "'constructor'"],
    [`${WEIGHTS}.1.name`, 'conv2d_1/kernel', 'CORRUPT_FILE', "'conv2d_1/kernel' is listed twice"],
    [`${WEIGHTS}.1.name`, '__proto__', 'CORRUPT_FILE', "'conv2d_1/bias' is missing"],
    [`${WEIGHTS}.1.group`, 'optimizer', 'CORRUPT_FILE', "'conv2d_1/bias' is missing"],
    [`${WEIGHTS}.13`, { name: 'x', shape: [], dtype: 'float32' }, 'CORRUPT_FILE', "no weight 'x'"],
    [PATHS, ['a', 'a'], 'CORRUPT_FILE', "'a' is listed twice"],
    [PATHS, [], 'CORRUPT_FILE', 'have 0'],
    [PATHS, ['w.bin'], 'IO_ERROR', 'w.bin'],
    [PATHS, ['.'], 'CORRUPT_FILE', 'not a regular file'],
    [PATHS, ['/etc/passwd'], 'CORRUPT_FILE', 'outside'],
    [PATHS, ['C:\\w.bin'], 'CORRUPT_FILE', 'outside'],
    [PATHS, ['..'], 'CORRUPT_FILE', 'outside'],
    [PATHS, ['../w.bin'], 'CORRUPT_FILE', 'outside'],
    [PATHS, ['a\\..\\..\\w.bin'], 'CORRUPT_FILE', 'outside'],
    [PATHS, [''], 'CORRUPT_FILE', 'outside'],
    [PATHS, ['weights.bin\0'], 'CORRUPT_FILE', 'outside'],
  ])('with %s = %j is refused', async (path, value, code, text) => {
    await victim.damage(path, value);
    // The list of paths is damaged alone.
    if (path === PATHS) await victim.damage(CHECKSUMS, undefined);
    await victim.refuses(code, text);
  });

  it.each([['abc'], [[]], [[1]], [['ab'.repeat(31)]], [['AB'.repeat(32)]], [{}]])(
    'with the checksums %j is refused',
    async (value) => {
      await victim.damage(CHECKSUMS, value);
      await victim.refuses('CORRUPT_FILE', 'sha256 in weightsManifest');
    },
  );
});

describe('weights', () => {
  it('with any flipped bit are refused, unless model.json has no checksum', async () => {
    const bytes = await readFile(victim.weights);
    for (let bit = 0; bit < bytes.length * 8; bit += 13) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit % 8);
      await writeFile(victim.weights, flipped);
      await victim.refuses('CORRUPT_FILE', basename(victim.weights));
    }
    await victim.damage(CHECKSUMS, undefined);
    expect((await loadLayersModel(victim.folder)).name).toBe('victim');
  });

  it.each([
    ['empty', (bytes: Buffer) => bytes.subarray(0, 0)],
    ['a byte short', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['a byte long', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
  ])('that are %s are refused', async (_what, edit) => {
    const bytes = await readFile(victim.weights);
    await writeFile(victim.weights, edit(bytes));
    const sizes = `need ${bytes.length} bytes, but '${basename(victim.weights)}' has ${edit(bytes).length}`;
    await victim.refuses('CORRUPT_FILE', sizes);
  });

  it('that link out of the folder are refused, and links inside are followed', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'convforge-outside-'));
    const bytes = await readFile(victim.weights);
    await rm(victim.weights);
    await writeFile(join(outside, 'w.bin'), bytes);
    await symlink(join(outside, 'w.bin'), victim.weights);
    await victim.refuses('CORRUPT_FILE', 'a link out of');
    await rm(victim.weights);
    await writeFile(victim.file('real.bin'), bytes);
    await symlink('real.bin', victim.weights);
    expect((await loadLayersModel(victim.folder)).name).toBe('victim');
    await rm(outside, { recursive: true });
  });

  it.skipIf(process.platform === 'win32')('that are a pipe are refused without waiting', async () => {
    await rm(victim.weights);
    execFileSync('mkfifo', [victim.weights]);
    await victim.refuses('CORRUPT_FILE', 'not a regular file');
  });
});
