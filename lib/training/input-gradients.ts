import { readSignal } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import { elementCount } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import type { DescribedModel } from '../network/live-programs.js';
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
  /** Without targets: name of the output whose elements are summed. Required if there are several. */
  output?: string;
  /**
   * Without targets: the class to sum, an index along the output's last axis; or a list of one for each
   * sample. Default: all classes.
   */
  class?: number | readonly number[];
  /**
   * Without targets: whether to sum the logits instead, the input of the output's softmax or sigmoid. Near 1
   * a probability hardly changes, but its logit does. Default false.
   */
  logits?: boolean;
  /** Names of the inputs to differentiate by. Default: all. */
  inputs?: readonly string[];
  /**
   * Names of the layers whose outputs to differentiate by. A layer of a nested model is "model/layer"; a
   * layer's second use is "layer@2". Default: none.
   */
  layers?: readonly string[];
  /** With targets: weights of samples or of their rows in the loss, as for fit. */
  sampleWeight?: SampleWeight;
  /**
   * Whether layers run in training mode: dropout drops, and batch normalization uses the batch's statistics
   * without updating its own. Default false.
   */
  training?: boolean;
  /** Aborts the computation with the code ABORTED. */
  signal?: AbortSignal;
}

/** A layer's output, and the gradient with respect to it. */
export interface LayerGradient {
  /** The layer's output, [n, ...]. */
  output: Tensor;
  /** Gradient of the loss, or of the sum, with respect to each element of `output`, [n, ...]. */
  gradient: Tensor;
}

/** Result of {@link LayersModel.inputGradients}. */
export interface InputGradients {
  /** The differentiated value: the mean loss without regularization losses, or the sum. */
  value: number;
  /** Gradients with respect to the inputs, [n, ...], by input name. */
  inputs: Record<string, Tensor>;
  /** Layers' outputs and the gradients with respect to them, by the names given in `layers`. */
  layers: Record<string, LayerGradient>;
  /** Whether `value` sums logits. False if `logits` was set but the output has no softmax or sigmoid. */
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

/** Gradients with respect to inputs and layers' outputs: see LayersModel.inputGradients. */
export async function inputGradients(
  model: Model,
  x: DataLike,
  y?: DataLike | null,
  options: InputGradientsOptions = {},
): Promise<InputGradients> {
  const checks = new OptionChecks('inputGradients');
  checks.keys(options, Object.keys(NAMES));
  const request = readRequest(checks, model, options, y !== undefined && y !== null);
  const signal = readSignal(checks, options.signal);
  const training = checks.boolean('training', options.training ?? false);
  const { state } = model;
  const { sampleWeight } = options;
  const source =
    request.of === 'loss' ? labelledSource(model, { x, y: y as DataLike, sampleWeight }) : inputsOf(model, x);
  const inputShapes = sampleShapes(source.x);
  const whole = state.describeWhole(inputShapes, training ? undefined : false);
  const described = describeValueGradients(whole, request);
  const factors =
    request.of === 'loss' ? undefined : factorsOf(checks, described.shape, source.count, options.class);
  const program = state.otherProgram(inputShapes, described.description);
  try {
    const sets = factors ? { ...source, y: [factors] } : source;
    const seed = training ? nextSeed() : state.runSeed();
    const result = await withLabelledSamples(state.engine, sets, (samples) =>
      program.valueGradients({ ...samples, seed, signal }),
    );
    return named(request, described, sets, result, model);
  } finally {
    program.release();
  }
}

/** Reads what to differentiate, and by what. Throws INVALID_ARGUMENT, UNKNOWN_OPTION. */
function readRequest(
  checks: OptionChecks,
  { signature }: Model,
  options: InputGradientsOptions,
  isOfLoss: boolean,
): GradientRequest {
  const misplaced = (isOfLoss ? (['output', 'class', 'logits'] as const) : (['sampleWeight'] as const)).find(
    (name) => options[name] !== undefined,
  );
  if (misplaced !== undefined) {
    const why = isOfLoss ? 'with targets, gradients are of the loss' : 'without targets there is no loss';
    checks.fail('INVALID_ARGUMENT', `${misplaced} is given, but ${why}; leave one of the two out.`);
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

/** Index of the output to sum. */
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

/** A mask over the output: 1 for each element to sum, else 0. */
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
  request: GradientRequest,
  described: DescribedGradients,
  { x, y, count }: LabelledSource,
  { totals, outputs, gradients }: ValueGradients,
  { signature }: Model,
): InputGradients {
  const tensor = (values: Float32Array, shape: Shape) => new Tensor(values, [count, ...shape], 'float32');
  const inputs = request.inputs.map((input, i) => [
    signature.inputs[input].name,
    tensor(gradients[i], x[input].shape.slice(1)),
  ]);
  const layers = request.layers.map((name, i) => {
    const { shape, output } = described.layers[i];
    const gradient = tensor(gradients[inputs.length + i], shape);
    return [name, { output: tensor(outputs[output], shape), gradient }];
  });
  return {
    value:
      request.of === 'loss' ? totals.loss / totals.samples : product(y[0].read(0, y[0].size), outputs[0]),
    inputs: Object.fromEntries(inputs),
    layers: Object.fromEntries(layers),
    isOfLogits: described.isLogits,
  };
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  // Elements outside the mask may be NaN, and 0 * NaN is NaN.
  for (let i = 0; i < b.length; i++) if (a[i] !== 0) sum += a[i] * b[i];
  return sum;
}

/** What to differentiate, and by what. */
interface GradientRequest {
  /** The loss; or an output, by its index, and whether to take its logits. */
  of: 'loss' | { output: number; logits: boolean };
  /** Indices of the model's inputs. */
  inputs: readonly number[];
  /** Names of layers' uses. */
  layers: readonly string[];
}

/** A program that computes the gradients by the requested inputs, then by the outputs of the requested layers. */
interface DescribedGradients {
  description: ProgramDescription;
  /** Shape of one sample of the differentiated output. */
  shape: Shape;
  /** Whether that output is logits. */
  isLogits: boolean;
  /** Shape of each layer's output, and its index among the program's outputs. */
  layers: readonly { shape: Shape; output: number }[];
}

/** Throws INVALID_ARGUMENT for an unknown layer, UNSUPPORTED for an input of an embedding. */
function describeValueGradients(
  { description, layerValues }: DescribedModel,
  { of, inputs, layers }: GradientRequest,
): DescribedGradients {
  const { graph, training } = description;
  const { nodes } = graph;
  const given = graph.outputs as readonly ValueReference[];
  for (const input of inputs) checkDifferentiable(nodes, input);
  const values = layers.map((name) => layerValueOf(name, layerValues));
  const whole = of === 'loss' ? given[0] : given[of.output];
  const logits = of !== 'loss' && of.logits ? logitsOf(nodes, whole) : undefined;
  const measured = logits ?? whole;
  // The differentiated output is the first. All others follow, so that the program uses all of its nodes.
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

/** The input of a softmax over the last axis or of a sigmoid; undefined for any other node. */
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
