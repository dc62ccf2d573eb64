import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineInfo } from '../../lib/program/native-engine.js';
import { VERSION } from '../../lib/version.js';
import { runCli } from './run-cli.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('help', () => {
  it.each([
    [
      'train',
      '[model]',
      ['--data', '--epochs', '--val-split', '--no-augment', '--out', 'CONVFORGE_DATA', 'resnet18'],
    ],
    ['evaluate', '<model>', ['--data', '--image-size', '--json', 'fashion-mnist']],
    ['predict', '<model> <images...>', ['--top', 'sharp']],
    ['summary', '<model>', ['--classes', 'lenet']],
    ['explain', '<model>', ['--mode', '--batch-size', '--profile', '--threads', '--json']],
    ['bench', '', ['--seconds', '--threads']],
    ['info', '', ['CONVFORGE_ISA']],
    ['datasets', '', ['CONVFORGE_DATA', 'CONVFORGE_CACHE']],
    ['build', '', ['--with', '--check', '--verbose', 'node-gyp or', 'npm_config_nodedir']],
  ])('of %s has its options, examples and exit codes', async (command, operands, parts) => {
    const { code, out, err } = await runCli([command, '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')[0]).toBe(`Usage: convforge ${command} [options] ${operands}`.trimEnd());
    for (const part of [...parts, 'Examples:', `$ convforge ${command}`, 'Exit code:', '130']) {
      expect(out).toContain(part);
    }
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect((await runCli(['--help'])).out).toContain(`\n  ${command} `);
  });

  it('has the version', async () => {
    expect(await runCli(['--version'])).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
  });
});

it('ends quietly if its reader has read enough', async () => {
  const main = resolve('dist/cli/main.js');
  const child = spawn(process.execPath, [main, 'train', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const [code] = await once(child, 'close');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
});

describe('an invalid command line exits with 2 and one line', () => {
  const whole = (most: number) => `it must be a whole number from 1 to ${most}`;

  it.each<[string, string]>([
    ['', 'there is no command; try --help'],
    ['trian', "there is no command 'trian'; did you mean 'train'?"],
    ['trian --help', "there is no command 'trian'; did you mean 'train'?"],
    ['toString', "there is no command 'toString'; try --help"],
    ['--xylophone', 'there is no option --xylophone; try --help'],
    ['train --epoch 3', 'there is no option --epoch; did you mean --epochs?'],
    ['train --Seed=3', 'there is no option --Seed; did you mean --seed?'],
    ['train --augment=yes', '--augment takes no value; try train --help'],
    ['train --no-report=x', '--no-report takes no value; try train --help'],
    ['train --lr 3', 'there is no option --lr; did you mean --learning-rate?'],
    ['train --constructor', 'there is no option --constructor; try train --help'],
    ['train -e 3', 'there is no option -e; try train --help'],
    ['train --out', '--out needs a value'],
    ['train --out=', '--out needs a value'],
    ['train --out --epochs 3', '--out needs a value'],
    ['train --epochs 0', `--epochs is '0'; ${whole(1_000_000)}`],
    ['train --epochs 1.5', `--epochs is '1.5'; ${whole(1_000_000)}`],
    ['train --batch=-1', `--batch is '-1'; ${whole(1_000_000)}`],
    ['train --threads 2000', `--threads is '2000'; ${whole(1024)}`],
    [
      'train --seed 9007199254740993',
      "--seed is '9007199254740993'; it must be a whole number from 0 to 9007199254740991",
    ],
    ['train --verbose 3', "--verbose is '3'; it can be 0 or 1 or 2"],
    ['train --val-split 1', "--val-split is '1'; it must be a number from 0 to below 1"],
    ['train --learning-rate 0', "--learning-rate is '0'; it must be a number above 0"],
    [
      'train --image-size 64x',
      "--image-size is '64x'; it must be the height and width in pixels, such as 64x64, up to 10000 each",
    ],
    ['explain', '<model> is missing; try explain --help'],
    ['predict a', '<images> is missing; try predict --help'],
    ['explain a b', "too many arguments for 'explain'. Expected 1 argument but got 2; try explain --help"],
    ['explain a --batchsize 3', 'there is no option --batchsize; did you mean --batch-size?'],
    ['explain a --mode fit', "--mode is 'fit'; it can be train or evaluate or predict"],
    ['explain a --batch-size 0', `--batch-size is '0'; ${whole(1_000_000)}`],
    ['build --with bazel', "--with is 'bazel'; it can be node-gyp or cmake-js"],
    ['info --verbose', 'there is no option --verbose; try info --help'],
  ])('%j', async (line, message) => {
    const args = line === '' ? [] : line.split(' ');
    expect(await runCli(args)).toEqual({ code: 2, out: '', err: `convforge: ${message}\n` });
  });
});

describe('any other failure exits with 1 and one line with its code', () => {
  it('a missing data folder', async () => {
    const { code, out, err } = await runCli(['train', '--verbose', '0'], { CONVFORGE_DATA: folder });
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

describe('as JSON', () => {
  const json = async (...args: string[]) => {
    const { code, out, err } = await runCli([...args, '--json']);
    expect([code, err]).toEqual([0, '']);
    return JSON.parse(out);
  };

  it('info', async () => {
    const { version, supported } = engineInfo();
    expect(await json('info')).toMatchObject({ version, supported, node: process.versions.node });
  });

  it('summary, of an architecture', async () => {
    const { name, outputs, parameters, layers } = await json('summary', 'lenet', '--classes', '7');
    expect([name, outputs[0].shape, parameters]).toEqual(['lenet', [7], 1_087_106 - 3 * 1001]);
    expect(layers[1]).toEqual({
      name: 'conv2d_1',
      className: 'Conv2D',
      outputShapes: [[null, 24, 24, 32]],
      parameters: 832,
    });
    const { out } = await runCli(['summary', 'resnet18', '--image-size', '32', '--channels', '3']);
    expect(out).toMatch(/^Model: "resnet18"\n[\s\S]*\nTotal params: 7\d\d,\d{3}\n/);
  });

  it('bench', async () => {
    const { unit, batch, training, inference } = await json('bench', '--seconds', '1', '--batch', '64');
    expect([unit, batch]).toEqual(['images/s', 64]);
    for (const { median, slowest, fastest, turns } of [training, inference]) {
      expect(slowest).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(slowest);
      expect(fastest).toBeGreaterThanOrEqual(median);
      expect(turns).toBeGreaterThanOrEqual(1);
    }
  });

  it('datasets, with where they are and were looked for', async () => {
    const files = [
      'train-images-idx3-ubyte',
      'train-labels-idx1-ubyte',
      't10k-images-idx3-ubyte',
      't10k-labels-idx1-ubyte',
    ];
    mkdirSync(join(folder, 'mnist'));
    for (const file of files) writeFileSync(join(folder, 'mnist', `${file}.gz`), '');
    const { code, out } = await runCli(['datasets', '--json'], { CONVFORGE_DATA: folder });
    expect(code).toBe(0);
    const sets = Object.fromEntries(JSON.parse(out).map((set: { name: string }) => [set.name, set]));
    const searched = [join(folder, 'mnist'), folder];
    expect(sets.mnist).toEqual({ name: 'mnist', about: expect.any(String), folder: searched[0], searched });
    expect(sets['fashion-mnist']).toMatchObject({
      folder: null,
      getting: expect.stringContaining('apt-get'),
    });
    expect(sets['emnist-letters'].searched).toEqual([join(folder, 'emnist'), folder]);
    const { out: shown } = await runCli(['datasets'], { CONVFORGE_DATA: folder });
    expect(shown).toMatch(/\nmnist +60,000.*\n +here: .*mnist\n/);
  });
});
