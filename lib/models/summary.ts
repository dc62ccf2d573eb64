import type { Layer } from '../layers/base-layer.js';
import { elementCount } from '../layers/shapes.js';
import { OptionChecks } from '../options.js';
import type { Model } from '../network/model.js';
import { trainedLayers } from '../network/nested-layers.js';

/** Takes the lines of a table, one after another. */
export type PrintLine = (line: string) => void;

/** Shares of the line at which columns end. */
const POSITIONS = [0.5, 0.8, 1];

/** A table of layers with output shapes and parameter counts, and the totals. */
export function printSummary(
  model: Model,
  lineLength = 80,
  positions: readonly number[] = POSITIONS,
  print: PrintLine,
): void {
  const checks = new OptionChecks('summary');
  checks.whole('lineLength', lineLength, 1);
  const ends = positions.map((end) =>
    checks.number('positions', end, (value) => value > 0, 'numbers above 0'),
  );
  const columns = ends.map((end) => (end <= 1 ? Math.floor(end * lineLength) : end));
  const total = model.countParams();
  const trainable = countTrainable(model);
  const showCount = (count: number) => count.toLocaleString('en-US');
  print(`Model: "${model.name}"`);
  print('_'.repeat(lineLength));
  print(row(['Layer (type)', 'Output shape', 'Param #'], columns));
  print('='.repeat(lineLength));
  for (const [i, layer] of model.layers.entries()) {
    if (i > 0) print('_'.repeat(lineLength));
    print(row(cells(layer), columns));
  }
  print('='.repeat(lineLength));
  print(`Total params: ${showCount(total)}`);
  print(`Trainable params: ${showCount(trainable)}`);
  print(`Non-trainable params: ${showCount(total - trainable)}`);
  print('_'.repeat(lineLength));
}

/** Of the weights that training changes: as compile settled it, or would now. */
export function countTrainable(model: Model): number {
  const trained = model.isCompiled ? model.compiled.trained : trainedLayers(model);
  const weights = [...trained].flatMap((layer) => layer.weights);
  return weights.reduce(
    (sum, { shape, trainable }) => sum + (trainable === false ? 0 : elementCount(shape)),
    0,
  );
}

function cells(layer: Layer): string[] {
  const shapes = layer.outputs.map(({ shape }) => `[${shape.map(String).join(', ')}]`);
  const shape = shapes.join(', ');
  return [`${layer.name} (${layer.getClassName()})`, shape, layer.countParams().toLocaleString('en-US')];
}

/** Each cell is cut to leave a space before the next column. */
function row(texts: readonly string[], columns: readonly number[]): string {
  let line = '';
  for (const [i, text] of texts.entries()) {
    const end = columns[i] ?? columns[columns.length - 1];
    line = `${line}${text}`.slice(0, i === texts.length - 1 ? end : end - 1).padEnd(end);
  }
  return line.trimEnd();
}
