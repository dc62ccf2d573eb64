import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { HAS_MPI, type Outcome, runRanks } from './run-ranks.js';

/** How many ranks to kill; `npm run check:long mpi` kills 30. */
const KILLS = Number(process.env.MPI_KILLS ?? 3);
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;
const WORK = join(__dirname, 'long-work.cjs');
const path = temporaryFolder();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs on so many ranks, and kills one of them within a second or two after they have begun. */
async function killOne(ranks: number, signal: NodeJS.Signals, work: readonly string[]): Promise<Outcome> {
  let pids: number[] = [];
  let killed = 0;
  const outcome = await runRanks(ranks, [WORK, ...work], {}, (out) => {
    if (pids.length === ranks) return;
    pids = [...out.matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));
    if (pids.length < ranks) return;
    setTimeout(() => {
      killed = performance.now();
      const pid = pids[Math.floor(Math.random() * ranks)];
      if (isAlive(pid)) process.kill(pid, signal);
    }, Math.random() * 1500);
  });
  expect(performance.now() - killed).toBeLessThan(10_000);
  // mpirun may end a moment before the ranks that it has killed.
  for (let wait = 0; wait < 50 && pids.some(isAlive); wait++) await sleep(100);
  expect(pids.filter(isAlive)).toEqual([]);
  return outcome;
}

const hashesOf = ({ out }: { out: string }) => [...out.matchAll(/^hash (\w+)$/gm)].map(([, hash]) => hash);

describe.skipIf(!HAS_MPI)('ranks that are killed (skipped without mpirun)', () => {
  it.each(Array.from({ length: KILLS }, (_, i) => i))('number %d ends all within 10 s', async (i) => {
    const { code, err } = await killOne(2 + (i % 3), SIGNALS[i % SIGNALS.length], ['sums']);
    expect(code).not.toBe(0);
    expect(err).toMatch(/signal|ended/);
  });

  it.each(Array.from({ length: Math.ceil(KILLS / 5) }, (_, i) => i))(
    'number %d resumes on another number of ranks, to the same bits',
    async (i) => {
      const alone = spawnSync(process.execPath, [WORK, 'train', path('alone')], { encoding: 'utf8' });
      const [expected] = hashesOf({ out: alone.stdout });
      expect(expected, alone.stderr).toBeDefined();
      for (const ranks of [2, 3])
        await killOne(ranks, SIGNALS[i % SIGNALS.length], ['train', path('killed')]);
      const last = await runRanks(2 + (i % 3), [WORK, 'train', path('killed')]);
      expect({ code: last.code, err: last.err }).toEqual({ code: 0, err: '' });
      expect([...new Set(hashesOf(last))]).toEqual([expected]);
    },
  );
});
