import { isInt32Array, isUint8Array } from '../realms.js';
import { elementCount } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import {
  nodeOf,
  shapeOf,
  type LossDescription,
  type ProgramDescription,
  type Shape,
} from '../program/description.js';
import type { Engine, Program, SampleArray, Samples } from '../program/engine.js';
import type { RunMode } from '../program/explanation.js';
import { RandomGenerator } from '../random/index.js';

/** How long to measure, in seconds, and the minimum and maximum number of steps. */
const MEASURED_SECONDS = 0.5;
const [MIN_STEPS, MAX_STEPS] = [3, 100];
/** Steps before the measurement: they touch memory and wake the processor up. */
const WARM_UP_STEPS = 2;

/** The run that is explained. */
export interface ExplainedRun {
  mode: RunMode;
  batchSize: number;
  /** Whether training computes values again. */
  rematerialize: boolean;
}

/** Profiles some steps of `program`, a program of the model, with the model's weights on random samples. */
export async function runForProfile(
  { state }: Model,
  program: Program,
  description: ProgramDescription,
  explained: ExplainedRun,
): Promise<void> {
  // Comes first, as it throws at once if the engine can't profile.
  program.profile(true);
  program.writeWeights((await state.snapshot()).weights);
  const samples = randomBatch(state.engine, description, explained.batchSize);
  const step = () => run(program, explained, samples);
  try {
    for (let i = 0; i < WARM_UP_STEPS; i++) await step();
    const started = performance.now();
    await step();
    const seconds = (performance.now() - started) / 1000;
    program.profile(true);
    const steps = Math.min(MAX_STEPS, Math.max(MIN_STEPS, Math.round(MEASURED_SECONDS / seconds)));
    for (let i = 0; i < steps; i++) await step();
  } finally {
    for (const set of [...samples.x, ...(samples.y ?? [])]) set.dispose();
  }
}

async function run(
  program: Program,
  { mode, batchSize, rematerialize }: ExplainedRun,
  { x, y }: RandomBatch,
): Promise<void> {
  if (mode === 'predict' || !y) {
    await program.predict({ x, batchSize }).promise;
  } else if (mode === 'evaluate') {
    await program.evaluate({ x, y, batchSize }).promise;
  } else {
    const order = Uint32Array.from({ length: batchSize }, (_, i) => i);
    await program.train({ x, y, batchSize, order, seed: 0, rematerialize });
  }
}

export interface RandomBatch {
  /** One for each input. */
  x: Samples[];
  /** One for each output that has a loss. Absent for a program that only predicts. */
  y?: Samples[];
}

/**
 * Random samples for a program, and targets that fit its losses; the same on every call. Inputs that are
 * rescaled, such as images, are bytes; inputs of embeddings are valid indices; others are uniform in [0, 1).
 */
export function randomBatch(
  engine: Engine,
  { graph, training }: ProgramDescription,
  count: number,
): RandomBatch {
  const { nodes, outputs = [nodes.length - 1] } = graph;
  const random = new RandomGenerator(0);
  const bytes = new Set(nodes.flatMap(({ op, inputs }) => (op === 'rescaling' ? inputs.map(nodeOf) : [])));
  const rows = new Map(
    nodes.flatMap(({ op, inputs, parameters }) =>
      op === 'embedding' ? inputs.map((input) => [nodeOf(input), parameters[0].shape[0]] as const) : [],
    ),
  );
  const inputs = nodes.filter(({ op }) => op === 'input');
  const x = inputs.map(({ outputs: [{ shape }] }, input) => {
    const length = count * elementCount(shape);
    const indexes = rows.get(input);
    return fill(engine, [count, ...shape], inputValues());

    function inputValues(): SampleArray {
      if (bytes.has(input)) return Uint8Array.from({ length }, () => random.integer(256));
      if (indexes) return Int32Array.from({ length }, () => random.integer(indexes));
      return Float32Array.from({ length }, () => random.uniform());
    }
  });
  const y = training?.outputs.flatMap((output, i) =>
    output ? [randomTargets(engine, output.loss, shapeOf(nodes, outputs[i]), count, random)] : [],
  );
  return { x, y };
}

/** Class indices, one-hot rows or values in [0, 1), as the loss takes them. */
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
  if (kind.startsWith('categorical')) {
    for (let row = 0; row < elements; row += classes) values[row + random.integer(classes)] = 1;
  } else {
    for (let i = 0; i < elements; i++) values[i] = random.uniform();
  }
  return fill(engine, [count, ...shape], values);
}

function fill(engine: Engine, shape: Shape, values: SampleArray): Samples {
  const dtype = isUint8Array(values) ? 'uint8' : isInt32Array(values) ? 'int32' : 'float32';
  const samples = engine.allocateSamples(shape, dtype);
  samples.write(values, 0);
  return samples;
}
