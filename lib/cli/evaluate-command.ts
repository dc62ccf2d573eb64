import type { Command } from 'commander';
import { untilAborted } from '../aborts.js';
import { loadModel } from '../models/load-model.js';
import { addCommand, addThreads, type CommandContext } from './command.js';
import { compileFor } from './compile-for.js';
import { addDataOptions, type DataFlags } from './data-options.js';
import { openData } from './labelled-data.js';
import { imageShapeOf } from './load-model.js';
import { count } from '../machine.js';
import { wholeNumber } from './option-values.js';
import { evaluatePart, scoreLines } from './run-parts.js';

interface EvaluateFlags extends DataFlags {
  batch: number;
  json?: boolean;
}

const NOTES = `Data are those of train. Where they have a test part, that is evaluated, or else all images. Classes are matched by the names that the model has. A model that was saved without its optimizer is evaluated with a cross-entropy and accuracy.`;

/** Adds `convforge evaluate`. */
export function addEvaluate(program: Command, context: CommandContext): void {
  const command = addCommand(program, {
    usage: 'evaluate <model>',
    summary: 'measures loss and metrics of a saved model on images',
    description:
      'Measures the loss and every metric of a saved model (model.json or its folder, .keras, .h5, .onnx) on labelled images.',
    examples: [
      ['convforge evaluate convforge-out/model', 'on the test images of Fashion-MNIST'],
      ['convforge evaluate mine/model --data photos/test --json', 'on a folder of images per class, as JSON'],
    ],
    notes: NOTES,
  });
  addDataOptions(command)
    .option('--batch <n>', 'images in a step; results are the same', wholeNumber('batch', 1, 1_000_000), 32)
    .option('--json', 'print the result as JSON');
  addThreads(command).action((path: string, flags: EvaluateFlags) =>
    untilAborted(evaluate(path, flags, context), { signal: context.signal }),
  );
}

async function evaluate(
  path: string,
  { data: name, imageSize, grayscale, batch, json }: EvaluateFlags,
  { signal, print }: CommandContext,
): Promise<void> {
  const say = json ? () => {} : print;
  const model = await loadModel(path, { signal });
  const { classNames } = model;
  const data = await openData(name, {
    modelShape: imageShapeOf(model.signature, path),
    ...{ classNames, imageSize, grayscale },
    valSplit: 'whole',
    seed: 0,
    log: say,
  });
  const targets = compileFor(model, data, { say });
  const part = data.test ?? data.train;
  const scores = await evaluatePart(model, part, targets, { batch, signal });
  if (json) return print(JSON.stringify({ model: path, data: data.title, images: part.count, ...scores }));
  print(`${data.title}: ${count(part.count, data.test ? 'test image' : 'image')}`);
  for (const line of scoreLines(scores, data.test && 'test')) print(line);
}
