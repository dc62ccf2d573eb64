import { expect } from 'vitest';
import { ConvforgeError } from '../../lib/errors.js';
import { currentEngine } from '../../lib/program/current-engine.js';
import type { ProgramDescription } from '../../lib/program/description.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';
import type { Program, SampleArray, Samples, SampleType, TrainRun } from '../../lib/program/engine.js';
import { activation, chain, dense, training } from './chain.js';
import { randomNumbers } from './numeric.js';

// Shared by tests of the engine in use: a small classifier, its data, and the error of a call.

export const ADAM: OptimizerDescription = {
  kind: 'adam',
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
};
export const MOMENTUM: OptimizerDescription = {
  kind: 'sgd',
  learningRate: 0.1,
  momentum: 0.9,
  nesterov: true,
};

export const COUNT = 24;

/** A classifier of 4 features into 3 classes. */
export const CLASSIFIER = chain(
  [4],
  [dense(8), activation('relu'), dense(3), activation('softmax')],
  training('sparseCategoricalCrossentropy', {
    optimizer: MOMENTUM,
    metrics: [{ kind: 'sparseCategoricalAccuracy' }],
  }),
);

export const floats = (length: number, seed: number) => new Float32Array(randomNumbers(length, seed));
export const upTo = (count: number) => Uint32Array.from({ length: count }, (_, index) => index);

export function samplesOf(shape: number[], dtype: SampleType, values: SampleArray): Samples {
  const made = currentEngine().allocateSamples(shape, dtype);
  made.write(values, 0);
  return made;
}

/** A program with random weights that depend only on the description. */
export function create(description: ProgramDescription): Program {
  const program = currentEngine().createProgram(description);
  program.writeWeights(program.readWeights().map(({ length }, index) => floats(length, 50 + index)));
  return program;
}

/**
 * COUNT random samples for the classifier. The class is the index of the largest of the first three features.
 */
export function data(): { x: [Samples]; y: [Samples] } {
  const values = floats(COUNT * 4, 1);
  const labels = Int32Array.from({ length: COUNT }, (_, index) => {
    const row = values.subarray(index * 4, index * 4 + 3);
    return row.indexOf(Math.max(...row));
  });
  return { x: [samplesOf([COUNT, 4], 'float32', values)], y: [samplesOf([COUNT], 'int32', labels)] };
}

export function run(changes: Partial<TrainRun> = {}): TrainRun {
  return { ...data(), batchSize: 5, order: upTo(COUNT), seed: 1, ...changes };
}

/** The error that `action` throws or rejects with. */
export async function refusal(action: () => unknown): Promise<ConvforgeError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ConvforgeError) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

export async function expectRefusal(action: () => unknown, code: string, ...texts: string[]): Promise<void> {
  const error = await refusal(action);
  for (const text of texts) expect(error.message).toContain(text);
  expect(error.code).toBe(code);
}
