import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fashionMnist } from '../../lib/datasets/index.js';
import { engineInfo } from '../../lib/program/native-engine.js';
import { runCli } from './run-cli.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('help', () => {
  it.each([
    [['--help'], 'Usage: convforge <command>', ['train ', 'explain ', 'info ', 'build ', '--help']],
    [
      ['train', '--help'],
      'Usage: convforge train [options]\n',
      ['--dataset', '--epochs', '--batch', '--seed', '--threads', '--out', 'CONVFORGE_DATA'],
    ],
    [
      ['explain', '--help'],
      'Usage: convforge explain <model.json or program.json> [options]\n',
      ['--mode', '--batch-size', '--profile', '--threads', '--json'],
    ],
    [['info', '--help'], 'Usage: convforge info\n', ['instruction set']],
    [
      ['build', '--help'],
      'Usage: convforge build [options]\n',
      ['--with', '--check', '--verbose', 'node-gyp or cmake-js', 'npm_config_nodedir'],
    ],
  ])('of %j', async (args, start, parts) => {
    const { code, out, err } = await runCli(args);
    expect([code, err]).toEqual([0, '']);
    expect(out.slice(0, start.length)).toBe(start);
    for (const part of parts) expect(out).toContain(part);
  });
});

describe('an invalid command line exits with 2 and one line', () => {
  it.each<[string[], string]>([
    [[], 'there is no command; try --help'],
    [['trian'], "there is no command 'trian'; did you mean 'train'?"],
    [['constructor'], "there is no command 'constructor'; try --help"],
    [['train', '--epoch', '3'], 'there is no option --epoch; did you mean --epochs?'],
    [['explain'], 'there is no model to explain; try explain --help'],
    [['explain', 'a', 'b'], "'b' is not an option; try --help"],
    [['explain', 'a', '--batchsize', '3'], 'there is no option --batchsize; did you mean --batch-size?'],
    [['explain', 'a', '--mode', 'fit'], "--mode is 'fit'; it can be train or evaluate or predict"],
    [
      ['explain', 'a', '--batch-size', '0'],
      "--batch-size is '0'; it must be a whole number from 1 to 1000000",
    ],
    [['build', '--with', 'bazel'], "--with is 'bazel'; it can be node-gyp or cmake-js"],
    [['info', '--verbose'], 'there is no option --verbose; try --help'],
  ])('%j', async (args, message) => {
    expect(await runCli(args)).toEqual({ code: 2, out: '', err: `convforge: ${message}\n` });
  });
});

describe('any other failure exits with 1 and one line with its code', () => {
  it('a missing data folder', async () => {
    const { code, out, err } = await runCli(['train'], { CONVFORGE_DATA: folder });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^convforge: The folder .* lacks files of Fashion-MNIST.* \(DATASET_NOT_FOUND\)\n$/);
    expect(err).toContain(folder);
  });

  it('an unknown instruction set', async () => {
    const { code, out, err } = await runCli(['info'], { CONVFORGE_ISA: 'mmx' });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^convforge: .*mmx.* \([A-Z_]+\)\n$/);
  });
});

it('info shows the instruction set and threads', async () => {
  const { code, out } = await runCli(['info'], { CONVFORGE_ISA: 'scalar', CONVFORGE_THREADS: '3' });
  expect(code).toBe(0);
  const lines = Object.fromEntries(out.split('\n').map((line) => [line.slice(0, 16).trim(), line.slice(17)]));
  const { version, supported } = engineInfo();
  expect(lines).toMatchObject({
    convforge: version,
    'instruction set': expect.stringMatching(/^scalar \(.*CONVFORGE_ISA/),
    'can run': supported.join(', '),
    threads: '3',
    'running on': expect.stringContaining(`Node ${process.versions.node}`),
  });
});

describe('Ctrl-C', async () => {
  const hasData = await fashionMnist().then(
    () => true,
    () => false,
  );

  const out = () => join(folder, 'out');
  const args = () => ['train', '--epochs', '900', '--batch', '64', '--seed', '3', '--out', out()];

  /** Runs the command, and sends SIGINT `times` times once `text` is printed. */
  const interrupted = (rest: string[], text: string, times = 1) => {
    let wasSent = false;
    return runCli([...args(), ...rest], {}, (printed, child) => {
      if (wasSent || !printed.includes(text)) return;
      wasSent = true;
      for (let i = 0; i < times; i++) setTimeout(() => child.kill('SIGINT'), 2000 + 300 * i);
    });
  };

  it.skipIf(!hasData || process.platform === 'win32')(
    'ends training with 130 and a checkpoint, from which --resume goes on',
    async () => {
      const first = await interrupted([], 'Training begins');
      expect(first.code, first.err).toBe(130);
      expect(first.err).toMatch(
        /^convforge: interrupted after 0 of 900 epochs and \d+ steps?, with a checkpoint; /,
      );
      const command = `npx convforge ${[...args(), '--resume'].join(' ')}`;
      expect(first.err).toContain(`to go on: ${command}\n`);
      expect(readdirSync(out())).toEqual(['checkpoints']);
      const steps = (outcome: { err: string }) => Number(/ (\d+) steps?,/.exec(outcome.err)?.[1]);
      const second = await interrupted(['--resume'], 'Resumed after');
      expect(second.out).toContain(`Resumed after ${steps(first)} step`);
      expect(second.code, second.err).toBe(130);
      expect(steps(second)).toBeGreaterThan(steps(first));
    },
  );

  it.skipIf(!hasData || process.platform === 'win32')(
    'that comes again ends the process at once',
    async () => {
      // The whole set is one batch, and its step takes seconds.
      const { code, err } = await interrupted(['--batch', '60000'], 'Training begins', 2);
      expect({ code, err }).toEqual({ code: null, err: '' });
    },
  );
});
