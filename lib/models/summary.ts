import { join, type Look } from '../inspect.js';
import type { Layer } from '../layers/base-layer.js';
import { outputShapes } from '../layers/inspect-layer.js';
import { elementCount } from '../layers/shapes.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { type Model, type ModelLayer, trainedLayers } from '../network/model.js';
import { OptionChecks } from '../options.js';

/** Receives the lines of a table one by one. */
export type PrintLine = (line: string) => void;

/** Ends of the columns, as fractions of the line. */
const POSITIONS = [0.5, 0.8, 1];

/** Prints a table of layers with output shapes and parameter counts, and the totals. */
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

/** Number of trainable parameters: as compiled, or as compile would choose now. */
function countTrainable(model: Model): number {
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

/** Formats a row. Cells are cut to leave a space before the next column. */
function row(texts: readonly string[], columns: readonly number[]): string {
  let line = '';
  for (const [i, text] of texts.entries()) {
    const end = columns[i] ?? columns[columns.length - 1];
    line = `${line}${text}`.slice(0, i === texts.length - 1 ? end : end - 1).padEnd(end);
  }
  return line.trimEnd();
}

/** Maximum number of inputs or outputs to show. */
const MAX_PORTS = 4;

/**
 * Shows name, number of layers and parameters; below them inputs, outputs and compilation. Within other
 * values: one line.
 */
export function inspectModel(model: Model, look: Look): string {
  const head = inspectHead(model, look);
  if (model.layers.length === 0) return head;
  const [inputs, outputs] = [model.inputs, model.outputs];
  if (look.isNested) return `${head} ${shapes(inputs, look)} -> ${shapes(outputs, look)}`;
  const lines = [
    `inputs: ${namedShapes(inputs, look)}`,
    `outputs: ${namedShapes(outputs, look)}`,
    ...inspectCompiled(model, look),
  ];
  return [head, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Shows a model as a layer: its name, counts, and, once it is used, its output shapes. */
export function inspectNestedModel(layer: ModelLayer, look: Look): string {
  return join(inspectHead(layer.model, look), outputShapes(layer, look));
}

function inspectHead(model: Model, look: Look): string {
  const parameters = model.countParams();
  const trainable = countTrainable(model);
  const counts = {
    layers: model.layers.length,
    parameters,
    trainableParameters: trainable === parameters ? null : trainable,
  };
  return join(model.getClassName(), look.value(model.name), look.fields(counts));
}

function inspectCompiled(model: Model, look: Look): string[] {
  if (!model.isCompiled) return [];
  const outputs = model.compiled.outputs.filter((output) => output !== null);
  const losses = [...new Set(outputs.map(({ loss }) => loss.kind))];
  const metrics = [...new Set(outputs.flatMap((output) => output.metrics.map(({ logKey }) => logKey)))];
  return [
    `optimizer: ${look.value(model.optimizer)}`,
    `loss: ${losses.join(', ')}`,
    ...(metrics.length > 0 ? [`metrics: ${metrics.join(', ')}`] : []),
  ];
}

function namedShapes(tensors: readonly SymbolicTensor[], look: Look): string {
  return listed(tensors, (tensor) => `${tensor.name} ${look.value(tensor.shape)}`);
}

function shapes(tensors: readonly SymbolicTensor[], look: Look): string {
  return listed(tensors, ({ shape }) => look.value(shape));
}

function listed(tensors: readonly SymbolicTensor[], text: (tensor: SymbolicTensor) => string): string {
  const rest = tensors.length > MAX_PORTS ? ['...'] : [];
  return [...tensors.slice(0, MAX_PORTS).map(text), ...rest].join(', ');
}
