import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mpiAddonFile } from '../../lib/distribute/mpi-addon.js';
import { HAS_MPI, runRanks } from './run-ranks.js';

const ADDON = mpiAddonFile(join(__dirname, '..', '..'));

describe.skipIf(!HAS_MPI)('sums over the ranks (skipped without mpirun)', () => {
  it.each([2, 3, 4])('of %d ranks have the bits of the tree over the shards', async (ranks) => {
    const { code, out, err } = await runRanks(ranks, [join(__dirname, 'fold-sums.cjs'), ADDON]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const checks = 13 * (9 - ranks);
    const expected = Array.from({ length: ranks }, (_, rank) => `rank ${rank} of ${ranks}: ${checks} sums`);
    expect(out.trim().split('\n').sort()).toEqual(expected);
  });
});
