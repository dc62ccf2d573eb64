import { existsSync } from 'node:fs';
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

  it.skipIf(!hasData || process.platform === 'win32')(
    'ends training with 130 and saves nothing',
    async () => {
      const out = join(folder, 'out');
      let wasSent = false;
      const outcome = await runCli(['train', '--epochs', '1000', '--out', out], {}, (text, child) => {
        if (!wasSent && text.includes('Total params')) wasSent = child.kill('SIGINT');
      });
      expect(outcome.code).toBe(130);
      expect(outcome.err).toBe('convforge: interrupted; nothing was saved\n');
      expect(existsSync(out)).toBe(false);
    },
  );
});
