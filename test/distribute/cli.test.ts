import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeIdxFolder } from '../cli/make-data.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { weightsFile } from '../support/weights-file.js';
import { HAS_MPI, type Outcome, runRanks } from './run-ranks.js';

const MAIN = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const path = temporaryFolder();

function train(ranks: number, ...args: string[]): Promise<Outcome> {
  return runTrain(ranks, args);
}

function runTrain(
  ranks: number,
  args: readonly string[],
  onOutput?: (out: string, child: ChildProcess) => void,
): Promise<Outcome> {
  const data = makeIdxFolder(path('halves'), { train: 96, test: 20 });
  return runRanks(ranks, [MAIN, 'train', '--data', data, '--batch', '16', ...args], { CI: '1' }, onOutput);
}

const weights = (out: string) => readFileSync(weightsFile(path(`${out}/model`)));

describe.skipIf(!HAS_MPI)('mpirun convforge train (skipped without mpirun)', () => {
  it('trains in several processes, of which one prints and writes', async () => {
    const args = ['--epochs', '2', '--seed', '1', '--out'];
    const { code, out, err } = await train(3, ...args, path('three'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.match(/^convforge \d.* thread/gm)).toHaveLength(1);
    expect(out.match(/^Epoch \d\/2 .*images\/s$/gm)).toHaveLength(2);
    expect(out.match(/^Test accuracy: 100\.00 %$/gm)).toHaveLength(1);
    expect(existsSync(path('three/report.html'))).toBe(true);
    // Both compute batches in four shards.
    expect((await train(4, ...args, path('four'), '--no-report')).code).toBe(0);
    expect(Buffer.compare(weights('three'), weights('four'))).toBe(0);
  });

  it('agrees about a seed that is drawn, and resumes', async () => {
    const args = ['--out', path('out'), '--no-report', '--json', '--verbose', '0'];
    const first = await train(2, '--epochs', '1', ...args);
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' });
    const { seed } = JSON.parse(first.out);
    const second = await train(2, '--epochs', '2', '--resume', ...args);
    expect({ code: second.code, err: second.err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(second.out)).toMatchObject({ seed, epochs: 2 });
  });

  it('ends by Ctrl-C, with the checkpoint of the last epoch', async () => {
    const args = ['--epochs', '1000', '--out', path('out')];
    let killed = 0;
    const { code, err } = await runTrain(2, args, (out, child) => {
      if (killed > 0 || !out.includes('Epoch 2/')) return;
      killed = performance.now();
      child.kill('SIGINT');
    });
    expect(code).not.toBe(0);
    expect(performance.now() - killed).toBeLessThan(10_000);
    expect(err).toMatch(
      /convforge: interrupted; .*checkpoints has the checkpoint of the last epoch; to go on: /,
    );
    expect(readdirSync(path('out/checkpoints'))).not.toEqual([]);
  });
});
