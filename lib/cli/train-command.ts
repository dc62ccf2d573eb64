import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { listArchitectures } from './architectures.js';
import { addCommand, addThreads, type CommandContext } from './command.js';
import { addDataOptions, type DataFlags } from './data-options.js';
import { Interrupted } from './interrupts.js';
import { choice, number, text, wholeNumber } from './option-values.js';
import { seedOfCheckpoint } from './resumed-run.js';
import { type TrainArguments, train } from './train.js';
import { UsageError } from './usage-error.js';

/** The options as commander gives them. */
interface TrainFlags extends DataFlags {
  model?: string;
  valSplit?: number;
  augment?: boolean;
  epochs?: number;
  batch?: number;
  learningRate?: number;
  seed?: number;
  resume?: boolean;
  out: string;
  verbose?: '0' | '1' | '2';
  report: string | boolean;
  live?: boolean;
  json?: boolean;
}

const NOTES = `Models:
${listArchitectures()}
  A saved model is trained on: a model.json or its folder, a .keras or .h5 file. A file .js, .mjs or .cjs exports a model (default, or named model), or a function (inputShape, classes) => model, which may be asynchronous; so does a .ts file, where Node or the package tsx loads it. A model that isn't compiled is compiled for classification, with Adam. Images have values from 0 to 255: begin a model with layers.rescaling({ scale: 1 / 255 }).

Data:
  A known dataset (convforge datasets lists these); a folder of IDX files, such as train-images-idx3-ubyte; or a folder with a subfolder of images for each class, or with such folders in its subfolders train and test (or val). Image files need the package sharp. CONVFORGE_DATA names a folder of known datasets.

Ctrl-C ends the training within a step, with a checkpoint, and a second Ctrl-C at once.`;

/** Adds `convforge train`. */
export function addTrain(program: Command, { signal, print }: CommandContext): void {
  const command = addCommand(program, {
    usage: 'train [model]',
    summary: 'trains a network on images, and saves it with a report',
    description:
      'Trains a network on images, prints its loss and metrics, and writes the model, a report, and a checkpoint after each epoch.',
    examples: [
      ['convforge train', 'trains LeNet on Fashion-MNIST for ten epochs, into ./convforge-out'],
      [
        'convforge train fashion-93 --data photos --image-size 96x96 --out mine',
        'trains on photos/cats/*.jpg, photos/dogs/*.jpg ..., a fifth of which is held out for validation',
      ],
      ['convforge train resnet18 --live', 'shows the curves in a browser while it trains'],
      [
        'convforge train my-model.mjs --data photos --epochs 20 --resume',
        'trains your own model, from its newest checkpoint on, if there is one',
      ],
    ],
    notes: NOTES,
  });
  addDataOptions(command.option('--model <name>', 'the same as [model] (default: lenet)', text('model')))
    .option(
      '--val-split <share>',
      'share of the images to hold out for validation, where there is no test part (default: 0.2)',
      number('val-split', (share) => share >= 0 && share < 1, 'a number from 0 to below 1'),
    )
    .option('--augment', 'flip and shift training images at random, for a built-in architecture')
    .option('--no-augment', 'never do (default: as the architecture has it; lenet has none)')
    .option(
      '--epochs <n>',
      "passes over the training images (default: the architecture's, or 10)",
      wholeNumber('epochs', 1, 1_000_000),
    )
    .option(
      '--batch <n>',
      "images in a step (default: the architecture's, or 32)",
      wholeNumber('batch', 1, 1_000_000),
    )
    .option(
      '--learning-rate <x>',
      "the optimizer's learning rate, or its peak (default: the model's)",
      number('learning-rate', (rate) => rate > 0, 'a number above 0'),
    )
    .option(
      '--seed <n>',
      'a run with the same seed gives the same weights (default: random)',
      wholeNumber('seed', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--resume', 'go on from the newest checkpoint in the folder, with the options of then')
    .option('--out <folder>', 'where to write', text('out'), './convforge-out')
    .option(
      '--verbose <level>',
      '0 prints the result alone, 1 shows a bar on a terminal, 2 prints a line an epoch (default: 1, or 0 with --json)',
      choice('verbose', ['0', '1', '2']),
    )
    .option(
      '--report <file>',
      'where to write the report (default: report.html in the folder)',
      text('report'),
    )
    .option('--no-report', 'write no report')
    .option('--live', 'serve the report on 127.0.0.1 while it trains, and print its address')
    .option('--json', 'print the result as JSON, in one line');
  addThreads(command).action(async (model: string | undefined, flags: TrainFlags) => {
    const args = await readTrainFlags(model, flags);
    try {
      await train(args, { signal, print });
    } catch (error) {
      if (!(error instanceof Interrupted && error.isSaved)) throw error;
      const command = resuming(process.argv.slice(2));
      throw new Interrupted(`${error.message}; to go on: npx convforge ${command}`, true);
    }
  });
}

async function readTrainFlags(operand: string | undefined, flags: TrainFlags): Promise<TrainArguments> {
  const { model, out, report, resume = false, json = false, live = false, ...others } = flags;
  // A machine that reads the result is not to meet anything else.
  const { verbose = json ? '0' : '1' } = flags;
  if (operand !== undefined && model !== undefined && operand !== model)
    throw new UsageError(`there are two models, '${operand}' and '${model}'; give one`);
  const checkpoints = resolve(out, 'checkpoints');
  const kept = resume ? await seedOfCheckpoint(checkpoints) : undefined;
  return {
    ...others,
    model: operand ?? model ?? 'lenet',
    seed: flags.seed ?? kept ?? randomInt(2 ** 32),
    resume,
    out,
    checkpoints,
    verbose: Number(verbose) as 0 | 1 | 2,
    report: report === false ? undefined : typeof report === 'string' ? report : join(out, 'report.html'),
    json,
    live,
    command: `npx convforge ${quoted(process.argv.slice(2))}`,
  };
}

/** The arguments that go on with a training of these. */
function resuming(args: readonly string[]): string {
  return quoted([...args.filter((arg) => arg !== '--resume'), '--resume']);
}

/** Arguments as one would type them in a shell. */
function quoted(args: readonly string[]): string {
  return args
    .map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
