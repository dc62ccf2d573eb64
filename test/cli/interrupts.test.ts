import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { weightsFile } from '../support/weights-file.js';
import { makeIdxFolder, makePhotos, moduleOfNetwork } from './make-data.js';
import { type Outcome, runCli } from './run-cli.js';

const path = temporaryFolder();

/** Runs `train`, and sends `signal` `times` times once `text` is printed. */
function interrupted(
  args: string[],
  text: string,
  signal: NodeJS.Signals = 'SIGINT',
  times = 1,
): Promise<Outcome> {
  let wasSent = false;
  return runCli(['train', ...args], { CI: '1' }, (printed, child) => {
    if (wasSent || !printed.includes(text)) return;
    wasSent = true;
    for (let i = 0; i < times; i++) setTimeout(() => child.kill(signal), 50 * i);
  });
}

describe.skipIf(process.platform === 'win32')('a signal', () => {
  it("ends the training of a user's model on images, which resumes to the same bits", async () => {
    const photos = await makePhotos(path('photos'), 20);
    writeFileSync(path('network.mjs'), moduleOfNetwork('mjs'));
    const args = (out: string) =>
      [path('network.mjs'), '--data', photos, '--image-size', '12'].concat([
        '--epochs',
        '40',
        '--batch',
        '4',
        '--no-report',
        '--out',
        path(out),
      ]);
    const whole = await runCli(['train', ...args('whole'), '--seed', '3']);
    expect([whole.code, whole.err]).toEqual([0, '']);

    const first = await interrupted([...args('out'), '--seed', '3'], 'Epoch 2/40');
    expect(first.code, first.err).toBe(130);
    const message =
      /^convforge: interrupted after (\d+) of 40 epochs and (\d+) steps?, with a checkpoint in (.*); to go on: npx convforge (.*)\n$/;
    const [, epochs, steps, folder, command] = message.exec(first.err) ?? [];
    expect(Number(epochs)).toBeGreaterThan(0);
    expect(folder).toBe(path('out/checkpoints'));
    expect(command).toBe(['train', ...args('out'), '--seed', '3', '--resume'].join(' '));
    expect(existsSync(path('out/model'))).toBe(false);

    const second = await runCli(['train', ...args('out'), '--resume']);
    expect([second.code, second.err]).toEqual([0, '']);
    const made = 12 * Number(epochs) + Number(steps);
    expect(second.out).toContain(`Resumed after ${made} step${made === 1 ? '' : 's'}; seed 3\n`);
    const bits = (out: string) => readFileSync(weightsFile(path(`${out}/model`)));
    expect(Buffer.compare(bits('out'), bits('whole'))).toBe(0);

    const other = await runCli(['train', ...args('out'), '--resume', '--seed', '4']);
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringMatching(/--seed is 4, .* is 3.*INVALID_ARGUMENT/),
    ]);
  });

  it('ends the loading of a model and of data, with nothing saved', async () => {
    const photos = await makePhotos(path('photos'), 2);
    const waiting = "console.log('loading'); setInterval(() => {}, 1000); await new Promise(() => {});";
    writeFileSync(path('network.mjs'), moduleOfNetwork('mjs', waiting));
    const args = [path('network.mjs'), '--data', photos, '--out', path('out')];
    expect(await interrupted(args, 'loading')).toMatchObject({
      code: 130,
      err: 'convforge: interrupted; nothing was saved\n',
    });
    expect(await interrupted(args, 'loading', 'SIGTERM')).toMatchObject({ code: 143 });
    expect(existsSync(path('out'))).toBe(false);
  });

  it('of SIGTERM ends a training with a checkpoint, and 143', async () => {
    const data = makeIdxFolder(path('halves'), { train: 64, test: 4 });
    const args = ['--data', data, '--epochs', '900', '--batch', '8', '--out', path('out')];
    const { code, err } = await interrupted(args, 'Epoch 1/900', 'SIGTERM');
    expect([code, err]).toEqual([143, expect.stringContaining('with a checkpoint in')]);
    expect(existsSync(path('out/checkpoints'))).toBe(true);
  });

  it('that comes again ends the process at once', async () => {
    // A step is the whole set, and takes more than half a second.
    const data = makeIdxFolder(path('halves'), { train: 8000, test: 4 });
    const args = ['--data', data, '--batch', '8000', '--threads', '1', '--out', path('out')];
    const { code, err } = await interrupted(args, 'Epoch 1/', 'SIGINT', 2);
    expect({ code, err }).toEqual({ code: null, err: '' });
  });
});
