import { join, type Look } from '../inspect.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { outputShapes } from '../layers/inspect-layer.js';
import type { Model, ModelLayer } from '../network/model.js';
import { countTrainable } from './summary.js';

/** Inputs and outputs that are shown. */
const MOST_PORTS = 4;

/** Name, number of layers and of weights' elements; below, inputs, outputs, and how it is compiled. Within others on one line. */
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

/** A model as a layer of others: its name, numbers, and the shapes that it gives once it is used. */
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
  const rest = tensors.length > MOST_PORTS ? ['...'] : [];
  return [...tensors.slice(0, MOST_PORTS).map(text), ...rest].join(', ');
}
