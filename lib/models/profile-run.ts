import type { ProgramDescription } from '../program/description.js';
import type { Program } from '../program/engine.js';
import type { RunMode } from '../program/explanation.js';
import type { Model } from '../network/model.js';
import { type RandomBatch, randomBatch } from './random-batch.js';

/** How long to measure, in seconds, and the numbers of steps between which that is. */
const SECONDS = 0.5;
const [FEWEST, MOST] = [3, 100];
/** Before it counts: memory is touched, the processor wakes up. */
const WARM_UP = 2;

/** Profiles some steps of `program`, which is a description of the model, with the model's weights on random samples. */
export async function runForProfile(
  { state }: Model,
  program: Program,
  description: ProgramDescription,
  mode: RunMode,
  batchSize: number,
): Promise<void> {
  // First: it tells at once if the engine can't.
  program.profile(true);
  program.writeWeights((await state.snapshot()).weights);
  const samples = randomBatch(state.engine, description, batchSize);
  const step = () => run(program, mode, samples, batchSize);
  try {
    for (let i = 0; i < WARM_UP; i++) await step();
    const started = performance.now();
    await step();
    const seconds = (performance.now() - started) / 1000;
    program.profile(true);
    const steps = Math.min(MOST, Math.max(FEWEST, Math.round(SECONDS / seconds)));
    for (let i = 0; i < steps; i++) await step();
  } finally {
    for (const set of [...samples.x, ...(samples.y ?? [])]) set.dispose();
  }
}

async function run(program: Program, mode: RunMode, { x, y }: RandomBatch, batchSize: number): Promise<void> {
  if (mode === 'predict' || !y) {
    await program.predict({ x, batchSize }).promise;
  } else if (mode === 'evaluate') {
    await program.evaluate({ x, y, batchSize }).promise;
  } else {
    const order = Uint32Array.from({ length: batchSize }, (_, i) => i);
    await program.train({ x, y, batchSize, order, seed: 0 });
  }
}
