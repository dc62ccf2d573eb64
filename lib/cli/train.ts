import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { throwIfAborted } from '../aborts.js';
import { formatCount } from '../callbacks/format.js';
import { Callback } from '../callbacks/index.js';
import type { ImageDataset } from '../datasets/index.js';
import { ConvforgeError } from '../errors.js';
import { Conv2D } from '../layers/index.js';
import type { LayersModel } from '../models/index.js';
import { engineInfo } from '../program/native-engine.js';
import type { EngineInfo } from '../program/addon.js';
import { setSeed } from '../random/index.js';
import { featureMaps, filters, trainingReport, write } from '../report/index.js';
import type { Tensor } from '../tensor/index.js';
import { lenet } from './lenet.js';
import { count, describeMachine } from './machine.js';
import type { TrainArguments } from './train-arguments.js';

export interface TrainContext {
  /** The dataset to train on. */
  data: ImageDataset;
  /** The dataset's title, for messages. */
  title: string;
  /** Ends the training with a checkpoint, by Interrupted. */
  signal?: AbortSignal;
  /** Prints a line. */
  print?: (line: string) => void;
}

/** Tells that the signal has ended the training, and where. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

interface Outcome {
  history: Record<string, number[]>;
  loss: number;
  accuracy: number;
  seed: number;
  /** Of training, including the validation after each epoch. */
  seconds: number;
  /** Images of the steps that this process made, divided by `seconds`. */
  imagesPerSecond: number;
}

const BEGIN = 'Training begins; Ctrl-C ends it with a checkpoint, and a second Ctrl-C at once';

/** The files that `train` writes, relative to <out>. */
export const WRITTEN = ['model/model.json', 'report.html'];

/** Trains LeNet, prints its progress, and writes <out>/model and <out>/report.html. */
export async function train(args: TrainArguments, context: TrainContext): Promise<void> {
  const { data, title, signal, print = console.log } = context;
  const info = engineInfo();
  print(`convforge ${info.version} on ${describeMachine(info)}`);
  print(
    `${title}: ${count(data.train.images.shape[0], 'training image')}, ` +
      `${count(data.test.images.shape[0], 'test image')}` +
      (args.seed === undefined ? '' : `; seed ${args.seed}`),
  );
  const seed = args.seed ?? randomInt(2 ** 32);
  setSeed(seed);
  const model = lenet(data.train.images.shape.slice(1), data.classNames.length);
  model.summary(undefined, undefined, print);
  throwIfAborted(signal);
  const resumed = new ResumedRun(seed, args.seed, print);
  const outcome = await run(model, args, context, resumed);
  print(`Test loss: ${outcome.loss.toFixed(4)}`);
  print(`Test accuracy: ${percent(outcome.accuracy)}`);
  print(
    `Time: ${outcome.seconds.toFixed(1)} s for ${count(args.epochs, 'epoch')} with validation, ` +
      `${formatCount(outcome.imagesPerSecond)} images/s`,
  );
  const folder = resolve(args.out);
  model.classNames = data.classNames;
  await model.save(`file://${resolve(folder, 'model')}`);
  const figures = await draw(model, data.test.images.slice(0, 1));
  await write(resolve(folder, 'report.html'), await report(model, args, { title, outcome, info, figures }));
  print(`Model: ${resolve(folder, 'model')}`);
  print(`Report: ${resolve(folder, 'report.html')}`);
}

async function run(
  model: LayersModel,
  args: TrainArguments,
  { data: { train, test }, signal, print = console.log }: TrainContext,
  resumed: ResumedRun,
): Promise<Outcome> {
  const { epochs, batch, out, resume } = args;
  const steps = Math.ceil(train.images.shape[0] / batch);
  const started = performance.now();
  const stop = () => {
    model.stopTraining = true;
  };
  const onTrainBegin = () => {
    // fit resets stopTraining before.
    if (signal?.aborted) stop();
    print(BEGIN);
  };
  signal?.addEventListener('abort', stop);
  const { history } = await model
    .fit(train.images, train.labels, {
      epochs,
      batchSize: batch,
      validationData: [test.images, test.labels],
      callbacks: [resumed, { onTrainBegin }],
      checkpoint: { dir: resolve(out, 'checkpoints') },
      resume,
    })
    .finally(() => signal?.removeEventListener('abort', stop));
  const { iterations } = model.optimizer;
  const end = () => interrupted(iterations, { epochs, steps });
  if (signal?.aborted) throw end();
  const seconds = (performance.now() - started) / 1000;
  const evaluation = model.evaluate(test.images, test.labels, { batchSize: batch, signal });
  const scores = await Promise.resolve(evaluation).catch((error) => {
    throw signal?.aborted ? end() : error;
  });
  const [loss, accuracy] = scores.map((score) => score.dataSync()[0]);
  const imagesPerSecond = ((iterations - resumed.iterations) / steps) * (train.images.shape[0] / seconds);
  return { history, loss, accuracy, seed: resumed.seed, seconds, imagesPerSecond };
}

function interrupted(iterations: number, { epochs, steps }: { epochs: number; steps: number }): Interrupted {
  if (iterations === 0) return new Interrupted('interrupted before the first step; nothing was saved');
  const place = `${Math.floor(iterations / steps)} of ${count(epochs, 'epoch')} and ${count(iterations % steps, 'step')}`;
  return new Interrupted(`interrupted after ${place}, with a checkpoint`);
}

/** Keeps the seed in checkpoints, for the report, and learns how many steps were made before. */
class ResumedRun extends Callback {
  /** Steps that earlier processes made. */
  iterations = 0;
  seed: number;
  readonly #given?: number;
  readonly #print: (line: string) => void;

  /** `given` is the seed of the command line, if there is one. */
  constructor(seed: number, given: number | undefined, print: (line: string) => void) {
    super();
    this.seed = seed;
    this.#given = given;
    this.#print = print;
  }

  override getState(): unknown {
    return { seed: this.seed };
  }

  override setState({ seed }: { seed: number }): void {
    if (this.#given !== undefined && this.#given !== seed) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `--seed is ${this.#given}, and the checkpoint's is ${seed}; leave it out, or leave out --resume to begin anew.`,
      );
    }
    this.seed = seed;
    this.iterations = this.model.optimizer.iterations;
    this.#print(`Resumed after ${count(this.iterations, 'step')}; seed ${seed}`);
  }
}

/** Draws the filters of its convolutions, and the feature maps of an image. */
async function draw(model: LayersModel, image: Tensor): Promise<string[]> {
  const convolutions = model.layers.filter((layer) => layer instanceof Conv2D);
  const figures = convolutions.map((layer) => filters(layer, { limit: 32 }));
  return Promise.all([...figures, featureMaps(model, image)]);
}

interface ReportContents {
  /** The dataset's title. */
  title: string;
  outcome: Outcome;
  info: EngineInfo;
  figures: readonly string[];
}

function report(
  model: LayersModel,
  { epochs, batch }: TrainArguments,
  { title, outcome, info, figures }: ReportContents,
): Promise<string> {
  const summary: string[] = [];
  model.summary(undefined, undefined, (line) => summary.push(line));
  return trainingReport({
    title: `LeNet on ${title}`,
    history: outcome.history,
    summary: summary.join('\n'),
    figures,
    facts: {
      'Test accuracy': percent(outcome.accuracy),
      'Test loss': outcome.loss.toFixed(4),
      Time: `${outcome.seconds.toFixed(1)} s`,
      'Images a second': formatCount(outcome.imagesPerSecond),
      'Epochs, batch': `${epochs}, ${batch}`,
      Seed: outcome.seed,
      Machine: describeMachine(info),
      Versions: `convforge ${info.version}, Node ${process.versions.node}`,
    },
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
