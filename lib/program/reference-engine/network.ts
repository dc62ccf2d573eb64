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
  let input = inputs;
  for (const { node, op, inputShape, outputShape, firstParameter } of steps) {
    const output = allocate(precision, samples * elementCount(outputShape));
    const parameters = weights.slice(firstParameter, firstParameter + node.parameters.length);
    const call = { node, samples, inputShape, outputShape, input, output, parameters, random };
    op.forward(call);
    calls.push(call);
    input = output;
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

/** `gradient` is by the output of the last of `calls`; returns those by the parameters and by the first call's input. */
export function backward(
  plan: Plan,
  precision: Precision,
  calls: readonly ForwardCall[],
  gradient: FloatArray,
): Pick<Gradients, 'gradients' | 'inputGradient'> {
  const gradients = plan.parameterSizes.map((size) => allocate(precision, size));
  let outputGradient = gradient;
  for (let index = calls.length - 1; index >= 0; index--) {
    const { op, node, firstParameter } = plan.steps[index];
    const call: BackwardCall = {
      ...calls[index],
      outputGradient,
      inputGradient: allocate(precision, calls[index].input.length),
      parameterGradients: gradients.slice(firstParameter, firstParameter + node.parameters.length),
    };
    op.backward(call);
    outputGradient = call.inputGradient;
  }
  return { gradients, inputGradient: outputGradient };
}
