import { execFile } from 'node:child_process';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConvforgeError } from '../errors.js';
import type { ImageDataset, ImageSet } from '../datasets/image-set.js';
import { fetchSet } from '../datasets/sources.js';

const run = promisify(execFile);

/** Timeout in milliseconds for one command. */
const PATIENCE = 600_000;

/** Short timeouts, so that a missing network is noticed soon. */
const QUICK = [
  '-o',
  'Acquire::Retries=0',
  '-o',
  'Acquire::http::Timeout=10',
  '-o',
  'Acquire::https::Timeout=10',
];

/** Loads a set from its Debian package, and keeps it in the cache. See {@link fetchDebianPackage}. */
export function loadDebianPackage(
  set: ImageSet & { debianPackage: string },
  log: (message: string) => void,
): Promise<ImageDataset> {
  const { debianPackage } = set;
  return fetchSet(
    set,
    `Debian's package ${debianPackage}`,
    (folder) => fetchDebianPackage(debianPackage, set, folder, log),
    log,
  );
}

/**
 * Downloads a Debian package and copies the set's files in it, as .gz, to `folder`. Installs nothing and
 * needs no privileges. If apt has no package lists, root updates them first, and `log` is told.
 *
 * @throws DATASET_NOT_FOUND with the reason.
 */
export async function fetchDebianPackage(
  name: string,
  set: ImageSet,
  folder: string,
  log: (message: string) => void,
): Promise<void> {
  await downloadPackage(name, folder, log);
  const archive = (await readdir(folder)).find((entry) => entry.endsWith('.deb'));
  if (archive === undefined) return fail('apt-get downloaded no .deb file');
  await command('dpkg', ['-x', archive, 'root'], folder);
  await cp(join(folder, 'root', set.systemFolder), folder, { recursive: true }).catch((error) =>
    fail(`it has no folder ${set.systemFolder}`, error),
  );
}

async function downloadPackage(name: string, folder: string, log: (message: string) => void): Promise<void> {
  const get = () => command('apt-get', [...QUICK, 'download', name], folder);
  try {
    await get();
  } catch (error) {
    if (!/unable to (locate|find)|no packages? found|can't find/i.test((error as Error).message)) throw error;
    if (process.getuid?.() !== 0) {
      return fail(
        `${(error as Error).message}; its package lists may be missing: run 'apt-get update' as root, then try again`,
      );
    }
    log(`apt-get doesn't know the package ${name}. Running 'apt-get update' ...`);
    await command('apt-get', [...QUICK, 'update'], folder);
    await get();
  }
}

/** Runs a program from the PATH in `folder`, with messages in English. */
async function command(program: string, args: string[], folder: string): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C' };
  try {
    await run(program, args, { cwd: folder, env, timeout: PATIENCE });
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: string; stderr?: string };
    if (code === 'ENOENT') return fail(`${program} isn't on the PATH`, error);
    const reasons = (stderr ?? '').split('\n').filter((line) => line.startsWith('E: '));
    fail(`${program}: ${reasons.map((line) => line.slice(3)).join(' ') || message}`, error);
  }
}

function fail(reason: string, cause?: unknown): never {
  throw new ConvforgeError('DATASET_NOT_FOUND', reason, { cause });
}
