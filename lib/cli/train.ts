import { resolve } from 'node:path';
import { throwIfAborted, untilAborted } from '../aborts.js';
import { formatCount } from '../callbacks/format.js';
import { type Distribution, mpi } from '../distribute/index.js';
import { ConvforgeError } from '../errors.js';
import type { LayersModel } from '../models/index.js';
import { engineInfo } from '../program/native-engine.js';
import { setSeed } from '../random/index.js';
import type { FitReportOptions } from '../training/observer.js';
import type { Architecture } from './architectures.js';
import { checkFolder } from './check-folder.js';
import { type CompiledFor, compileFor } from './compile-for.js';
import type { DataFlags } from './data-options.js';
import { Interrupted } from './interrupts.js';
import { type LabelledData, openData } from './labelled-data.js';
import { buildNamedModel, imageShapeOf, loadNamedModel, type NamedModel } from './load-model.js';
import { count, describeMachine } from '../machine.js';
import { ResumedRun } from './resumed-run.js';
import { evaluatePart, fitParts, scoreLines } from './run-parts.js';
import { UsageError } from './usage-error.js';
// It gives fit its reports.
import '../report/index.js';

export interface TrainArguments extends DataFlags {
  model: string;
  valSplit?: number;
  /** Absent: as the architecture has it. */
  augment?: boolean;
  epochs?: number;
  batch?: number;
  learningRate?: number;
  seed: number;
  resume: boolean;
  /** The folder for the model, and for the checkpoints in it. */
  out: string;
  checkpoints: string;
  verbose: 0 | 1 | 2;
  /** The report's file; absent for none. */
  report?: string;
  /** Whether to serve the report while it trains. */
  live: boolean;
  /** The command line, for the report. */
  command: string;
  json: boolean;
}

export interface TrainContext {
  /** Ends the training with a checkpoint, by Interrupted; before its first step by ABORTED. */
  signal: AbortSignal;
  print: (line: string) => void;
}

/** What a training came to. */
interface TrainResult {
  /** Loss and metrics on the held-out images, or else on the training images, by name. */
  scores: Record<string, number>;
  /** Of training, including the validation after each epoch. */
  seconds: number;
  /** Images of the steps that this process made, divided by `seconds`. */
  imagesPerSecond: number;
}

/** Epochs and batch size of a model that isn't built in. */
const USUAL = { epochs: 10, batch: 32 };

const BEGIN = 'Training begins; Ctrl-C ends it with a checkpoint, and a second Ctrl-C at once';

/** A training whose model and data are there. */
export interface PreparedTraining {
  args: TrainArguments;
  /** The processes that share it. */
  ranks: Distribution;
  model: LayersModel;
  data: LabelledData;
  targets: CompiledFor;
  epochs: number;
  batch: number;
}

/** Trains, prints the progress and the result, and writes <out>/model and the report. */
export async function train(given: TrainArguments, context: TrainContext): Promise<void> {
  const ranks = await mpi();
  const args = await sharedArguments(given, ranks);
  const isFirst = ranks.rank === 0;
  const { signal } = context;
  const print = isFirst ? context.print : () => {};
  const say = args.verbose === 0 ? () => {} : print;
  if (isFirst) await checkOutputs(args);
  const info = engineInfo();
  say(`convforge ${info.version} on ${describeMachine(info)}`);
  const prepared = await untilAborted(prepare(args, ranks, say, signal), { signal });
  prepared.model.summary(undefined, undefined, say);
  throwIfAborted(signal);
  const result = await run(prepared, say, signal);
  if (!isFirst) return;
  const folder = resolve(args.out, 'model');
  await prepared.model.save(`file://${folder}`);
  const { model, data, epochs } = prepared;
  const report = args.report === undefined ? undefined : resolve(args.report);
  if (args.json) {
    const { scores, seconds, imagesPerSecond } = result;
    const { seed } = args;
    const figures = { ...scores, epochs, seed, seconds, imagesPerSecond, classNames: data.classNames };
    return print(
      JSON.stringify({ model: folder, report, network: model.name, data: data.title, ...figures }),
    );
  }
  for (const line of scoreLines(result.scores, data.test ? data.testName : 'training')) print(line);
  print(
    `Time: ${result.seconds.toFixed(1)} s for ${count(epochs, 'epoch')} with validation, ` +
      `${formatCount(result.imagesPerSecond)} images/s`,
  );
  print(`Model: ${folder}`);
  if (report !== undefined) print(`Report: ${report}`);
}

/** Arguments with the seed of rank 0, which alone prints. Rejects with DISTRIBUTED if other ranks have others. */
async function sharedArguments(args: TrainArguments, ranks: Distribution): Promise<TrainArguments> {
  await ranks.check({ 'the command': args.command });
  const seed = await ranks.broadcast(Buffer.from(String(args.seed)));
  const shared = { ...args, seed: Number(Buffer.from(seed).toString()) };
  return ranks.rank === 0 ? shared : { ...shared, verbose: 0, report: undefined, live: false };
}

/** Rejects with IO_ERROR unless the files can be written, before time is spent. */
async function checkOutputs({ out, report }: TrainArguments): Promise<void> {
  await checkFolder('out', out, ['model/model.json']);
  if (report !== undefined) await checkFolder('report', '.', [report]);
}

/** Loads the data, and builds and compiles the model. */
async function prepare(
  args: TrainArguments,
  ranks: Distribution,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<PreparedTraining> {
  const { seed, epochs, batch, data: name, imageSize, grayscale, valSplit } = args;
  setSeed(seed);
  const named = await loadNamedModel(args.model, signal);
  refuseOptions(named, args);
  const model = named.kind === 'model' ? named.model : undefined;
  // Rank 0 goes first, so that it alone downloads.
  if (ranks.rank > 0) await ranks.barrier();
  const data = await openData(name, {
    modelShape: model ? imageShapeOf(model.signature, args.model) : [null, null, null],
    classNames: model?.classNames ?? [],
    ...{ imageSize, grayscale, valSplit, seed },
    log: say,
  });
  if (ranks.rank === 0) await ranks.barrier();
  const held = data.test ? `, ${count(data.test.count, `${data.testName} image`)}` : '';
  say(
    `${data.title}: ${count(data.train.count, 'training image')}${held}${args.resume ? '' : `; seed ${seed}`}`,
  );
  const usual = named.kind === 'architecture' ? named.architecture : USUAL;
  const plan = { epochs: epochs ?? usual.epochs, batch: batch ?? usual.batch };
  const built = await build(named, args, data);
  const totalSteps = plan.epochs * Math.ceil(data.train.count / plan.batch);
  const architecture = named.kind === 'architecture' ? named.architecture : undefined;
  const targets = compileFor(built, data, { architecture, learningRate: args.learningRate, totalSteps, say });
  built.classNames = data.classNames;
  return { args, ranks, model: built, data, targets, ...plan };
}

/** Augmentation is part of a network, and can't be added to one that a user has made. */
function refuseOptions(named: NamedModel, { augment }: TrainArguments): void {
  if (named.kind === 'architecture' || augment === undefined) return;
  throw new UsageError(
    `--${augment ? '' : 'no-'}augment is for built-in architectures; put layers such as randomFlip into your model`,
  );
}

function build(
  named: NamedModel,
  args: TrainArguments,
  data: LabelledData,
): Promise<LayersModel> | LayersModel {
  const shape = { inputShape: data.inputShape, classes: data.classNames.length };
  if (named.kind !== 'architecture') return buildNamedModel(named, shape);
  const { architecture } = named;
  const isAugmented = args.augment ?? architecture.isAugmented;
  return architecture.build(shape, isAugmented ? augmentationFor(architecture, data) : undefined);
}

/** Digits and letters aren't mirrored. */
function augmentationFor({ augment }: Architecture, { mirrors }: LabelledData): Architecture['augment'] {
  return { ...augment, flip: augment.flip && mirrors };
}

async function run(
  prepared: PreparedTraining,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<TrainResult> {
  const { args, ranks, model, data, targets, epochs, batch } = prepared;
  const { checkpoints: dir, resume, verbose, seed } = args;
  // A saved model may have been trained before.
  const before = model.optimizer.iterations;
  const resumed = new ResumedRun(seed, before, say);
  const steps = stepsOf(prepared);
  const started = performance.now();
  const hard = new AbortController();
  // Before the first step there is nothing to save, and a resumed fit may be reading up to its place.
  const hasStepped = () => model.optimizer.iterations > resumed.iterations;
  let isOver = false;
  const stop = () => {
    // Several ranks stop for a checkpoint after an epoch only, and mpirun waits a second.
    if (ranks.ranks === 1 && hasStepped() && !isOver) model.stopTraining = true;
    else hard.abort(signal.reason);
  };
  const onTrainBegin = () => {
    if (signal.aborted) stop();
    say(BEGIN);
  };
  // The checkpoint is taken. What follows is the report, which looks at all the held-out images.
  const onTrainEnd = () => {
    isOver = true;
    if (signal.aborted) stop();
  };
  const made = () => model.optimizer.iterations - before;
  signal.addEventListener('abort', stop);
  try {
    const own = { distribute: ranks, signal: hard.signal, orderSeed: seed };
    const settings = { ...own, epochs, verbose, checkpoint: { dir }, resume };
    const callbacks = [resumed, { onTrainBegin, onTrainEnd }];
    const views = { report: reportOptions(prepared), live: args.live };
    await fitParts(model, data, targets, { ...settings, ...views, batch, callbacks });
    // Rank 0 has written its checkpoint by then.
    await ranks.barrier();
    if (signal.aborted) throw interruption(prepared, made());
    const seconds = (performance.now() - started) / 1000;
    // The button of the live page ends a training, too.
    if (made() < epochs * steps) say(`Stopped ${placeOf(prepared, made())}`);
    const passes = (model.optimizer.iterations - resumed.iterations) / steps;
    const imagesPerSecond = passes * (data.train.count / seconds);
    const part = data.test ?? data.train;
    const scores = await evaluatePart(model, part, targets, { batch, signal, distribute: ranks });
    return { scores, seconds, imagesPerSecond };
  } catch (error) {
    // Another rank's abort is DISTRIBUTED.
    const isAborted = error instanceof ConvforgeError && ['ABORTED', 'DISTRIBUTED'].includes(error.code);
    throw signal.aborted && isAborted ? interruption(prepared, made()) : error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The number of steps in an epoch. */
function stepsOf({ data, batch }: PreparedTraining): number {
  return Math.ceil(data.train.count / batch);
}

/** What tells that a signal has ended a training after so many steps. */
function interruption(prepared: PreparedTraining, made: number): Interrupted {
  if (made === 0) return new Interrupted('interrupted before the first step; nothing was saved', false);
  const { args, ranks } = prepared;
  const text =
    ranks.ranks === 1
      ? ` ${placeOf(prepared, made)}`
      : `; ${args.checkpoints} has the checkpoint of the last epoch`;
  return new Interrupted(`interrupted${text}`, true);
}

/** Where a training stands after so many steps, and where its checkpoint is. */
function placeOf(prepared: PreparedTraining, made: number): string {
  const { args, epochs } = prepared;
  const steps = stepsOf(prepared);
  const place = `${Math.floor(made / steps)} of ${count(epochs, 'epoch')} and ${count(made % steps, 'step')}`;
  return `after ${place}, with a checkpoint in ${args.checkpoints}`;
}

function reportOptions({ args, model, data }: PreparedTraining): FitReportOptions | undefined {
  const { report, seed, command } = args;
  if (report === undefined) return undefined;
  const title = `${model.name} on ${data.title}`;
  return { path: resolve(report), title, command, facts: { Data: data.title, '--seed': seed } };
}
