import { elementCount } from './checks.js';
import type { Targets } from './losses/index.js';
import type { BackwardCall, ForwardCall, RandomState } from './op.js';
import type { Plan, ScoredOutput, TrainingPlan } from './planned.js';
import { allocate, type FloatArray, type Precision } from './precision.js';

/** A batch: each array has the samples one after another. */
export interface Batch {
  samples: number;
  /** The samples of each input. */
  inputs: readonly FloatArray[];
}

/** A batch with targets and sample weights for each output with a loss. */
export interface ScoredBatch extends Batch {
  targets: readonly Targets[];
  /** Weights of samples, [samples], or of their rows, [samples, ...]; absent if all are 1. */
  sampleWeights?: readonly Float32Array[];
}

/** Results of a batch, as sums over its samples. */
export interface BatchResult {
  /** Sum of the outputs' losses, each times the output's weight. */
  loss: number;
  /** Loss of each output with a loss, without the output's weight. */
  losses: number[];
  /** The sums of each metric. */
  metrics: number[][];
}

export interface Gradients extends BatchResult {
  /** The values of each output. */
  outputs: FloatArray[];
  /** Gradients of the batch's mean loss by each parameter; zeros for parameters that aren't trainable. */
  gradients: FloatArray[];
  /** Gradients of the batch's mean loss by each input. */
  inputGradients: FloatArray[];
}

/** The result of a forward pass: all values, and the calls that backward needs. */
export interface Activations {
  values: FloatArray[];
  /** The call of each step. */
  calls: ForwardCall[];
  /** Updates of statistics among the weights, for the end of a training step. */
  updates: (() => void)[];
}

/** Runs the forward pass of each step. `random` seeds its draws. */
export function forward(
  plan: Plan,
  precision: Precision,
  weights: readonly FloatArray[],
  { inputs, samples: count }: Batch,
  random: RandomState,
  training: boolean,
): Activations {
  const calls: ForwardCall[] = [];
  const updates: (() => void)[] = [];
  const values = [...inputs];
  for (const step of plan.steps) {
    const { node, op, inputShape, inputShapes, outputShapes, firstParameter } = step;
    const samples = count * step.folds;
    const taken = step.inputs.map((value) => values[value]);
    const outputs = outputShapes.map((shape) => allocate(precision, samples * elementCount(shape)));
    const parameters = weights.slice(firstParameter, firstParameter + node.parameters.length);
    const [outputShape] = outputShapes;
    const data = {
      inputShape,
      inputShapes,
      outputShape,
      input: taken[0],
      inputs: taken,
      output: outputs[0],
      outputs,
      parameters,
    };
    const active = training || ('always' in node.attributes && node.attributes.always === true);
    const call: ForwardCall = {
      node,
      samples,
      ...data,
      training: active,
      atEnd: (update) => void updates.push(update),
      ...(active && { random }),
    };
    op.forward(call);
    calls.push(call);
    values.push(...outputs);
  }
  return { values, calls, updates };
}

/** Computes losses, metrics, and the gradients of the mean loss by the values that the losses read. */
export function score(
  training: TrainingPlan,
  precision: Precision,
  values: readonly FloatArray[],
  batch: ScoredBatch,
): { result: BatchResult; gradients: FloatArray[] } {
  const result: BatchResult = { loss: 0, losses: [], metrics: [] };
  const gradients = training.outputs.map((output, index) => {
    const scored = scoreOutput(output, values, batch, index);
    result.loss += output.weight * scored.loss;
    result.losses.push(scored.loss);
    result.metrics.push(...scored.metrics);
    const gradient = allocate(precision, scored.gradient.length);
    gradient.set(scored.gradient);
    return gradient;
  });
  return { result, gradients };
}

function scoreOutput(
  output: ScoredOutput,
  values: readonly FloatArray[],
  { samples, targets: allTargets, sampleWeights }: ScoredBatch,
  index: number,
): { loss: number; metrics: number[][]; gradient: Float64Array } {
  const outputs = values[output.value];
  const targets = allTargets[index];
  const classes = output.shape[output.shape.length - 1];
  const losses = new Float64Array(samples);
  const gradient = new Float64Array(outputs.length);
  const rows = outputs.length / classes / samples;
  const rowWeights = weightsOfRows(sampleWeights?.[index], samples, rows);
  const call = { samples, classes, outputs: values[output.scored], targets, rowWeights, losses, gradient };
  output.loss.compute(call, output.logits);
  const share = output.loss.batchScale(targets);
  const loss = share * losses.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < gradient.length; i++) gradient[i] *= (share * output.weight) / samples;
  const metrics = output.metrics.map((metric) => metric.count({ samples, classes, outputs, targets }));
  return { loss, metrics, gradient };
}

/** The weight of each row, if there are weights; weights of samples are repeated for their rows. */
function weightsOfRows(
  weights: Float32Array | undefined,
  samples: number,
  rows: number,
): Float32Array | undefined {
  if (weights === undefined || weights.length === samples * rows) return weights;
  return Float32Array.from({ length: samples * rows }, (_, row) => weights[Math.floor(row / rows)]);
}

/** A gradient by a value from which the backward pass starts. */
export interface Seed {
  value: number;
  gradient: FloatArray;
}

/** The gradients from which the backward pass of a training starts. */
export function seedsOf({ outputs }: TrainingPlan, gradients: readonly FloatArray[]): Seed[] {
  return outputs.map(({ scored }, index) => ({ value: scored, gradient: gradients[index] }));
}

/** Runs the backward pass. Returns the gradients by all weights, inputs and values. */
export function backward(
  plan: Plan,
  precision: Precision,
  { values, calls }: Activations,
  seeds: readonly Seed[],
): Pick<Gradients, 'gradients' | 'inputGradients'> & { byValue: (value: number) => FloatArray } {
  /** The gradients from each use of a value or parameter, in the order of uses. */
  const valueTerms: FloatArray[][] = values.map(() => []);
  const parameterTerms: FloatArray[][] = plan.parameters.map(() => []);
  for (const { value, gradient } of seeds) valueTerms[value].unshift(gradient);
  for (let index = calls.length - 1; index >= 0; index--) {
    const { op, inputs, firstOutput, firstParameter } = plan.steps[index];
    const { outputs } = calls[index];
    const terms = valueTerms.slice(firstOutput, firstOutput + outputs.length);
    if (terms.every(({ length }) => length === 0)) continue;
    const outputGradients = outputs.map(({ length }, i) => sum(terms[i], length, precision));
    const inputGradients = calls[index].inputs.map(({ length }) => allocate(precision, length));
    const parameterGradients = calls[index].parameters.map(({ length }) => allocate(precision, length));
    const call: BackwardCall = {
      ...calls[index],
      outputGradient: outputGradients[0],
      outputGradients,
      inputGradient: inputGradients[0],
      inputGradients,
      parameterGradients,
    };
    op.backward(call);
    for (let i = inputs.length - 1; i >= 0; i--) valueTerms[inputs[i]].unshift(inputGradients[i]);
    parameterGradients.forEach((term, i) => void parameterTerms[firstParameter + i].unshift(term));
  }
  const gradients = plan.parameters.map(({ size, trainable }, index) =>
    sum(trainable ? parameterTerms[index] : [], size, precision),
  );
  const byValue = (value: number) => sum(valueTerms[value], values[value].length, precision);
  return { gradients, inputGradients: plan.inputs.map((_, index) => byValue(index)), byValue };
}

function sum(terms: readonly FloatArray[], length: number, precision: Precision): FloatArray {
  if (terms.length === 1) return terms[0];
  const result = allocate(precision, length);
  for (let i = 0; i < result.length; i++) {
    let total = 0;
    for (const term of terms) total += term[i];
    result[i] = total;
  }
  return result;
}
