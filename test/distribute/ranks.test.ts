import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { loadMpiAddon } from '../../lib/distribute/mpi-addon.js';
import { HAS_MPI, type Outcome, runRanks } from './run-ranks.js';

const run = (ranks: number, name: string): Promise<Outcome> =>
  runRanks(ranks, [join(__dirname, 'ranks.cjs'), name]);

const lines = (text: string) => text.trim().split('\n').sort();

describe.skipIf(!HAS_MPI)('ranks that mpirun starts (skipped without mpirun)', () => {
  it('talk to each other', async () => {
    const { code, out, err } = await run(3, 'talk');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const all = [
      [0, 1],
      [1, 2],
      [2, 3],
    ];
    expect(lines(out).map((line) => JSON.parse(line))).toEqual(
      all.map((_, rank) => ({ rank, ranks: 3, all, first: [7, 8, 9] })),
    );
  });

  it('all say what differs, and where', async () => {
    const { out } = await run(3, 'differ');
    const text =
      'DISTRIBUTED: The ranks of this training differ: seed is 1 on ranks 0 and 2 and 7 on rank 1; ' +
      'more is none on ranks 0-1 and x on rank 2. They must be alike.';
    expect(lines(out)).toEqual([text, text, text]);
  });

  it('find other options', async () => {
    const { out } = await run(2, 'options');
    expect(lines(out)[0]).toMatch(/^DISTRIBUTED: .*exact is false on rank 0 and true on rank 1/);
  });

  it('end when one throws', async () => {
    const { code, err } = await run(2, 'throws');
    expect(code).toBe(1);
    expect(err).toContain('Error: a mistake of the script');
    expect(err).toContain(
      "Rank 0 can't go on: rank 1 has ended, with exit code 1, while this rank waits for it.",
    );
  });

  it('end when one throws that the others do not wait for', async () => {
    const { code, err, seconds } = await run(2, 'throwsAlone');
    expect(code).toBe(1);
    expect(err).toContain('Error: a mistake of the script');
    expect(err).toContain('rank 1 has ended with exit code 1, and ends the other ranks');
    expect(seconds).toBeLessThan(30);
  });

  it('notice one that leaves', async () => {
    const { code, out } = await run(2, 'leaves');
    expect(code).toBe(0);
    expect(out).toMatch(/^DISTRIBUTED: Rank 0 can't go on: rank 1 has ended, with exit code 0/);
  });

  it('end when one leaves while another sends to it', async () => {
    const { code, out, err } = await run(2, 'leavesSum');
    expect(out).toMatch(/^rank 1 has ended, with exit code 0, while this rank waits for it$/m);
    expect(out).toMatch(/^DISTRIBUTED: Rank 0 can't go on: an earlier error has left transfers under way/m);
    expect(err).toContain('rank 0 has ended with exit code 0, and ends the other ranks');
    expect(code).toBe(1);
  });

  it('end when one is killed', async () => {
    const { code, out, err, seconds } = await run(3, 'dies');
    expect(code).not.toBe(0);
    // MPICH's mpirun says so on its standard output.
    expect(out + err).toMatch(/signal 9|EXIT CODE: 9/);
    expect(seconds).toBeLessThan(30);
  });

  it('are processes, not workers', async () => {
    const { out } = await run(2, 'worker');
    expect(lines(out)).toEqual(['UNSUPPORTED', 'UNSUPPORTED']);
  });
});

describe('one rank', () => {
  it('works without mpirun', async () => {
    const alone = await tf.distribute.mpi();
    expect([alone.rank, alone.ranks, alone.collective]).toEqual([0, 1, undefined]);
    await alone.check({ seed: '1' });
    await alone.barrier();
    expect([...(await alone.broadcast(new Uint8Array([3])))]).toEqual([3]);
    expect(await alone.gather(new Uint8Array([4]))).toEqual([new Uint8Array([4])]);
  });

  it('knows its options', async () => {
    await expectError(
      () => tf.distribute.mpi({ exakt: true } as object),
      'UNKNOWN_OPTION',
      /did you mean 'exact'/,
    );
    await expectError(
      () => tf.distribute.mpi({ exact: 1 as unknown as boolean }),
      'INVALID_ARGUMENT',
      /distribute\.mpi: exact is 1/,
    );
  });
});

describe('an addon that is missing', () => {
  const path = temporaryFolder();

  it('is told of, with what to do', async () => {
    await expectError(
      () => loadMpiAddon(4, path('')),
      'ADDON_UNAVAILABLE',
      /4 processes, and no addon for MPI: .*convforge_mpi\.node is not there\. .*npx convforge build --mpi/,
    );
  });
});
