import { randomInt } from 'node:crypto';
import { choice, type OptionNames, readOptions, wholeNumber } from './arguments.js';

export const DATASETS = ['fashion-mnist', 'mnist'] as const;

export type DatasetName = (typeof DATASETS)[number];

export interface TrainArguments {
  dataset: DatasetName;
  epochs: number;
  /** The batch size. */
  batch: number;
  /** Absent: that of the training that is resumed, or a random one. */
  seed?: number;
  /** Whether to go on from the newest checkpoint in `out`. */
  resume: boolean;
  /** Default: as the environment says. */
  threads?: number;
  /** The folder for the model and the report. */
  out: string;
}

export const TRAIN_HELP = `Usage: convforge train [options]

Trains LeNet on a dataset of images, and writes the model and a report with learning curves, filters and feature maps.
There is a checkpoint after each epoch. Ctrl-C ends training with one, and a second Ctrl-C at once.

  --dataset <name>   ${DATASETS.join(' or ')} (default: ${DATASETS[0]})
  --epochs <n>       passes over the training images (default: 10)
  --batch <n>        batch size (default: 128)
  --seed <n>         a run with the same seed gives the same weights (default: random)
  --resume           go on from the newest checkpoint in the folder, with the options of then (--epochs may be more)
  --threads <n>      threads to compute with (default: CONVFORGE_THREADS, OMP_NUM_THREADS, or all processors)
  --out <folder>     where to write the model and the report (default: ./convforge-out)
  --help             this text

The images come from CONVFORGE_DATA (a folder with the files) if it is set; or else from the cache, a system package, or the network.
`;

const NAMES: OptionNames = {
  dataset: 'value',
  epochs: 'value',
  batch: 'value',
  seed: 'value',
  resume: 'flag',
  threads: 'value',
  out: 'value',
  help: 'flag',
};

/** Parses the options of `convforge train`. Throws UsageError. */
export function readTrainArguments(args: readonly string[]): TrainArguments | 'help' {
  const given = readOptions(args, NAMES);
  if (given.help !== undefined) return 'help';
  const number = (name: string, fallback: number, least: number, most: number) =>
    given[name] === undefined ? fallback : wholeNumber(name, given[name], least, most);
  const isNew = given.resume === undefined || given.seed !== undefined;
  return {
    dataset: choice('dataset', given.dataset ?? DATASETS[0], DATASETS),
    epochs: number('epochs', 10, 1, 1_000_000),
    batch: number('batch', 128, 1, 1_000_000),
    seed: isNew ? number('seed', randomInt(2 ** 32), 0, Number.MAX_SAFE_INTEGER) : undefined,
    resume: given.resume !== undefined,
    threads: given.threads === undefined ? undefined : wholeNumber('threads', given.threads, 1, 1024),
    out: given.out ?? './convforge-out',
  };
}
