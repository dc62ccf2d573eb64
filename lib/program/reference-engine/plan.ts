import { ConvforgeError } from '../../errors.js';
import { type AnyContract, CONTRACTS, outputsOf } from '../contracts/index.js';
import { DTYPES } from '../dtype.js';
import {
  DESCRIPTION_VERSION,
  type GraphDescription,
  type NodeDescription,
  type ProgramDescription,
  type Shape,
  type ValueDescription,
} from '../description.js';
import {
  checkAttributes,
  checkParameters,
  checkShape,
  elementCount,
  fail,
  sameShape,
  show,
} from './checks.js';
import { checkConstraint } from './constraints.js';
import type { Op } from './op.js';
import { opOf } from './ops/index.js';
import { planTraining } from './plan-training.js';
import type { Plan, PlannedInput, PlannedParameter, PlannedStep } from './planned.js';
import { checkRegularizer } from './regularization.js';
import { planValueGradients } from './value-gradients.js';
import { type PlannedValue, showValue, Values } from './values.js';

/** Plans a program. Checks every rule of description.ts and trusts nothing. */
export function plan(description: ProgramDescription): Plan {
  if (description.version !== DESCRIPTION_VERSION) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `a program of version ${description.version}; the engine knows version ${DESCRIPTION_VERSION}.`,
    );
  }
  const { graph, training } = description;
  const { nodes } = graph;
  checkNames(nodes);
  const inputs = planInputs(nodes);
  const steps: PlannedStep[] = [];
  const values = new Values();
  for (const { shape } of inputs) values.add([shape]);
  const parameters: PlannedParameter[] = [];
  for (const node of nodes.slice(inputs.length)) {
    const owner = node.sharesWith === undefined ? undefined : ownerOf(node, steps, inputs.length);
    steps.push(planStep(node, values, owner ? owner.firstParameter : parameters.length));
    if (owner) continue;
    for (const parameter of node.parameters) {
      checkRegularizer(node, parameter);
      checkConstraint(node, parameter);
      parameters.push({
        ...parameter,
        name: `${node.name}/${parameter.name}`,
        size: elementCount(parameter.shape),
        trainable: parameter.trainable ?? true,
      });
    }
  }
  const outputs = planOutputs(graph, values);
  checkUsed(nodes, values.list, [...steps.flatMap((step) => step.inputs), ...outputs]);
  const folded = outputs.map((output) => values.list[output]).find(({ folds }) => folds !== 1);
  if (folded) fail(nodes[folded.node], 'INVALID_ARGUMENT', "it can't be an output: its steps are folded.");
  const valueGradients = description.valueGradients && planValueGradients(description.valueGradients, values);
  const planned = { inputs, steps, outputs, values: values.list, parameters, valueGradients };
  return training ? { ...planned, training: planTraining(training, nodes, planned) } : planned;
}

function checkNames(nodes: readonly NodeDescription[]): void {
  const names = new Set<string>();
  for (const node of nodes) {
    if (names.has(node.name)) fail(node, 'INVALID_ARGUMENT', 'two nodes have this name.');
    names.add(node.name);
  }
}

function planInputs(nodes: readonly NodeDescription[]): PlannedInput[] {
  const first = nodes.findIndex(({ op }) => op !== 'input');
  const inputs = first < 0 ? nodes : nodes.slice(0, first);
  if (inputs.length === 0) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `node 0 of a program must be an input, not ${nodes[0]?.op}.`,
    );
  }
  return inputs.map((input) => {
    if (input.inputs.length > 0) fail(input, 'INVALID_ARGUMENT', 'an input node takes no inputs.');
    planShapes(input, CONTRACTS.get('input') as AnyContract, []);
    return { name: input.name, ...input.outputs[0] };
  });
}

/** Plans a node and adds its outputs to `values`. */
function planStep(node: NodeDescription, values: Values, firstParameter: number): PlannedStep {
  if (node.op === 'input') fail(node, 'INVALID_ARGUMENT', 'the inputs of a program must be its first nodes.');
  const contract = CONTRACTS.get(node.op);
  if (!contract) return fail(node, 'UNSUPPORTED', `there is no op '${node.op}'.`);
  const op = opOf(node.op);
  const inputs = planInputsOf(node, contract, values);
  const taken = inputs.map((input) => values.list[input]);
  const [{ shape: inputShape, folds: before }] = taken;
  const inputShapes = taken.map(({ shape }) => shape);
  const outputShapes = planShapes(node, contract, inputShapes, op);
  if (taken.some(({ folds }) => folds !== before))
    fail(node, 'INVALID_ARGUMENT', 'its inputs must all be folded alike.');
  const folds = op.folds?.(node, before, inputShape) ?? before;
  if (folds > 1) for (const shape of outputShapes) checkShape(node, [folds, ...shape], 'the output');
  const firstOutput = values.add(outputShapes, folds);
  return { node, op, inputs, inputShape, inputShapes, outputShapes, firstOutput, folds, firstParameter };
}

/** Checks a node against its contract and returns the shapes of its outputs. */
function planShapes(
  node: NodeDescription,
  contract: AnyContract,
  inputs: readonly Shape[],
  op?: Op,
): readonly Shape[] {
  checkAttributes(node, contract.attributes);
  checkParameters(node, contract);
  if (node.op === 'input') checkInput(node);
  op?.check?.(node, inputs[0]);
  const outputs = outputsOf(contract, {
    attributes: node.attributes,
    inputs,
    parameters: Object.fromEntries(node.parameters.map(({ name, shape }) => [name, shape])),
    fail: (code, message) => fail(node, code, message),
  });
  if (node.outputs.length !== outputs.length) {
    const count = outputs.length === 1 ? 'one output' : `${outputs.length} outputs`;
    fail(node, 'INVALID_ARGUMENT', `${node.op} has ${count}, not ${node.outputs.length}.`);
  }
  outputs.forEach((output, i) => void checkOutput(node, inputs, output, node.outputs[i]));
  return outputs.map(({ shape }) => shape);
}

function checkOutput(
  node: NodeDescription,
  inputs: readonly Shape[],
  { shape, dtype }: ValueDescription,
  declared: ValueDescription,
): void {
  checkShape(node, shape, 'the output');
  const output = `the output of ${node.op}${inputs.length > 0 ? ` on ${show(inputs[0])}` : ''}`;
  if (!sameShape(shape, declared.shape)) {
    const message = `${output} has shape ${show(shape)}, not ${show(declared.shape)} as described.`;
    fail(node, 'SHAPE_MISMATCH', message);
  }
  if (dtype !== declared.dtype)
    fail(node, 'INVALID_ARGUMENT', `${output} is ${dtype}, not ${declared.dtype} as described.`);
}

function checkInput(node: NodeDescription<'input'>): void {
  const { shape, dtype = 'float32' } = node.attributes;
  checkShape(node, shape, 'the input');
  if (!DTYPES.includes(dtype))
    fail(node, 'INVALID_ARGUMENT', `dtype is ${dtype}; it can be ${DTYPES.join(', ')}.`);
}

/** The values that a node reads. Their number must fit, and each must be one of `before`. */
function planInputsOf(node: NodeDescription, { inputs }: AnyContract, before: Values): number[] {
  const count = node.inputs.length;
  if (inputs === 'several' ? count < 2 : count !== 1) {
    const expected = inputs === 'several' ? 'two or more inputs' : 'one input';
    fail(node, 'INVALID_ARGUMENT', `${node.op} takes ${expected}, not ${count}.`);
  }
  return node.inputs.map((input) => {
    const value = before.find(input);
    if (value !== undefined) return value;
    const message = `its input is ${showValue(input)}; it must be one of the ${before.nodes} before it.`;
    return fail(node, 'INVALID_ARGUMENT', message);
  });
}

/**
 * The step whose weights a node shares. It must be earlier, have weights of its own, and have the same op and
 * shapes.
 */
function ownerOf(node: NodeDescription, before: readonly PlannedStep[], inputs: number): PlannedStep {
  const owner = before[(node.sharesWith as number) - inputs];
  const own = owner?.node.parameters ?? [];
  const fits =
    owner?.node.op === node.op &&
    owner.node.sharesWith === undefined &&
    own.length === node.parameters.length &&
    own.every(({ shape }, index) => sameShape(shape, node.parameters[index].shape));
  if (fits) return owner;
  return fail(
    node,
    'INVALID_ARGUMENT',
    `it can't share the weights of node ${node.sharesWith}; that must be a node before it with weights of its own, of the same op and shapes.`,
  );
}

function planOutputs({ nodes, outputs = [] }: GraphDescription, values: Values): readonly number[] {
  const references = outputs.length === 0 ? [nodes.length - 1] : outputs;
  const found = references.map((output) => {
    const value = values.find(output);
    if (value !== undefined) return value;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${showValue(output)} can't be an output: there are ${nodes.length} nodes.`,
    );
  });
  found.forEach((value, index) => {
    if (found.indexOf(value) < index)
      fail(nodes[values.list[value].node], 'INVALID_ARGUMENT', 'it is listed twice among the outputs.');
  });
  return found;
}

/** Throws INVALID_ARGUMENT unless one of each node's outputs is among the `read` values. */
function checkUsed(
  nodes: readonly NodeDescription[],
  values: readonly PlannedValue[],
  read: readonly number[],
): void {
  const used = new Set(read.map((value) => values[value].node));
  nodes.forEach((node, index) => {
    if (used.has(index)) return;
    fail(
      node,
      'INVALID_ARGUMENT',
      'no node takes its output, and it is not an output of the program; leave it out.',
    );
  });
}
