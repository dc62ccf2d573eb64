import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * Names of temporary files tell who writes them: "model.json.<machine>-<process>-<its start>-<number>.tmp".
 * So the next writer can remove those of writers that were killed, and never those of one that still writes.
 */
const TEMPORARY = /^(.+)\.([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{12}\.tmp$/;

/** Age in milliseconds from which a temporary file is a stray, whoever wrote it: writers keep changing theirs. */
const MAX_AGE = 24 * 3600 * 1000;

let thisWriter: { machine: string; start: string } | undefined;

/** The machine and the start of this process. Process numbers are only unique within a pid namespace. */
function writer(): { machine: string; start: string } {
  if (thisWriter) return thisWriter;
  const facts = [hostname(), textOf('/proc/sys/kernel/random/boot_id'), linkOf('/proc/self/ns/pid')];
  const machine = createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 8);
  thisWriter = { machine, start: startIn(textOf('/proc/self/stat')) };
  return thisWriter;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The start of a process, in clock ticks since the machine's, from its /proc/<pid>/stat. 0 where there is none. */
function startIn(status: string): string {
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
}

/** A new path for a temporary file or folder beside `path`. */
export function temporaryPath(path: string): string {
  const { machine, start } = writer();
  return `${path}.${machine}-${process.pid}-${start}-${randomBytes(6).toString('hex')}.tmp`;
}

/** A temporary file or folder in a folder. */
export interface Temporary {
  path: string;
  /** The name that it would have got. */
  target: string;
  /** Whether its writer is gone. */
  isStray: boolean;
}

/** The temporary files and folders in `folder` for which `isOurs` is true of the name that they would have got. */
export async function temporariesIn(
  folder: string,
  isOurs: (target: string) => boolean,
): Promise<Temporary[]> {
  const found: Temporary[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const [, target, machine, pid, start] = TEMPORARY.exec(name) ?? [];
    if (target === undefined || !isOurs(target)) continue;
    const path = join(folder, name);
    const isStray = (await isOld(path)) || (machine === writer().machine && !(await lives(pid, start)));
    found.push({ path, target, isStray });
  }
  return found;
}

/** Removes a file or folder. Failures are ignored, since a later writer tries again. */
export async function removeQuietly(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > MAX_AGE;
}

/** Whether the process lives that had this number and start. */
async function lives(pid: string, start: string): Promise<boolean> {
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it lives, as another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status === '' || startIn(status) === start;
}
