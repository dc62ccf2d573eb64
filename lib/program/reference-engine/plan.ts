import { ConvforgeError } from '../../errors.js';
import type { NodeDescription, ProgramDescription, Shape } from '../description.js';
import {
  checkAttributes,
  checkNoParameters,
  checkShape,
  elementCount,
  fail,
  sameShape,
  show,
} from './checks.js';
import { LOSSES, type Loss } from './losses.js';
import { METRICS, type Metric } from './metrics.js';
import type { Op } from './op.js';
import { OPS } from './ops/index.js';
import { checkNumber, OPTIMIZERS, type Optimizer } from './optimizers.js';

/** A checked program: a chain, each step taking the value of the one before it. */
export interface Plan {
  readonly inputShape: Shape;
  readonly steps: readonly PlannedStep[];
  readonly outputShape: Shape;
  /** Number of elements of each parameter, in order. */
  readonly parameterSizes: readonly number[];
  readonly training?: TrainingPlan;
}

export interface PlannedStep {
  readonly node: NodeDescription;
  readonly op: Op;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Its parameters are those from this index on. */
  readonly firstParameter: number;
}

export interface TrainingPlan {
  readonly loss: Loss;
  readonly logits: boolean;
  /** Whether the loss is computed on the input of the last step, a softmax, instead of its output. */
  readonly beforeLast: boolean;
  readonly metrics: readonly Metric[];
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  readonly targets: Loss['targets'];
}

/** Checks everything that description.ts says, trusting nothing. */
export function plan(description: ProgramDescription): Plan {
  const [input, ...rest] = description.nodes;
  checkInput(input);
  const names = new Set([input.name]);
  const steps: PlannedStep[] = [];
  let shape = input.shape;
  let firstParameter = 0;
  rest.forEach((node, index) => {
    if (names.has(node.name)) fail(node, 'INVALID_ARGUMENT', 'two nodes have this name.');
    names.add(node.name);
    const step = planStep(description, index + 1, shape, firstParameter);
    steps.push(step);
    shape = step.outputShape;
    firstParameter += node.parameters.length;
  });
  return {
    inputShape: input.shape,
    steps,
    outputShape: shape,
    parameterSizes: rest.flatMap((node) => node.parameters.map((parameter) => elementCount(parameter.shape))),
    training: description.training && planTraining(description.training, rest.at(-1), shape),
  };
}

function checkInput(input: NodeDescription | undefined): void {
  if (input?.op !== 'input') {
    throw new ConvforgeError('INVALID_ARGUMENT', `node 0 of a program must be its input, not ${input?.op}.`);
  }
  checkShape(input, input.shape, 'the input');
  checkAttributes(input, []);
  checkNoParameters(input);
  if (input.inputs.length > 0) fail(input, 'INVALID_ARGUMENT', 'an input node takes no inputs.');
}

function planStep(
  { nodes }: ProgramDescription,
  index: number,
  inputShape: Shape,
  firstParameter: number,
): PlannedStep {
  const node = nodes[index];
  if (node.op === 'input') fail(node, 'INVALID_ARGUMENT', 'only node 0 of a program can be an input.');
  if (!Object.hasOwn(OPS, node.op)) fail(node, 'UNSUPPORTED', `there is no op '${node.op}'.`);
  checkLink(nodes, index);
  const op = OPS[node.op];
  const outputShape = op.outputShape(node, inputShape);
  checkShape(node, outputShape, 'the output');
  if (!sameShape(outputShape, node.shape)) {
    fail(
      node,
      'SHAPE_MISMATCH',
      `the output of ${node.op} on ${show(inputShape)} has shape ${show(outputShape)}, not ${show(node.shape)} as described.`,
    );
  }
  return { node, op, inputShape, outputShape, firstParameter };
}

/** In a chain a node takes the value of the one before it, and nothing else. */
function checkLink(nodes: readonly NodeDescription[], index: number): void {
  const node = nodes[index];
  const [from] = node.inputs;
  if (node.inputs.length !== 1) {
    fail(node, 'INVALID_ARGUMENT', `${node.op} takes one input, not ${node.inputs.length}.`);
  }
  if (!Number.isInteger(from) || from < 0 || from >= index) {
    fail(node, 'INVALID_ARGUMENT', `its input is node ${from}; it must be one of the ${index} before it.`);
  }
  if (from !== index - 1) {
    fail(
      node,
      'UNSUPPORTED',
      `it takes the value of ${nodes[from].name}, and ${nodes[index - 1].name} before it goes unused; only chains can be run.`,
    );
  }
}

function planTraining(
  { loss, optimizer, metrics }: NonNullable<ProgramDescription['training']>,
  last: NodeDescription | undefined,
  outputShape: Shape,
): TrainingPlan {
  const rule = lookUp(LOSSES, loss.kind, 'loss');
  const rules = metrics.map((kind) => {
    const metric = lookUp(METRICS, kind, 'metric');
    if (metric.targets !== rule.targets) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `the metric ${kind} compares with ${metric.targets}, but the targets of ${loss.kind} are ${rule.targets}.`,
      );
    }
    return metric;
  });
  if (outputShape.length === 0) {
    throw new ConvforgeError('SHAPE_MISMATCH', 'a loss needs an output with at least one axis, not [].', {
      layer: last?.name,
    });
  }
  const make = lookUp(OPTIMIZERS, optimizer.kind, 'optimizer') as (from: typeof optimizer) => Optimizer;
  checkNumber('learningRate', optimizer.learningRate, 0, Number.POSITIVE_INFINITY);
  const softmax = last?.op === 'activation' && last.attributes.kind === 'softmax';
  return {
    loss: rule,
    logits: loss.fromLogits || softmax,
    beforeLast: rule.crossentropy && softmax,
    metrics: rules,
    optimizer: make(optimizer),
    learningRate: optimizer.learningRate,
    targets: rule.targets,
  };
}

function lookUp<T>(table: Readonly<Record<string, T>>, kind: string, what: string): T {
  if (!Object.hasOwn(table, kind)) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `there is no ${what} '${kind}'; it can be ${Object.keys(table).join(', ')}.`,
    );
  }
  return table[kind];
}
