import { resolve } from 'node:path';
import { formatCount } from '../callbacks/format.js';
import type { ImageDataset } from '../datasets/index.js';
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
  /** Ends the training with ABORTED within a step. Nothing is saved then. */
  signal?: AbortSignal;
  /** Prints a line. */
  print?: (line: string) => void;
}

interface Outcome {
  history: Record<string, number[]>;
  loss: number;
  accuracy: number;
  /** Of training, including the validation after each epoch. */
  seconds: number;
  /** Training images divided by `seconds`. */
  imagesPerSecond: number;
}

/** The files that `train` writes, relative to <out>. */
export const WRITTEN = ['model/model.json', 'report.html'];

/** Trains LeNet, prints its progress, and writes <out>/model and <out>/report.html. */
export async function train(args: TrainArguments, context: TrainContext): Promise<void> {
  const { data, title, signal, print = console.log } = context;
  const info = engineInfo();
  print(`convforge ${info.version} on ${describeMachine(info)}`);
  print(
    `${title}: ${count(data.train.images.shape[0], 'training image')}, ` +
      `${count(data.test.images.shape[0], 'test image')}; seed ${args.seed}`,
  );
  setSeed(args.seed);
  const model = lenet(data.train.images.shape.slice(1), data.classNames.length);
  model.summary(undefined, undefined, print);
  const outcome = await run(model, args, data, signal);
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
  { epochs, batch }: TrainArguments,
  { train, test }: ImageDataset,
  signal?: AbortSignal,
): Promise<Outcome> {
  const started = performance.now();
  const { history } = await model.fit(train.images, train.labels, {
    epochs,
    batchSize: batch,
    validationData: [test.images, test.labels],
    verbose: 1,
    signal,
  });
  const seconds = (performance.now() - started) / 1000;
  const scores = await model.evaluate(test.images, test.labels, { batchSize: batch, signal });
  const [loss, accuracy] = scores.map((score) => score.dataSync()[0]);
  const imagesPerSecond = (train.images.shape[0] * epochs) / seconds;
  return { history, loss, accuracy, seconds, imagesPerSecond };
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
  { epochs, batch, seed }: TrainArguments,
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
      Seed: seed,
      Machine: describeMachine(info),
      Versions: `convforge ${info.version}, Node ${process.versions.node}`,
    },
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
