import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeAtomically } from '../../lib/io/write-files.js';
import { expectError } from '../support/convforge-error.js';

describe('a file that another process holds', () => {
  const { platform } = process;
  const { rename } = fs;
  let folder: string;
  let tries: number;

  beforeEach(async () => {
    folder = await fs.mkdtemp(join(tmpdir(), 'convforge-test-'));
    tries = 0;
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    Object.defineProperty(process, 'platform', { value: platform });
    await fs.rm(folder, { recursive: true });
  });

  /** Writes a file while the first `failures` renames fail. Returns its path. */
  const write = async (system: string, code: string, failures: number) => {
    Object.defineProperty(process, 'platform', { value: system });
    vi.spyOn(fs, 'rename').mockImplementation((from, to) =>
      tries++ < failures
        ? Promise.reject(Object.assign(new Error(`${code}: held`), { code }))
        : rename(from, to),
    );
    const path = join(folder, 'a.json');
    await writeAtomically(path, (temporary) => fs.writeFile(temporary, 'new'));
    return path;
  };

  it.each(['EPERM', 'EBUSY', 'EACCES'])('is replaced once it is free, on Windows: %s', async (code) => {
    expect(await fs.readFile(await write('win32', code, 3), 'utf8')).toBe('new');
    expect(tries).toBe(4);
  });

  it.each([
    ['win32', 'EPERM', 8],
    ['win32', 'ENOSPC', 1],
    ['linux', 'EPERM', 1],
  ])('is IO_ERROR on %s, %s, after %i tries', async (system, code, most) => {
    await expectError(() => write(system, code, 100), 'IO_ERROR', new RegExp(`a\\.json: ${code}`));
    expect(tries).toBe(most);
    expect(await fs.readdir(folder)).toEqual([]);
  });
});
