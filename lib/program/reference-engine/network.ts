import { elementCount } from './checks.js';
import type { Targets } from './losses.js';
import type { BackwardCall, ForwardCall, RandomState } from './op.js';
import type { Plan, TrainingPlan } from './plan.js';
import { allocate, type FloatArray, type Precision } from './precision.js';

/** What a batch of training or evaluation gives. */
export interface BatchResult {
  /** Sum of the samples' losses. */
  loss: number;
  /** Sums over the samples. */
  metrics: number[];
  outputs: FloatArray;
}

export interface Gradients extends BatchResult {
  /** Of the batch's mean loss, by each parameter. */
  gradients: FloatArray[];
  /** The same by the inputs. */
  inputGradient: FloatArray;
}

/** Runs each step of the plan on a batch and keeps what backward needs. */
export function forward(
  { steps }: Plan,
  precision: Precision,
  weights: readonly FloatArray[],
  inputs: FloatArray,
  samples: number,
  random?: RandomState,
): ForwardCall[] {
  const calls: ForwardCall[] = [];
  const values = [inputs];
  for (const step of steps) {
    const { node, op, inputShape, outputShape, firstParameter } = step;
    const taken = step.inputs.map((value) => values[value]);
    const output = allocate(precision, samples * elementCount(outputShape));
    const parameters = weights.slice(firstParameter, firstParameter + node.parameters.length);
    const shapes = { inputShape, outputShape };
    const call = { node, samples, ...shapes, input: taken[0], inputs: taken, output, parameters, random };
    op.forward(call);
    calls.push(call);
    values.push(output);
  }
  return calls;
}

/** Loss, metrics, and the gradient of the mean loss by the value that it is computed on: the last output, or a final softmax's input. */
export function score(
  { outputShape }: Plan,
  training: TrainingPlan,
  calls: readonly ForwardCall[],
  inputs: FloatArray,
  targets: Targets,
  samples: number,
): { result: BatchResult; gradient: FloatArray } {
  const last = calls.at(-1);
  const outputs = last?.output ?? inputs;
  const scored = training.beforeLast && last ? last.input : outputs;
  const gradient = scored.slice().fill(0);
  const classes = outputShape[outputShape.length - 1];
  const loss = training.loss.compute(
    { samples, classes, outputs: scored, targets, gradient },
    training.logits,
  );
  const metrics = training.metrics.map((metric) => metric.sum({ samples, classes, outputs, targets }));
  return { result: { loss, metrics, outputs }, gradient };
}

/** `gradient` is by the output of the last of `calls`; returns those by the parameters and by the program's input. */
export function backward(
  plan: Plan,
  precision: Precision,
  calls: readonly ForwardCall[],
  gradient: FloatArray,
): Pick<Gradients, 'gradients' | 'inputGradient'> {
  const gradients = plan.parameterSizes.map((size) => allocate(precision, size));
  /** The gradients by each value that its uses give, from the first use on. */
  const terms: FloatArray[][] = [...calls.map(() => []), [gradient]];
  for (let index = calls.length - 1; index >= 0; index--) {
    const { op, node, inputs, firstParameter } = plan.steps[index];
    const inputGradients = calls[index].inputs.map(({ length }) => allocate(precision, length));
    const call: BackwardCall = {
      ...calls[index],
      outputGradient: sum(terms[index + 1], precision),
      inputGradient: inputGradients[0],
      inputGradients,
      parameterGradients: gradients.slice(firstParameter, firstParameter + node.parameters.length),
    };
    op.backward(call);
    for (let i = inputs.length - 1; i >= 0; i--) terms[inputs[i]].unshift(inputGradients[i]);
  }
  return { gradients, inputGradient: sum(terms[0], precision) };
}

function sum(terms: readonly FloatArray[], precision: Precision): FloatArray {
  if (terms.length === 1) return terms[0];
  const result = allocate(precision, terms[0].length);
  for (let i = 0; i < result.length; i++) {
    let total = 0;
    for (const term of terms) total += term[i];
    result[i] = total;
  }
  return result;
}
