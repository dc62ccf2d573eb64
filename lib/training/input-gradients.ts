import { readSignal } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import { elementCount } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import type { DescribedModel } from '../network/model-state.js';
import type { DataLike, ModelPort } from '../network/ports.js';
import { OptionChecks, show, unknownName } from '../options.js';
import {
  describeProgram,
  type NodeDescription,
  nodeOf,
  type ProgramDescription,
  type Shape,
  shapeOf,
  type ValueReference,
} from '../program/description.js';
import type { ValueGradients } from '../program/engine.js';
import { SampleSource, sampleShapes } from '../program/samples.js';
import { nextSeed } from '../random/index.js';
import { Tensor } from '../tensor/index.js';
import { inputSources, type LabelledSource, labelledSource, withLabelledSamples } from './labelled-data.js';
import type { SampleWeight } from './sample-weights.js';

/** Options of {@link LayersModel.inputGradients}. */
export interface InputGradientsOptions {
  /** Without targets: the name of the output whose elements are summed. Default: the only one. */
  output?: string;
  /** Without targets: the only class that is summed, an index along the output's last axis; or one for each sample. Default: all. */
  class?: number | readonly number[];
  /**
   * Without targets: whether the sum is of the logits where the output is a softmax's or a sigmoid's, of what that takes. A class's score
   * hardly changes where it is near 1, its logit does. Default false.
   */
  logits?: boolean;
  /** Names of the inputs by which gradients are wanted. Default: all. */
  inputs?: readonly string[];
  /**
   * Names of the layers by whose outputs gradients are wanted; those in a model inside are "model/layer", a layer's second use is
   * "layer@2". Default: none.
   */
  layers?: readonly string[];
  /** With targets: what samples or their rows count in the loss, as fit takes it. */
  sampleWeight?: SampleWeight;
  /**
   * Whether layers do what they do in training: dropout drops, batch normalization takes the batch's statistics (and keeps none). Default
   * false.
   */
  training?: boolean;
  /** Ends the computation with the code ABORTED. */
  signal?: AbortSignal;
}

/** What a layer gives, and the gradient by it. */
export interface LayerGradient {
  /** What the layer gives for the samples, [n, ...]. */
  output: Tensor;
  /** Of the loss, or the sum, by each element of that. */
  gradient: Tensor;
}

/** What {@link LayersModel.inputGradients} gives. */
export interface InputGradients {
  /** What the gradients are of: the mean loss without what regularizers add, or the sum. */
  value: number;
  /** The gradients by the inputs, [n, ...], by the inputs' names. */
  inputs: Record<string, Tensor>;
  /** Outputs of layers and the gradients by them, by the names that were given. */
  layers: Record<string, LayerGradient>;
  /** Whether the sum is of logits. */
  isOfLogits: boolean;
}

const NAMES: Record<keyof Required<InputGradientsOptions>, true> = {
  output: true,
  class: true,
  logits: true,
  inputs: true,
  layers: true,
  sampleWeight: true,
  training: true,
  signal: true,
};

/** Gradients by inputs and by what layers give: see LayersModel.inputGradients. */
export async function inputGradients(
  model: Model,
  x: DataLike,
  y?: DataLike | null,
  options: InputGradientsOptions = {},
): Promise<InputGradients> {
  const checks = new OptionChecks('inputGradients');
  checks.keys(options, Object.keys(NAMES));
  const wanted = readWanted(checks, model, options, y !== undefined && y !== null);
  const signal = readSignal(checks, options.signal);
  const training = checks.boolean('training', options.training ?? false);
  const { state } = model;
  const { sampleWeight } = options;
  const source =
    wanted.of === 'loss' ? labelledSource(model, { x, y: y as DataLike, sampleWeight }) : inputsOf(model, x);
  const inputShapes = sampleShapes(source.x);
  const whole = state.describeWhole(inputShapes, training ? undefined : false);
  const described = describeValueGradients(whole, wanted);
  const factors =
    wanted.of === 'loss' ? undefined : factorsOf(checks, described.shape, source.count, options.class);
  const program = state.otherProgram(inputShapes, described.description);
  try {
    const sets = factors ? { ...source, y: [factors] } : source;
    const seed = training ? nextSeed() : state.runSeed();
    const result = await withLabelledSamples(state.engine, sets, (samples) =>
      program.valueGradients({ ...samples, seed, signal }),
    );
    return named(wanted, described, sets, result, model);
  } finally {
    program.release();
  }
}

/** Throws INVALID_ARGUMENT, UNKNOWN_OPTION. */
function readWanted(
  checks: OptionChecks,
  { signature }: Model,
  options: InputGradientsOptions,
  isOfLoss: boolean,
): WantedGradients {
  const odd = (isOfLoss ? (['output', 'class', 'logits'] as const) : (['sampleWeight'] as const)).find(
    (name) => options[name] !== undefined,
  );
  if (odd !== undefined) {
    const why = isOfLoss ? 'with targets, gradients are of the loss' : 'without targets there is no loss';
    checks.fail('INVALID_ARGUMENT', `${odd} is given, but ${why}; leave one of the two out.`);
  }
  const { inputs, outputs } = signature;
  const inputNames = inputs.map(({ name }) => name);
  const chosen = readNames(checks, 'inputs', options.inputs ?? inputNames);
  const unknown = chosen.find((name) => !inputNames.includes(name));
  if (unknown !== undefined) checks.fail('INVALID_ARGUMENT', unknownName('input', unknown, inputNames));
  const layers = readNames(checks, 'layers', options.layers ?? []);
  if (chosen.length + layers.length === 0)
    checks.fail('INVALID_ARGUMENT', 'there is nothing to compute: name inputs or layers.');
  const output = isOfLoss ? 0 : readOutput(checks, outputs, options.output);
  const logits = checks.boolean('logits', options.logits ?? false);
  return {
    of: isOfLoss ? 'loss' : { output, logits },
    inputs: chosen.map((name) => inputNames.indexOf(name)),
    layers,
  };
}

function readNames(checks: OptionChecks, option: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return [...new Set(value)];
  return checks.fail('INVALID_ARGUMENT', `${option} is ${show(value)}; it must be a list of names.`);
}

/** The place of an output. */
function readOutput(checks: OptionChecks, outputs: readonly ModelPort[], name: string | undefined): number {
  const names = outputs.map((output) => output.name);
  if (name === undefined && outputs.length === 1) return 0;
  if (name === undefined)
    checks.fail(
      'INVALID_ARGUMENT',
      `the model has ${outputs.length} outputs (${names.join(', ')}); name one in \`output\`.`,
    );
  if (!names.includes(name)) checks.fail('INVALID_ARGUMENT', unknownName('output', String(name), names));
  return names.indexOf(name);
}

/** Samples without targets. */
function inputsOf(model: Model, x: DataLike): LabelledSource {
  const sources = inputSources(model, x, 'x');
  return { x: sources, y: [], weights: [], count: sources[0].count };
}

/** 1 for each element of an output that is summed, else 0. */
function factorsOf(
  checks: OptionChecks,
  shape: Shape,
  count: number,
  classes: InputGradientsOptions['class'],
): SampleSource {
  const size = elementCount(shape);
  const factors = new Float32Array(count * size).fill(classes === undefined ? 1 : 0);
  if (classes !== undefined) {
    const [last] = shape.slice(-1);
    const byList = typeof classes !== 'number';
    if (byList && !(Array.isArray(classes) && classes.length === count))
      checks.fail(
        'INVALID_ARGUMENT',
        `class is ${show(classes)}; give one, or one for each of the ${count} samples.`,
      );
    for (let sample = 0; sample < count; sample++) {
      const own = byList ? classes[sample] : classes;
      if (!(Number.isInteger(own) && own >= 0 && own < last))
        checks.fail('INVALID_ARGUMENT', `class is ${show(own)}; the output has ${last}, from 0.`);
      for (let i = own; i < size; i += last) factors[sample * size + i] = 1;
    }
  }
  return new SampleSource('class', factors, [count, ...shape], 'float32', (slice) => slice as Float32Array);
}

function named(
  wanted: WantedGradients,
  described: DescribedGradients,
  { x, y, count }: LabelledSource,
  { totals, outputs, gradients }: ValueGradients,
  { signature }: Model,
): InputGradients {
  const tensor = (values: Float32Array, shape: Shape) => new Tensor(values, [count, ...shape], 'float32');
  const inputs = wanted.inputs.map((input, i) => [
    signature.inputs[input].name,
    tensor(gradients[i], x[input].shape.slice(1)),
  ]);
  const layers = wanted.layers.map((name, i) => {
    const { shape, output } = described.layers[i];
    const gradient = tensor(gradients[inputs.length + i], shape);
    return [name, { output: tensor(outputs[output], shape), gradient }];
  });
  return {
    value: wanted.of === 'loss' ? totals.loss / totals.samples : product(y[0].read(0, y[0].size), outputs[0]),
    inputs: Object.fromEntries(inputs),
    layers: Object.fromEntries(layers),
    isOfLogits: described.isLogits,
  };
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  // What isn't summed may be NaN.
  for (let i = 0; i < b.length; i++) if (a[i] !== 0) sum += a[i] * b[i];
  return sum;
}

/** What gradients are wanted of a model. */
interface WantedGradients {
  /** Of the loss, or of an output: its place among the model's, and whether what its softmax or sigmoid takes stands in its place. */
  of: 'loss' | { output: number; logits: boolean };
  /** Places among the model's inputs. */
  inputs: readonly number[];
  /** Names of uses of layers. */
  layers: readonly string[];
}

/** A program that computes gradients by the wanted inputs, then by what the wanted layers give. */
interface DescribedGradients {
  description: ProgramDescription;
  /** Shape of a sample of the output that gradients are of. */
  shape: Shape;
  /** Whether this is what a softmax or sigmoid takes. */
  isLogits: boolean;
  /** For each layer its shape, and its place among the program's outputs. */
  layers: readonly { shape: Shape; output: number }[];
}

/** Throws INVALID_ARGUMENT for a layer that isn't there; UNSUPPORTED for an input that an embedding takes. */
function describeValueGradients(
  { description, layerValues }: DescribedModel,
  { of, inputs, layers }: WantedGradients,
): DescribedGradients {
  const { graph, training } = description;
  const { nodes } = graph;
  const given = graph.outputs as readonly ValueReference[];
  for (const input of inputs) checkDifferentiable(nodes, input);
  const values = layers.map((name) => layerValueOf(name, layerValues));
  const whole = of === 'loss' ? given[0] : given[of.output];
  const logits = of !== 'loss' && of.logits ? logitsOf(nodes, whole) : undefined;
  const measured = logits ?? whole;
  // The one that gradients are of is the first. All others are there too, so that the program uses all of its nodes.
  const outputs = [...new Set([...(of === 'loss' ? [] : [measured]), ...given, ...values])];
  const trained = training && {
    ...training,
    outputs: outputs.map((value) => training.outputs[given.indexOf(value)] ?? null),
  };
  const by = [...inputs, ...values];
  return {
    description: describeProgram(
      { nodes, outputs },
      { training: trained, valueGradients: { by, of: of === 'loss' ? 'loss' : 'output' } },
    ),
    shape: shapeOf(nodes, measured),
    isLogits: logits !== undefined,
    layers: values.map((value) => ({ shape: shapeOf(nodes, value), output: outputs.indexOf(value) })),
  };
}

function layerValueOf(name: string, layerValues: ReadonlyMap<string, number>): number {
  const value = layerValues.get(name);
  if (value !== undefined) return value;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `inputGradients: ${unknownName('layer', String(name), [...layerValues.keys()])}`,
  );
}

/** The node that gives the logits of a softmax over the last axis, or of a sigmoid, if the node is one. */
function logitsOf(nodes: readonly NodeDescription[], value: ValueReference): ValueReference | undefined {
  const { op, attributes, inputs } = nodes[nodeOf(value)];
  if (op !== 'activation') return undefined;
  const { length } = shapeOf(nodes, value);
  const isLast = attributes.kind === 'softmax' && (attributes.axis ?? length - 1) === length - 1;
  return isLast || attributes.kind === 'sigmoid' ? inputs[0] : undefined;
}

function checkDifferentiable(nodes: readonly NodeDescription[], input: number): void {
  const from = new Set([input]);
  for (const [index, { op, name, inputs }] of nodes.entries()) {
    if (!inputs.some((value) => from.has(nodeOf(value)))) continue;
    from.add(index);
    if (op !== 'embedding') continue;
    throw new ConvforgeError(
      'UNSUPPORTED',
      `inputGradients: '${nodes[input].name}' goes to the embedding '${name}', which takes whole numbers, so there is no gradient by it; ` +
        `name the other inputs in \`inputs\` ([] for none), and '${name}' in \`layers\`.`,
      { layer: name },
    );
  }
}
