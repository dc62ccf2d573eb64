import { ConvforgeError } from '../errors.js';
import { unknownName } from '../options.js';
import type { NodeDescription, ProgramDescription, Shape } from '../program/description.js';
import type { DescribedModel } from './model-state.js';

/** What gradients are wanted of a model. */
export interface WantedGradients {
  /** Of the loss, or of an output: its place among the model's, and whether what its softmax or sigmoid takes stands in its place. */
  of: 'loss' | { output: number; logits: boolean };
  /** Places among the model's inputs. */
  inputs: readonly number[];
  /** Names of uses of layers. */
  layers: readonly string[];
}

/** A program that computes gradients by the wanted inputs, then by what the wanted layers give. */
export interface DescribedGradients {
  description: ProgramDescription;
  /** Shape of a sample of the output that gradients are of. */
  shape: Shape;
  /** Whether this is what a softmax or sigmoid takes. */
  isLogits: boolean;
  /** For each layer its shape, and its place among the program's outputs. */
  layers: readonly { shape: Shape; output: number }[];
}

/** Throws INVALID_ARGUMENT for a layer that isn't there; UNSUPPORTED for an input that an embedding takes. */
export function describeValueGradients(
  { description, layerValues }: DescribedModel,
  { of, inputs, layers }: WantedGradients,
): DescribedGradients {
  const { nodes } = description;
  const given = description.outputs as readonly number[];
  for (const input of inputs) checkDifferentiable(nodes, input);
  const values = layers.map((name) => nodeOf(name, layerValues));
  const whole = of === 'loss' ? given[0] : given[of.output];
  const logits = of !== 'loss' && of.logits ? logitsOf(nodes, whole) : undefined;
  const measured = logits ?? whole;
  // The one that gradients are of is the first. All others are there too, so that the program uses all of its nodes.
  const outputs = [...new Set([...(of === 'loss' ? [] : [measured]), ...given, ...values])];
  const trained = description.training && {
    ...description.training,
    outputs: outputs.map((value) => description.training?.outputs[given.indexOf(value)] ?? null),
  };
  const by = [...inputs, ...values];
  return {
    description: {
      nodes,
      outputs,
      training: trained,
      valueGradients: { by, of: of === 'loss' ? 'loss' : 'output' },
    },
    shape: nodes[measured].shape,
    isLogits: logits !== undefined,
    layers: values.map((value) => ({ shape: nodes[value].shape, output: outputs.indexOf(value) })),
  };
}

function nodeOf(name: string, layerValues: ReadonlyMap<string, number>): number {
  const value = layerValues.get(name);
  if (value !== undefined) return value;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `inputGradients: ${unknownName('layer', String(name), [...layerValues.keys()])}`,
  );
}

/** The node that gives the logits of a softmax over the last axis, or of a sigmoid, if the node is one. */
function logitsOf(nodes: readonly NodeDescription[], value: number): number | undefined {
  const { op, attributes, inputs, shape } = nodes[value];
  const { kind, axis = shape.length - 1 } = attributes;
  const isLast = kind === 'softmax' && axis === shape.length - 1;
  return op === 'activation' && (isLast || kind === 'sigmoid') ? inputs[0] : undefined;
}

function checkDifferentiable(nodes: readonly NodeDescription[], input: number): void {
  const from = new Set([input]);
  for (const [index, { op, name, inputs }] of nodes.entries()) {
    if (!inputs.some((value) => from.has(value))) continue;
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
