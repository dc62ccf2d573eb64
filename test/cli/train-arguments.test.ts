import { describe, expect, it } from 'vitest';
import { readTrainArguments, type TrainArguments } from '../../lib/cli/train-arguments.js';
import { UsageError } from '../../lib/cli/usage-error.js';

describe('the arguments of train', () => {
  it('have defaults, and a random seed', () => {
    const [first, second] = [readTrainArguments([]), readTrainArguments([])] as TrainArguments[];
    expect(first).toEqual({
      dataset: 'fashion-mnist',
      epochs: 10,
      batch: 128,
      seed: expect.any(Number),
      resume: false,
      threads: undefined,
      out: './convforge-out',
    });
    expect(Number.isSafeInteger(first.seed)).toBe(true);
    expect(second.seed).not.toBe(first.seed);
  });

  it('are read', () => {
    const args = '--dataset mnist --epochs=3 --batch 64 --seed 0 --threads 2 --out a/b'.split(' ');
    expect(readTrainArguments(args)).toEqual({
      dataset: 'mnist',
      epochs: 3,
      batch: 64,
      seed: 0,
      resume: false,
      threads: 2,
      out: 'a/b',
    });
  });

  it('with --resume leave the seed to the checkpoint, unless it is given', () => {
    expect(readTrainArguments(['--resume'])).toMatchObject({ resume: true, seed: undefined });
    expect(readTrainArguments(['--resume', '--seed', '3'])).toMatchObject({ resume: true, seed: 3 });
  });

  it('take the last value if an option is repeated', () => {
    expect(readTrainArguments(['--epochs', '3', '--epochs', '4'])).toMatchObject({ epochs: 4 });
  });

  it('with --help ignore other options', () => {
    expect(readTrainArguments(['--epochs', '3', '--help'])).toBe('help');
  });

  it.each<[string, string]>([
    ['--epoch 3', 'there is no option --epoch; did you mean --epochs?'],
    ['--Seed=3', 'there is no option --Seed; did you mean --seed?'],
    ['--xylophone', 'there is no option --xylophone; try --help'],
    ['--constructor', 'there is no option --constructor; try --help'],
    ['--no-help', 'there is no option --no-help; did you mean --help?'],
    ['-e 3', 'there is no option -e; try --help'],
    ['fashion-mnist', "'fashion-mnist' is not an option; try --help"],
    ['-- mnist', "'mnist' is not an option; try --help"],
    ['--out', '--out needs a value'],
    ['--out=', '--out needs a value'],
    ['--out --epochs 3', '--out needs a value'],
    ['--help=yes', '--help takes no value'],
    ['--dataset emnist', "--dataset is 'emnist'; it can be fashion-mnist or mnist"],
    ['--epochs 0', "--epochs is '0'; it must be a whole number from 1 to 1000000"],
    ['--epochs 1.5', "--epochs is '1.5'; it must be a whole number from 1 to 1000000"],
    ['--batch=-1', "--batch is '-1'; it must be a whole number from 1 to 1000000"],
    ['--batch 1e3', "--batch is '1e3'; it must be a whole number from 1 to 1000000"],
    ['--threads 2000', "--threads is '2000'; it must be a whole number from 1 to 1024"],
    [
      '--seed 9007199254740993',
      "--seed is '9007199254740993'; it must be a whole number from 0 to 9007199254740991",
    ],
  ])('%s is refused', (line, message) => {
    const read = () => readTrainArguments(line.split(' '));
    expect(read).toThrow(UsageError);
    expect(read).toThrow(new UsageError(message));
  });
});
