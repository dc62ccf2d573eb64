import { ConvforgeError } from '../../errors.js';
import type { Shape } from '../description.js';
import type { EvaluateRun, SampleArray, Samples, SampleType, TrainRun } from '../engine.js';
import { elementCount, sameShape, show } from './checks.js';
import type { Targets } from './losses.js';
import type { Plan, TrainingPlan } from './plan.js';
import { allocate, type FloatArray, type Precision } from './precision.js';
import { ReferenceSamples } from './samples.js';

/** Samples whose shape and kind were checked. A run holds the values, so that disposing of the samples doesn't stop it. */
export interface OpenSamples<A extends SampleArray = SampleArray> {
  readonly values: A;
  readonly count: number;
  /** Elements of one sample. */
  readonly size: number;
}

export function openInputs(x: Samples, plan: Plan): OpenSamples {
  return open(x, 'x', ['uint8', 'float32'], plan.inputShape);
}

/** Checks the samples of a run against each other and against the plan. */
export function openPair(
  run: EvaluateRun,
  plan: Plan,
  training: TrainingPlan,
): { x: OpenSamples; y: OpenSamples<Float32Array | Int32Array> } {
  const x = openInputs(run.x, plan);
  const y =
    training.targets === 'classes'
      ? open(run.y, 'y', ['int32'], plan.outputShape.slice(0, -1))
      : open(run.y, 'y', ['float32'], plan.outputShape);
  if (x.count !== y.count) {
    throw new ConvforgeError('SHAPE_MISMATCH', `x has ${x.count} samples, y has ${y.count}.`);
  }
  return { x, y: y as OpenSamples<Float32Array | Int32Array> };
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

/** Checks what a training run has beside its samples. */
export function checkTrainRun({ batchSize, seed, order }: TrainRun, count: number): void {
  checkBatchSize(batchSize);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ConvforgeError('INVALID_ARGUMENT', `seed is ${seed}; it must be a whole number in [0, 2^53).`);
  }
  const wrong = order.findIndex((index) => index >= count);
  if (wrong >= 0) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `order[${wrong}] is ${order[wrong]}, but there are ${count} samples.`,
    );
  }
}

/** INVALID_LABEL unless the classes of these samples are in [0, classes). Float targets can be anything. */
export function checkLabels(y: OpenSamples, order: Uint32Array, classes: number): void {
  if (!(y.values instanceof Int32Array)) return;
  for (const sample of order) {
    for (let i = sample * y.size; i < (sample + 1) * y.size; i++) {
      const label = y.values[i];
      if (label < 0 || label >= classes) {
        throw new ConvforgeError(
          'INVALID_LABEL',
          `the label at index ${i} is ${label}; with ${classes} classes it must be in [0, ${classes}).`,
        );
      }
    }
  }
}

/** 0, 1, … count - 1. */
export function naturalOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => index);
}

/** The inputs of a batch, converted from uint8 where need be. */
export function gatherInputs(x: OpenSamples, batch: Uint32Array, precision: Precision): FloatArray {
  return gather(x, batch, allocate(precision, batch.length * x.size));
}

export function gatherTargets(y: OpenSamples<Float32Array | Int32Array>, batch: Uint32Array): Targets {
  const length = batch.length * y.size;
  return gather(y, batch, y.values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length));
}

function gather<A extends SampleArray | FloatArray>(from: OpenSamples, batch: Uint32Array, to: A): A {
  batch.forEach((sample, row) => {
    to.set(from.values.subarray(sample * from.size, (sample + 1) * from.size), row * from.size);
  });
  return to;
}
