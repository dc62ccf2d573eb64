import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { HAS_MPI, runRanks } from './run-ranks.js';

const pathOf = temporaryFolder();
const SCRIPT = join(__dirname, 'train.cjs');

interface End {
  rank: number;
  weights?: string;
  history?: Record<string, number[]>;
  calls?: number[];
  code?: string;
  message?: string;
}

/** What each rank ends with, in order. */
async function train(ranks: number, name: string, options: object = {}): Promise<End[]> {
  const { out, err } = await runRanks(ranks, [SCRIPT, name, JSON.stringify(options)]);
  const ends = out.match(/^\{.*\}$/gm) ?? [];
  expect(ends.length, err).toBe(ranks);
  return ends.map((line): End => JSON.parse(line)).sort((a, b) => a.rank - b.rank);
}

function alone(name: string, options: object = {}): End {
  const env = { ...process.env, CONVFORGE_THREADS: '2' };
  return JSON.parse(
    execFileSync(process.execPath, [SCRIPT, name, JSON.stringify(options)], {
      env,
      stdio: 'pipe',
    }).toString(),
  );
}

/** Expects each rank to end as one process with as many shards. */
async function expectAsAlone(ranks: number, name: string, shards: number): Promise<End[]> {
  const { weights, history } = alone(name, { shards });
  expect(weights).toMatch(/^[0-9a-f]{16}$/);
  const ends = await train(ranks, name, { shards });
  for (const end of ends)
    expect({ weights: end.weights, history: end.history }).toEqual({ weights, history });
  return ends;
}

describe.skipIf(!HAS_MPI)('trainings that ranks share (skipped without mpirun)', () => {
  it.each([
    [2, 'arrays', 2],
    [2, 'arrays', 5],
    [3, 'arrays', 4],
    [4, 'arrays', 4],
    [3, 'dataset', 8],
    [2, 'drawn', 2],
    [2, 'stopsEarly', 4],
    [2, 'notFinite', 2],
    [2, 'wide', 2],
    [3, 'validates', 8],
  ])('%d ranks give the bits of one process: %s in %d shards', async (ranks, name, shards) => {
    await expectAsAlone(ranks, name, shards);
  });

  it('validate in shards, of all samples', async () => {
    for (const { history, calls } of await train(2, 'validates', { shards: 8 })) {
      expect(history?.val_count).toEqual([5, 5]);
      expect(calls).toEqual([5, 5]);
      const whole = alone('validates', { shards: 1 }).history;
      expect(history?.val_acc).toEqual(whole?.val_acc);
    }
  });

  it.each([
    [2, 2],
    [3, 5],
    [2, 32],
  ])('%d ranks evaluate as one process with %d shards', async (ranks, shards) => {
    const { calls } = alone('evaluate', { shards });
    expect(calls?.map((score) => score > 0)).toEqual([true, true]);
    for (const end of await train(ranks, 'evaluate', { shards })) expect(end.calls).toEqual(calls);
    const whole = alone('evaluate').calls as number[];
    expect(calls?.[0]).toBeCloseTo(whole[0], 5);
    expect(calls?.[1]).toBe(whole[1]);
  });

  it.each([
    [2, 2, 1],
    [2, 8, 1],
    [4, 4, 1.5],
  ])('%d ranks with %d shards send %d gradients a step', async (ranks, shards, least) => {
    for (const { calls } of await train(ranks, 'travel', { shards })) {
      const [gradients] = calls as number[];
      expect(gradients).toBeGreaterThan(least * 0.99);
      // What a step sends besides is small.
      expect(gradients).toBeLessThan(least * 1.1);
    }
  });

  it('refuse to evaluate other weights', async () => {
    for (const { code, message } of await train(2, 'evaluatesOther')) {
      expect(code).toBe('DISTRIBUTED');
      expect(message).toMatch(/the weights \(a digest of some of them\)/);
    }
  });

  it('take the next power of two of the ranks as shards', async () => {
    const [first] = await train(3, 'arrays');
    expect(first.weights).toBe(alone('arrays', { shards: 4 }).weights);
    const [refused] = await train(3, 'arrays', { shards: 2 });
    expect(refused.message).toMatch(/shards is 2, but 3 ranks need one each/);
  });

  it('compute values again with the same bits', async () => {
    const [first] = await train(2, 'arrays', { rematerialize: true });
    expect(first.weights).toBe(alone('arrays', { shards: 2 }).weights);
  });

  it('call callbacks on rank 0, and follow what they change', async () => {
    const ends = await expectAsAlone(3, 'callbacks', 4);
    expect(ends.map(({ calls }) => calls)).toEqual([[0, 1], [], []]);
  });

  it('resume from a checkpoint on another number of ranks', async () => {
    const options = { dir: pathOf('ranks'), everySteps: 1, shards: 4 };
    await train(2, 'checkpoint', { ...options, epochs: 1 });
    const ends = await train(3, 'checkpoint', { ...options, resume: true });
    const { weights } = alone('arrays', { shards: 4 });
    expect(ends.map((end) => end.weights)).toEqual([weights, weights, weights]);
  });

  it('end on all ranks when one aborts', async () => {
    const [first, second] = await train(2, 'aborts');
    expect(second.code).toBe('ABORTED');
    expect(first).toMatchObject({
      code: 'DISTRIBUTED',
      message: expect.stringMatching(/another rank has ended|Rank 1 has ended/),
    });
  });

  it('end on all ranks when a callback throws', async () => {
    const [first, second] = await train(2, 'throws');
    expect(first.message).toBe('a mistake of a callback');
    expect(second).toMatchObject({
      code: 'DISTRIBUTED',
      message: 'Rank 0 has ended the fit: a mistake of a callback',
    });
  });

  it('name what differs before they train', async () => {
    const ends = await train(3, 'differ');
    for (const { code, message } of ends) {
      expect(code).toBe('DISTRIBUTED');
      expect(message).toMatch(/batchSize is 9 on rank 0, 10 on rank 1 and 11 on rank 2; the training data/);
    }
  });

  it('refuse datasets whose first batches differ', async () => {
    for (const { code, message } of await train(2, 'dataset', { differ: 1 })) {
      expect(code).toBe('DISTRIBUTED');
      expect(message).toMatch(
        /the training data \(a digest of some of it\) is \w+ on rank 0 and \w+ on rank 1/,
      );
    }
  });
});
