import { ConvforgeError } from '../../errors.js';
import { isInt32Array } from '../../realms.js';
import type { Shape } from '../description.js';
import type { EvaluateRun, SampleArray, Samples, SampleType, TrainRun } from '../engine.js';
import { elementCount, sameShape, show } from './checks.js';
import type { Batch, ScoredBatch } from './network.js';
import type { Plan, ScoredOutput, TrainingPlan } from './planned.js';
import { allocate, type FloatArray, type Precision } from './precision.js';
import { ReferenceSamples } from './samples.js';

/**
 * Samples whose shape and type were checked. The run holds the values, so that it survives their disposal.
 */
export interface OpenSamples<A extends SampleArray = SampleArray> {
  readonly values: A;
  readonly count: number;
  /** Number of elements of one sample. */
  readonly size: number;
}

/** The samples of a prediction. */
export interface OpenInputs {
  /** The samples of each input. */
  readonly x: readonly OpenSamples[];
  readonly count: number;
}

/** The samples of a training or evaluation, with targets and sample weights for each output with a loss. */
export interface OpenRun extends OpenInputs {
  readonly y: readonly OpenSamples<Float32Array | Int32Array>[];
  readonly sampleWeights?: readonly OpenSamples<Float32Array>[];
}

/** Checks the inputs of a run against each other and against the plan. */
export function openInputs(x: readonly Samples[], plan: Plan): OpenInputs {
  if (x.length !== plan.inputs.length) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `the program has ${plan.inputs.length} inputs, not ${x.length}.`,
    );
  }
  const opened = x.map((samples, index) => {
    const name = x.length === 1 ? 'x' : `x[${index}]`;
    const input = plan.inputs[index];
    const found = open(samples, name, ['uint8', 'int32', 'float32'], input.shape);
    if (input.dtype === 'int32') checkWhole(found, name, input.name);
    return found;
  });
  const { count } = opened[0];
  opened.forEach((samples, index) => void checkCount(samples, `x[${index}]`, count));
  return { x: opened, count };
}

/** Checks the samples of a run against each other and against the plan. */
export function openRun(
  run: Pick<EvaluateRun, 'x' | 'y' | 'sampleWeights'>,
  plan: Plan,
  { outputs }: TrainingPlan,
): OpenRun {
  const inputs = openInputs(run.x, plan);
  const sets = [run.y, ...(run.sampleWeights ? [run.sampleWeights] : [])];
  if (sets.some(({ length }) => length !== outputs.length)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `the program has ${outputs.length} outputs with a loss; each needs its targets, and all or none sample weights.`,
    );
  }
  const named = (name: string, index: number) => (outputs.length === 1 ? name : `${name}[${index}]`);
  const y = outputs.map(({ loss, shape }, index) => {
    const name = named('y', index);
    const opened =
      loss.targets === 'classes'
        ? open(run.y[index], name, ['int32'], shape.slice(0, -1))
        : open(run.y[index], name, ['float32'], shape);
    checkCount(opened, name, inputs.count);
    return opened as OpenSamples<Float32Array | Int32Array>;
  });
  const sampleWeights = run.sampleWeights?.map((samples, index) => {
    const name = named('sampleWeights', index);
    const rows = outputs[index].shape.slice(0, -1);
    const isByRow = rows.length > 0 && sameShape(samples.shape.slice(1), rows);
    const opened = open(samples, name, ['float32'], isByRow ? rows : [1]);
    checkCount(opened, name, inputs.count);
    return opened as OpenSamples<Float32Array>;
  });
  return { ...inputs, y, sampleWeights };
}

/** Engines hold values as float32, which has all whole numbers up to this one, and their negatives. */
const MAX_WHOLE = 2 ** 24;

/** Throws INVALID_ARGUMENT unless float32 holds all of these integers. */
function checkWhole({ values }: OpenSamples, name: string, layer: string): void {
  if (!isInt32Array(values)) return;
  const wrong = values.findIndex((value) => Math.abs(value) > MAX_WHOLE);
  if (wrong < 0) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `${layer}: element ${wrong} of ${name} is ${values[wrong]}; an int32 input takes numbers from -2^24 to 2^24, which float32 holds exactly.`,
    { layer },
  );
}

/** Checks the factors of the first output's elements. */
export function openFactors(
  { y, sampleWeights }: Pick<EvaluateRun, 'y' | 'sampleWeights'>,
  { outputs, values }: Plan,
  count: number,
): OpenSamples {
  if (y.length !== 1 || sampleWeights) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      'gradients of an output take a factor for each of its elements, and nothing else.',
    );
  }
  const factors = open(y[0], 'y', ['float32'], values[outputs[0]].shape);
  checkCount(factors, 'y', count);
  return factors;
}

function checkCount({ count }: OpenSamples, name: string, expected: number): void {
  if (count === expected) return;
  throw new ConvforgeError('SHAPE_MISMATCH', `x has ${expected} samples, ${name} has ${count}.`);
}

function open(samples: Samples, name: string, dtypes: readonly SampleType[], shape: Shape): OpenSamples {
  if (!(samples instanceof ReferenceSamples)) {
    throw new ConvforgeError('INVALID_ARGUMENT', `${name} was not allocated by the reference engine.`);
  }
  const values = samples.values;
  if (!dtypes.includes(samples.dtype)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${name} has dtype ${samples.dtype}; it must be ${dtypes.join(' or ')}.`,
    );
  }
  if (!sameShape(samples.shape.slice(1), shape)) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${name} has shape ${show(samples.shape)}; it must be ${show(['samples', ...shape])}.`,
    );
  }
  return { values, count: samples.shape[0], size: elementCount(shape) };
}

export function checkBatchSize(batchSize: number): void {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `batchSize is ${batchSize}; it must be a whole number from 1 up.`,
    );
  }
}

export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ConvforgeError('INVALID_ARGUMENT', `seed is ${seed}; it must be a whole number in [0, 2^53).`);
  }
}

/** Checks the options of a training run. */
export function checkTrainRun({ batchSize, seed, order }: TrainRun, count: number): void {
  checkBatchSize(batchSize);
  checkSeed(seed);
  const wrong = order.findIndex((index) => index >= count);
  if (wrong >= 0) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `order[${wrong}] is ${order[wrong]}, but there are ${count} samples.`,
    );
  }
}

/**
 * Throws INVALID_LABEL unless the classes of these samples are in [0, classes) or ignored. Float targets may
 * be anything.
 */
export function checkLabels({ y }: OpenRun, order: Uint32Array, { outputs }: TrainingPlan): void {
  y.forEach((targets, index) => void checkClasses(targets, order, outputs[index]));
}

function checkClasses(y: OpenSamples, order: Uint32Array, { name, shape, loss }: ScoredOutput): void {
  if (!isInt32Array(y.values)) return;
  const classes = shape[shape.length - 1];
  for (const sample of order) {
    for (let i = sample * y.size; i < (sample + 1) * y.size; i++) {
      const label = y.values[i];
      if ((label < 0 || label >= classes) && label !== loss.ignoreClass) {
        throw new ConvforgeError(
          'INVALID_LABEL',
          `${name}: the label at index ${i} is ${label}; with ${classes} classes it must be in [0, ${classes}).`,
          { layer: name },
        );
      }
    }
  }
}

/** 0, 1, … count - 1. */
export function naturalOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => index);
}

/** Copies the inputs of these samples, converted to floats. */
export function gatherInputs({ x }: OpenInputs, order: Uint32Array, precision: Precision): Batch {
  const inputs = x.map((samples) => gather(samples, order, allocate(precision, order.length * samples.size)));
  return { samples: order.length, inputs };
}

export function gatherBatch(run: OpenRun, order: Uint32Array, precision: Precision): ScoredBatch {
  const targets = run.y.map((y) => {
    const length = order.length * y.size;
    const to = isInt32Array(y.values) ? new Int32Array(length) : new Float32Array(length);
    return gather(y, order, to);
  });
  const sampleWeights = run.sampleWeights?.map((w) =>
    gather(w, order, new Float32Array(order.length * w.size)),
  );
  return { ...gatherInputs(run, order, precision), targets, sampleWeights };
}

function gather<A extends SampleArray | FloatArray>(from: OpenSamples, batch: Uint32Array, to: A): A {
  batch.forEach((sample, row) => {
    to.set(from.values.subarray(sample * from.size, (sample + 1) * from.size), row * from.size);
  });
  return to;
}
