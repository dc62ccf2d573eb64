import type { ProgramDescription } from '../../lib/program/description.js';
import type { SampleArray } from '../../lib/program/engine.js';
import { pair, samplesOn } from './engine-comparison.js';
import { randomNumbers } from './numeric.js';

/** Samples and targets for a program, as arrays. */
export interface Data {
  x: SampleArray;
  y: SampleArray;
  count: number;
}

/**
 * The losses of each step on the engines [native, reference], over the same batches from the same weights,
 * and the final weights.
 */
export async function trainBoth(
  description: ProgramDescription,
  { x, y, count }: Data,
  { steps, batchSize, scale = 1 }: { steps: number; batchSize: number; scale?: number },
) {
  const output = description.graph.nodes[description.graph.nodes.length - 1].outputs[0].shape;
  const labels = y instanceof Int32Array ? output.slice(0, -1) : output;
  const draw = (length: number, index: number) => randomNumbers(length, 70 + index, -scale, scale);
  const results = [];
  for (const { engine, program } of pair(description, draw)) {
    const run = {
      x: [samplesOn(engine, [count, ...description.graph.nodes[0].outputs[0].shape], x)],
      y: [samplesOn(engine, [count, ...labels], y)],
      batchSize,
      seed: 3,
    };
    const losses: number[] = [];
    const metrics: number[][][] = [];
    for (let step = 0; step < steps; step++) {
      const order = Uint32Array.from({ length: batchSize }, (_, i) => (step * batchSize + i) % count);
      const totals = await program.train({ ...run, order });
      losses.push(totals.loss / totals.samples);
      metrics.push(totals.metrics);
    }
    const evaluated = await program.evaluate(run).promise;
    const [outputs] = await program.predict(run).promise;
    results.push({ losses, metrics, evaluated, outputs, state: await program.snapshot() });
  }
  return results;
}
