/** How much of the machine this process may use by default: settings, and the limits of its container. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConvforgeError } from '../errors.js';

/**
 * The number of threads: CONVFORGE_THREADS, else OMP_NUM_THREADS (its first number, if it lists one per
 * nesting level), else the number of processors that this process may use, by its affinity and its
 * container's quota. Processes that mpirun has started on one machine divide its processors, unless it has bound
 * each to some of them.
 */
export function threadCount(env: NodeJS.ProcessEnv): number {
  for (const name of ['CONVFORGE_THREADS', 'OMP_NUM_THREADS']) {
    const text = env[name]?.split(',')[0].trim();
    if (!text) continue;
    const threads = Number(text);
    if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${name}=${env[name]} is not a number of threads: use a whole number from 1 to 1024.`,
    );
  }
  const quota = Math.floor(cpuQuota(readText) ?? Number.POSITIVE_INFINITY);
  const processors = Math.min(os.availableParallelism(), quota);
  const isBound = os.availableParallelism() < os.cpus().length;
  return Math.max(1, isBound ? processors : Math.floor(processors / localRanks(env)));
}

/** How many processes mpirun has started on this machine, as Open MPI and MPICH tell it. */
function localRanks(env: NodeJS.ProcessEnv): number {
  // NaN and 0 stand for a number that isn't told.
  return Number(env.OMPI_COMM_WORLD_LOCAL_SIZE ?? env.MPI_LOCALNRANKS) || 1;
}

const UNITS: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** What may be taken by default, as a share of the machine's memory or of its container's limit. */
const DEFAULT_SHARE = 0.9;

/** The bytes that the native engine may take: CONVFORGE_MEMORY, else 90 % of the memory there is. */
export function memoryBudget(env: NodeJS.ProcessEnv): number {
  const text = env.CONVFORGE_MEMORY?.trim();
  if (!text) {
    // 0, undefined and numbers beyond the machine's memory stand for no limit.
    const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
    return Math.floor(DEFAULT_SHARE * Math.min(os.totalmem(), limit));
  }
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * UNITS[unit?.toUpperCase() ?? '']);
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `CONVFORGE_MEMORY=${text} is not an amount of memory: use a number of bytes, or one like 512M or 2G.`,
  );
}

/** The text of a file, or undefined if it can't be read. */
export type ReadText = (file: string) => string | undefined;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The processors that this process's control group may use, such as 1.5; undefined if there is no limit. The
 * limits of groups around it count, too. https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max) and
 * https://docs.kernel.org/scheduler/sched-bwc.html (cpu.cfs_quota_us).
 */
export function cpuQuota(read: ReadText): number | undefined {
  const quotas: number[] = [];
  for (const line of read('/proc/self/cgroup')?.split('\n') ?? []) {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (group === undefined) continue;
    const unified = controllers === '';
    if (!unified && !controllers.split(',').includes('cpu')) continue;
    for (const folder of foldersAround(unified ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu', group)) {
      const quota = unified ? quotaOf(read(path.posix.join(folder, 'cpu.max'))) : oldQuota(read, folder);
      if (quota !== undefined) quotas.push(quota);
    }
  }
  return quotas.length > 0 ? Math.min(...quotas) : undefined;
}

/** The folder of a group and of those around it. In a container, its own group may be the root. */
function foldersAround(root: string, group: string): string[] {
  const folders = [root];
  for (const name of group.split('/').filter((part) => part !== '' && part !== '..'))
    folders.push(path.posix.join(folders[folders.length - 1], name));
  return folders;
}

/** "150000 100000" is 1.5; "max 100000" is no limit. */
function quotaOf(text: string | undefined): number | undefined {
  const [quota, period] = text?.trim().split(/\s+/).map(Number) ?? [];
  return quota > 0 && period > 0 ? quota / period : undefined;
}

function oldQuota(read: ReadText, folder: string): number | undefined {
  const [quota, period] = ['quota', 'period'].map((name) =>
    read(path.posix.join(folder, `cpu.cfs_${name}_us`)),
  );
  return quotaOf(`${quota} ${period}`);
}
