import { elementCount } from '../layers/shapes.js';
import type { LossDescription, ProgramDescription, Shape } from '../program/description.js';
import type { Engine, SampleArray, Samples } from '../program/engine.js';
import { RandomGenerator } from '../random/index.js';

export interface RandomBatch {
  /** By input. */
  x: Samples[];
  /** By output that has a loss. Absent for a program that only predicts. */
  y?: Samples[];
}

/**
 * Samples for a program, and targets as its losses take them, the same each time. Inputs are bytes where the program rescales them,
 * as it does for images, whole numbers that an embedding knows where it has one for them, and otherwise numbers in [0, 1).
 */
export function randomBatch(
  engine: Engine,
  { nodes, outputs = [nodes.length - 1], training }: ProgramDescription,
  count: number,
): RandomBatch {
  const random = new RandomGenerator(0);
  const bytes = new Set(nodes.flatMap(({ op, inputs }) => (op === 'rescaling' ? inputs : [])));
  const rows = new Map(
    nodes.flatMap(({ op, inputs, parameters }) =>
      op === 'embedding' ? inputs.map((input) => [input, parameters[0].shape[0]] as const) : [],
    ),
  );
  const inputs = nodes.filter(({ op }) => op === 'input');
  const x = inputs.map(({ shape }, input) => {
    const length = count * elementCount(shape);
    const indexes = rows.get(input);
    const values = bytes.has(input)
      ? Uint8Array.from({ length }, () => random.integer(256))
      : Float32Array.from({ length }, () => (indexes ? random.integer(indexes) : random.uniform()));
    return fill(engine, [count, ...shape], values);
  });
  const y = training?.outputs.flatMap((output, i) =>
    output ? [randomTargets(engine, output.loss, nodes[outputs[i]].shape, count, random)] : [],
  );
  return { x, y };
}

/** Classes, one-hot rows or numbers in [0, 1). */
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
  const dtype = values instanceof Uint8Array ? 'uint8' : values instanceof Int32Array ? 'int32' : 'float32';
  const samples = engine.allocateSamples(shape, dtype);
  samples.write(values, 0);
  return samples;
}
