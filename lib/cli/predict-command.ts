import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { untilAborted } from '../aborts.js';
import { loadDecoder } from '../data/load-decoder.js';
import { readImageForm } from '../data/image-form.js';
import { ConvforgeError } from '../errors.js';
import type { LayersModel } from '../models/index.js';
import { loadModel } from '../models/load-model.js';
import { OptionChecks } from '../options.js';
import { sigmoid, softmax } from '../ops/index.js';
import { stack, type Tensor } from '../tensor/index.js';
import { addCommand, addThreads, type CommandContext } from './command.js';
import { givesLogits } from './gives-logits.js';
import { imageShape } from './labelled-data.js';
import { imageShapeOf } from './load-model.js';
import { imageSize, wholeNumber } from './option-values.js';
import { UsageError } from './usage-error.js';

interface PredictFlags {
  top: number;
  imageSize?: [number, number];
  json?: boolean;
}

/** A class and its probability. */
interface Prediction {
  class: string;
  index: number;
  probability: number;
}

/** Images that are decoded and predicted at a time. */
const BATCH = 32;

const NOTES = `Images (PNG, JPEG, WebP, AVIF) are decoded and resized to the model's input as train does with a folder; that needs the package sharp. Class names are those that the model has, as train keeps them. Outputs that aren't probabilities go through a softmax, or a sigmoid if there is one.`;

/** Adds `convforge predict`. */
export function addPredict(program: Command, context: CommandContext): void {
  const command = addCommand(program, {
    usage: 'predict <model> <images...>',
    summary: 'classifies image files with a saved model',
    description:
      'Prints the most probable classes of image files, by a saved model (model.json or its folder, .keras, .h5, .onnx).',
    examples: [
      ['convforge predict mine/model cat.jpg', 'the three most probable classes'],
      ['convforge predict mine/model photos/*.jpg --top 1 --json', 'the best class of each, as JSON'],
    ],
    notes: NOTES,
  })
    .option('--top <n>', 'classes to print, the most probable first', wholeNumber('top', 1, 1_000_000), 3)
    .option(
      '--image-size <HxW>',
      'height and width in pixels, for a model that takes any',
      imageSize('image-size'),
    )
    .option('--json', 'print the result as JSON');
  addThreads(command).action((model: string, files: string[], flags: PredictFlags) =>
    untilAborted(predict(model, files, flags, context), { signal: context.signal }),
  );
}

async function predict(
  path: string,
  files: readonly string[],
  { top, imageSize: size, json }: PredictFlags,
  { signal, print }: CommandContext,
): Promise<void> {
  const model = await loadModel(path, { signal });
  const decode = await decoderFor(model, path, size);
  const areLogits = givesLogits(model);
  const results: { file: string; classes: Prediction[] }[] = [];
  for (let first = 0; first < files.length; first += BATCH) {
    const chunk = files.slice(first, first + BATCH);
    const images = await Promise.all(chunk.map(decode));
    const outputs = await model.predict(stack(images), { signal });
    const rows = probabilitiesOf(outputs, areLogits);
    for (const [i, file] of chunk.entries()) {
      const classes = best(rows[i], model.classNames, top);
      if (json) results.push({ file, classes });
      else print([file, ...classes.map(showPrediction)].join('\n'));
    }
  }
  if (json) print(JSON.stringify(results));
}

function showPrediction({ class: name, probability }: Prediction): string {
  return `${(100 * probability).toFixed(1).padStart(7)} %  ${name}`;
}

/** A function that decodes a file to the model's input. */
async function decoderFor(
  model: LayersModel,
  path: string,
  size: [number, number] | undefined,
): Promise<(file: string) => Promise<Tensor>> {
  const modelShape = imageShapeOf(model.signature, path);
  if (!size && modelShape.slice(0, 2).includes(null))
    throw new UsageError('the model takes images of any size; give --image-size as in training');
  const [height, width, channels] = imageShape({ modelShape, imageSize: size });
  const form = { size: [height, width], channels: channels as 1 | 3 } as const;
  const decode = await loadDecoder('predict', readImageForm(new OptionChecks('predict'), form));
  return async (file) => decode(await read(file), file);
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ConvforgeError('IO_ERROR', `Can't read ${file}: ${(cause as Error).message}.`, { cause });
  }
}

/** The probabilities of the classes, an array for each sample. Throws UNSUPPORTED. */
function probabilitiesOf(outputs: Tensor | readonly Tensor[], areLogits: boolean): number[][] {
  if (Array.isArray(outputs) || (outputs as Tensor).rank !== 2)
    throw new ConvforgeError('UNSUPPORTED', 'predict takes models of one output, [classes].');
  const scores = outputs as Tensor;
  const isBinary = scores.shape[1] === 1;
  const isSquashed = !areLogits && scores.dataSync().every((value) => value >= 0 && value <= 1);
  const squash = isBinary ? sigmoid : softmax;
  const rows = (isSquashed ? scores : squash(scores)).arraySync() as number[][];
  return isBinary ? rows.map(([p]) => [1 - p, p]) : rows;
}

function best(probabilities: readonly number[], names: readonly string[], top: number): Prediction[] {
  return probabilities
    .map((probability, index) => ({ class: names[index] ?? `class ${index}`, index, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}
