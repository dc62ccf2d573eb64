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

/** A checked program: steps in an order in which they can be made. */
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
  /** Values: 0 is the program's input, i + 1 the output of step i. */
  readonly inputs: readonly number[];
  /** Of the first of them. */
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
  const shapes = [input.shape];
  let firstParameter = 0;
  for (const node of rest) {
    if (names.has(node.name)) fail(node, 'INVALID_ARGUMENT', 'two nodes have this name.');
    names.add(node.name);
    const step = planStep(node, shapes, firstParameter);
    steps.push(step);
    shapes.push(step.outputShape);
    firstParameter += node.parameters.length;
  }
  checkUsed(description.nodes);
  const outputShape = shapes[shapes.length - 1];
  return {
    inputShape: input.shape,
    steps,
    outputShape,
    parameterSizes: rest.flatMap((node) => node.parameters.map((parameter) => elementCount(parameter.shape))),
    training: description.training && planTraining(description.training, rest.at(-1), outputShape),
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

/** `shapes` are those of the values before it. */
function planStep(node: NodeDescription, shapes: readonly Shape[], firstParameter: number): PlannedStep {
  if (node.op === 'input') fail(node, 'INVALID_ARGUMENT', 'only node 0 of a program can be an input.');
  if (!Object.hasOwn(OPS, node.op)) fail(node, 'UNSUPPORTED', `there is no op '${node.op}'.`);
  const op = OPS[node.op];
  checkInputs(node, op, shapes.length);
  const [inputShape, ...others] = node.inputs.map((input) => shapes[input]);
  const outputShape = op.outputShape(node, inputShape, ...others);
  checkShape(node, outputShape, 'the output');
  if (!sameShape(outputShape, node.shape)) {
    fail(
      node,
      'SHAPE_MISMATCH',
      `the output of ${node.op} on ${show(inputShape)} has shape ${show(outputShape)}, not ${show(node.shape)} as described.`,
    );
  }
  return { node, op, inputs: node.inputs, inputShape, outputShape, firstParameter };
}

/** The right number of inputs, each one of the `before` nodes before this one. */
function checkInputs(node: NodeDescription, op: Op, before: number): void {
  const count = node.inputs.length;
  if (op.takesSeveral ? count < 2 : count !== 1) {
    const expected = op.takesSeveral ? 'two or more inputs' : 'one input';
    fail(node, 'INVALID_ARGUMENT', `${node.op} takes ${expected}, not ${count}.`);
  }
  for (const input of node.inputs) {
    if (!Number.isInteger(input) || input < 0 || input >= before) {
      fail(
        node,
        'INVALID_ARGUMENT',
        `its input is node ${input}; it must be one of the ${before} before it.`,
      );
    }
  }
}

/** Every node but the last has another that takes its output. */
function checkUsed(nodes: readonly NodeDescription[]): void {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  nodes.slice(0, -1).forEach((node, index) => {
    if (used.has(index)) return;
    fail(
      node,
      'INVALID_ARGUMENT',
      "no node takes its output, and only the last node's is the program's; leave it out.",
    );
  });
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
