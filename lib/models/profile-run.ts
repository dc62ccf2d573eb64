import { elementCount } from '../layers/shapes.js';
import type { LossDescription, ProgramDescription, Shape } from '../program/description.js';
import type { Engine, Program, SampleArray, Samples } from '../program/engine.js';
import type { RunMode } from '../program/explanation.js';
import { RandomGenerator } from '../random/index.js';
import type { LayersModel } from './layers-model.js';

/** How long to measure, in seconds, and the numbers of steps between which that is. */
const SECONDS = 0.5;
const [FEWEST, MOST] = [3, 100];
/** Before it counts: memory is touched, the processor wakes up. */
const WARM_UP = 2;

/** Profiles some steps of `program`, which is the model's description, with the model's weights on random samples. */
export async function runForProfile(
  model: LayersModel,
  program: Program,
  mode: RunMode,
  batchSize: number,
): Promise<void> {
  // First: it tells at once if the engine can't.
  program.profile(true);
  const { engine } = model.state;
  program.writeWeights((await model.state.snapshot()).weights);
  const samples = randomSamples(engine, model.state.describe(), mode, batchSize);
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
    samples.x.dispose();
    samples.y?.dispose();
  }
}

interface Batch {
  x: Samples;
  y?: Samples;
}

async function run(program: Program, mode: RunMode, { x, y }: Batch, batchSize: number): Promise<void> {
  if (mode === 'predict' || !y) {
    await program.predict({ x, batchSize }).promise;
  } else if (mode === 'evaluate') {
    await program.evaluate({ x, y, batchSize }).promise;
  } else {
    const order = Uint32Array.from({ length: batchSize }, (_, i) => i);
    await program.train({ x, y, batchSize, order, seed: 0 });
  }
}

/** Bytes for a program that begins by rescaling them, as it does for images; otherwise numbers in [0, 1). */
function randomSamples(
  engine: Engine,
  { nodes, training }: ProgramDescription,
  mode: RunMode,
  count: number,
): Batch {
  const random = new RandomGenerator(0);
  const isBytes = nodes[1]?.op === 'rescaling';
  const values = Array.from({ length: count * elementCount(nodes[0].shape) }, () => random.uniform());
  const x = isBytes ? Uint8Array.from(values, (value) => 256 * value) : Float32Array.from(values);
  const batch: Batch = { x: fill(engine, [count, ...nodes[0].shape], x) };
  if (!training || mode === 'predict') return batch;
  const { shape } = nodes[nodes.length - 1];
  return { ...batch, y: randomTargets(engine, training.loss, shape, count, random) };
}

/** Classes, one-hot rows or numbers in [0, 1), as the loss takes them. */
function randomTargets(
  engine: Engine,
  { kind }: LossDescription,
  shape: Shape,
  count: number,
  random: RandomGenerator,
): Samples {
  const classes = shape[shape.length - 1];
  const elements = count * elementCount(shape);
  if (kind === 'sparseCategoricalCrossentropy') {
    const labels = Int32Array.from({ length: elements / classes }, () => random.integer(classes));
    return fill(engine, [count, ...shape.slice(0, -1)], labels);
  }
  const values = new Float32Array(elements);
  if (kind === 'categoricalCrossentropy') {
    for (let row = 0; row < elements; row += classes) values[row + random.integer(classes)] = 1;
  } else {
    for (let i = 0; i < elements; i++) values[i] = random.uniform();
  }
  return fill(engine, [count, ...shape], values);
}

function fill(engine: Engine, shape: Shape, values: SampleArray): Samples {
  const dtype = values instanceof Uint8Array ? 'uint8' : values instanceof Int32Array ? 'int32' : 'float32';
  const samples = engine.allocateSamples(shape, dtype);
  samples.write(values, 0);
  return samples;
}
