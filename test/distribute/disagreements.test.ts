import { expect, it } from 'vitest';
import { disagreements } from '../../lib/distribute/disagreements.js';
import { launchedRanks } from '../../lib/distribute/launcher.js';

it('ranks that agree have nothing to tell', () => {
  expect(disagreements([{ seed: '1' }, { seed: '1' }])).toBe('');
});

it('what differs is named, with the ranks', () => {
  const facts = (seed: string, model = 'a') => ({ seed, model });
  expect(disagreements([facts('1'), facts('1'), facts('2'), facts('3'), facts('1', 'b')])).toBe(
    'seed is 1 on ranks 0-1 and 4, 2 on rank 2 and 3 on rank 3; model is a on ranks 0-3 and b on rank 4',
  );
});

it('long texts are cut to where they differ', () => {
  const start = 'x'.repeat(500);
  const text = disagreements([{ weights: `${start}a` }, { weights: `${start}b` }]);
  expect(text).toMatch(/^weights is \.\.\.x+a on rank 0 and \.\.\.x+b on rank 1$/);
  expect(text.length).toBeLessThan(300);
});

it.each<[NodeJS.ProcessEnv, number | undefined]>([
  [{}, undefined],
  [{ OMPI_COMM_WORLD_SIZE: '4' }, 4],
  [{ PMI_SIZE: '2' }, 2],
  [{ PMIX_RANK: '0', SLURM_STEP_NUM_TASKS: '8' }, 8],
  // A batch script of Slurm, which has started nothing together.
  [{ SLURM_STEP_NUM_TASKS: '8' }, undefined],
  [{ OMPI_COMM_WORLD_SIZE: 'many' }, undefined],
])('the environment %j means %s processes', (env, ranks) => {
  expect(launchedRanks(env)).toBe(ranks);
});
