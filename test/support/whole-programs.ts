import { expect } from 'vitest';
import { shapeOf, type ProgramDescription } from '../../lib/program/description.js';
import type { Engine, Program, Samples, Totals } from '../../lib/program/engine.js';
import { pair, samplesOn } from './engine-comparison.js';
import { expectClose, randomIntegers, randomNumbers, sizeOf } from './numeric.js';

export interface Sets {
  x: Samples[];
  y: Samples[];
  sampleWeights?: Samples[];
}

/**
 * Random samples for each input, targets for each output with a loss, and sample weights if `weighted`. They
 * depend only on the seed.
 */
export function randomSets(
  engine: Engine,
  { graph, training }: ProgramDescription,
  samples: number,
  { weighted = false, seed = 1 } = {},
): Sets {
  const { nodes, outputs = [nodes.length - 1] } = graph;
  const inputs = nodes.filter(({ op }) => op === 'input');
  const trained = outputs.flatMap((value, i) => {
    const loss = training?.outputs[i]?.loss;
    return loss ? [{ kind: loss.kind, shape: shapeOf(nodes, value) }] : [];
  });
  const x = inputs.map(({ outputs: [{ shape }] }, i) => {
    const values = new Float32Array(randomNumbers(samples * sizeOf(shape), seed + i));
    return samplesOn(engine, [samples, ...shape], values);
  });
  const y = trained.map(({ kind, shape }, i) => {
    const length = samples * sizeOf(shape);
    if (kind !== 'sparseCategoricalCrossentropy') {
      return samplesOn(
        engine,
        [samples, ...shape],
        new Float32Array(randomNumbers(length, seed + 20 + i, 0, 1)),
      );
    }
    const classes = shape[shape.length - 1];
    const labels = Int32Array.from(randomIntegers(length / classes, seed + 20 + i, 0, classes - 1));
    return samplesOn(engine, [samples, ...shape.slice(0, -1)], labels);
  });
  if (!weighted) return { x, y };
  const sampleWeights = trained.map((_, i) =>
    samplesOn(engine, [samples, 1], new Float32Array(randomNumbers(samples, seed + 40 + i, 0, 3))),
  );
  return { x, y, sampleWeights };
}

export interface Everything {
  outputs: Float32Array[];
  evaluated: Totals;
  totals: Totals;
  gradients: Float32Array[];
  trained: Float32Array[];
}

/**
 * Prediction and evaluation in small batches, the gradients of one batch, and the weights after a training
 * step on it.
 */
export async function runEverything(program: Program, sets: Sets, samples: number): Promise<Everything> {
  const outputs = await program.predict({ x: sets.x, batchSize: 2 }).promise;
  const evaluated = await program.evaluate({ ...sets, batchSize: 2 }).promise;
  const { totals, gradients } = await program.gradients({ ...sets, seed: 5 });
  const order = Uint32Array.from({ length: samples }, (_, i) => i);
  const step = await program.train({ ...sets, batchSize: samples, order, seed: 5 });
  expect(step).toEqual(totals);
  return { outputs, evaluated, totals, gradients, trained: program.readWeights() };
}

/**
 * Expects all of that on the native engine in float32 to equal the reference engine in float64, from the same
 * weights. Returns the reference's results.
 */
export async function expectSameEverything(
  description: ProgramDescription,
  samples: number,
  options: { weighted?: boolean } = {},
): Promise<Everything> {
  const draw = (length: number, index: number) => randomNumbers(length, 60 + index, -0.6, 0.6);
  const results: Everything[] = [];
  for (const { engine, program } of pair(description, draw)) {
    results.push(await runEverything(program, randomSets(engine, description, samples, options), samples));
  }
  const [native, reference] = results;
  const compare = (what: string, arraysOf: (from: Everything) => ArrayLike<number>[]) => {
    const expected = arraysOf(reference);
    const actual = arraysOf(native);
    expect(actual.length, what).toBe(expected.length);
    expected.forEach((array, i) => void expectClose(actual[i], array, { what: `${what} ${i}, element` }));
  };
  const sums = ({ samples, batches, loss, losses, metrics }: Totals) => [
    samples,
    batches,
    loss,
    ...losses,
    ...metrics.flat(),
  ];
  compare('output', ({ outputs }) => outputs);
  compare('totals', ({ evaluated, totals }) => [sums(evaluated), sums(totals)]);
  compare('gradient', ({ gradients }) => gradients);
  compare('trained weight', ({ trained }) => trained);
  return reference;
}
