import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HAS_MPI, runRanks } from './run-ranks.js';

/** How many ranks to kill; `npm run check:long mpi` kills 30. */
const KILLS = Number(process.env.MPI_KILLS ?? 3);
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!HAS_MPI)('ranks that are killed (skipped without mpirun)', () => {
  it.each(Array.from({ length: KILLS }, (_, i) => i))('number %d ends all within 10 s', async (i) => {
    const ranks = 2 + (i % 3);
    let pids: number[] = [];
    let killed = 0;
    const outcome = await runRanks(ranks, [join(__dirname, 'sum-forever.cjs')], {}, (out) => {
      if (pids.length === ranks) return;
      pids = [...out.matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));
      if (pids.length < ranks) return;
      setTimeout(() => {
        killed = performance.now();
        process.kill(pids[Math.floor(Math.random() * ranks)], SIGNALS[i % SIGNALS.length]);
      }, Math.random() * 1000);
    });
    expect(performance.now() - killed).toBeLessThan(10_000);
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toMatch(/signal|ended/);
    // mpirun may end a moment before the ranks that it has killed.
    for (let wait = 0; wait < 50 && pids.some(isAlive); wait++) await sleep(100);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
