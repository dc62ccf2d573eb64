import { expect } from 'vitest';
import {
  describeProgram,
  type NodeDescription,
  type ProgramDescription,
  type Shape,
} from '../../lib/program/description.js';
import type { Engine, Program, SampleArray, Samples } from '../../lib/program/engine.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import {
  type FloatArray,
  ReferenceProgram,
  referenceEngine,
} from '../../lib/program/reference-engine/index.js';
import { RandomGenerator } from '../../lib/random/generator.js';
import { chain, type Link, training } from './chain.js';
import { randomIntegers, randomNumbers, sizeOf } from './numeric.js';
import { gradientsOf } from './one-batch.js';

/** Both engines and their names. */
export const NAMED_ENGINES: readonly (readonly [string, Engine])[] = [
  ['native', nativeEngine()],
  ['reference', referenceEngine()],
];

/** A chain of links, and the number of samples to run. */
export interface Case {
  input: Shape;
  links: readonly Link[];
  samples: number;
  seed: number;
}

/** The largest relative rounding error of one float32 operation. */
const UNIT = 2 ** -24;

/**
 * The number of operations whose errors may add up in one direction. Rounding gives less in sums of some
 * thousand terms.
 */
const OPERATIONS = 16;

/**
 * Runs a case's forward pass and one step of SGD with learning rate 1 on half the squared error, natively in
 * float32 and by the reference engine in float64. Outputs and gradients may differ by OPERATIONS roundings of
 * the sum of absolute values that were added up. The reference engine computes that sum from the absolute
 * values of all inputs and weights.
 */
export async function expectSameAsReference({ input, links, samples, seed }: Case): Promise<void> {
  await expectProgramAsReference(chain(input, links, training('halfSquaredError')), samples, seed);
}

/** As expectSameAsReference, for any program with that loss and UNIT_SGD. */
export async function expectProgramAsReference(
  description: ProgramDescription,
  samples: number,
  seed: number,
): Promise<void> {
  const input = description.graph.nodes[0].outputs[0].shape;
  const outputSize = sizeOf(description.graph.nodes[description.graph.nodes.length - 1].outputs[0].shape);
  const x = new Float32Array(randomNumbers(samples * sizeOf(input), seed));
  const t = new Float32Array(randomNumbers(samples * outputSize, seed + 1));
  const draw = (length: number, index: number) => randomNumbers(length, seed + 2 + index).map(Math.fround);
  const native = await runNative(description, x, t, samples, draw);
  const exact = runReference(description, x, t, samples, draw);

  const absolute = runReference(
    describeProgram({ nodes: description.graph.nodes.map(linear) }, { training: description.training }),
    x.map(Math.abs),
    // With these targets, the gradient of an output is its sum of absolute values plus its distance from the
    // target.
    t.map((value, i) => -Math.abs(exact.outputs[i] - value)),
    samples,
    (length, index) => draw(length, index).map(Math.abs),
  );
  // A derivative such as 1 - y^2 has the error of y.
  const curved = description.graph.nodes.some(
    ({ op, attributes }) =>
      op === 'activation' && (attributes.kind === 'sigmoid' || attributes.kind === 'tanh'),
  );
  const gain = OPERATIONS * UNIT * (curved ? 1 + Math.max(...absolute.outputs) : 1);
  const what = describeCase(description, samples);
  expectWithin(
    native.outputs,
    exact.outputs,
    (i) => gain * (absolute.outputs[i] + (curved ? 1 : 0)),
    `output of ${what}:`,
  );
  native.gradients.forEach((gradient, index) => {
    const weights = draw(gradient.length, index);
    // The gradient is the difference of the weights before and after, which adds two roundings.
    const bound = (i: number) => gain * absolute.gradients[index][i] + 2 * UNIT * Math.abs(weights[i]);
    expectWithin(gradient, exact.gradients[index], bound, `gradient ${index} of ${what}:`);
  });
}

/**
 * As expectSameAsReference, with small whole numbers, whose sums are exact in float32: every bit must agree.
 * `samples` must be a power of 2.
 */
export async function expectSameBits({ input, links, samples, seed }: Case): Promise<void> {
  await expectProgramBits(chain(input, links, training('halfSquaredError')), samples, seed);
}

/** As expectSameBits, for any program with that loss and UNIT_SGD. */
export async function expectProgramBits(
  description: ProgramDescription,
  samples: number,
  seed: number,
): Promise<void> {
  const input = description.graph.nodes[0].outputs[0].shape;
  const outputSize = sizeOf(description.graph.nodes[description.graph.nodes.length - 1].outputs[0].shape);
  const x = new Float32Array(randomIntegers(samples * sizeOf(input), seed, -1, 1));
  const t = new Float32Array(randomIntegers(samples * outputSize, seed + 1, -2, 2));
  const draw = (length: number, index: number) => randomIntegers(length, seed + 2 + index, -1, 1);
  const native = await runNative(description, x, t, samples, draw);
  const exact = runReference(description, x, t, samples, draw);
  const what = describeCase(description, samples);
  expectWithin(native.outputs, exact.outputs, () => 0, `output of ${what}:`);
  native.gradients.forEach((gradient, index) => {
    expect(
      Math.max(...exact.gradients[index].map(Math.abs)) * samples,
      'a sum that float32 holds',
    ).toBeLessThan(2 ** 23);
    expectWithin(gradient, exact.gradients[index], () => 0, `gradient ${index} of ${what}:`);
  });
}

type Draw = (length: number, index: number) => FloatArray;

interface Results {
  outputs: FloatArray;
  gradients: FloatArray[];
}

async function runNative(
  description: ProgramDescription,
  x: Float32Array,
  t: Float32Array,
  samples: number,
  draw: Draw,
): Promise<Results> {
  const engine = nativeEngine();
  const program = engine.createProgram(description);
  const weights = program.readWeights().map(({ length }, index) => new Float32Array(draw(length, index)));
  program.writeWeights(weights);
  const run = {
    x: [samplesOn(engine, [samples, ...description.graph.nodes[0].outputs[0].shape], x)],
    y: [
      samplesOn(
        engine,
        [samples, ...description.graph.nodes[description.graph.nodes.length - 1].outputs[0].shape],
        t,
      ),
    ],
    batchSize: samples,
  };
  const [outputs] = await program.predict(run).promise;
  await program.train({ ...run, order: Uint32Array.from({ length: samples }, (_, i) => i), seed: 5 });
  const after = program.readWeights();
  program.dispose();
  const gradients = weights.map((before, index) => before.map((value, i) => value - after[index][i]));
  return { outputs, gradients };
}

function runReference(
  description: ProgramDescription,
  x: Float32Array,
  t: Float32Array,
  samples: number,
  draw: Draw,
): Results {
  const program = new ReferenceProgram(description, 'float64');
  program.weights.forEach((weights, index) => void weights.set(draw(weights.length, index)));
  const { gradients } = gradientsOf(program, x, t, { seed: 5, step: 0 });
  const [outputs] = program.runHere([x], samples);
  return { outputs, gradients };
}

/** The node that bounds the sums of absolute values: without squashing, and with all cells of a window. */
function linear(node: NodeDescription): NodeDescription {
  if (node.op === 'activation' || node.op === 'clip')
    return { ...node, op: 'rescaling', attributes: { scale: 1, offset: 0 } };
  if (node.op === 'rescaling') {
    const { scale, offset } = node.attributes;
    return { ...node, attributes: { scale: Math.abs(scale), offset: Math.abs(offset) } };
  }
  if (node.op === 'merge' && ['subtract', 'maximum', 'minimum'].includes(node.attributes.kind)) {
    return { ...node, op: 'add', attributes: {} };
  }
  if (node.op === 'standardize') {
    const { mean, scale } = node.attributes;
    const attributes = { mean: mean.map((value) => -Math.abs(value)), scale: scale.map(Math.abs) };
    return { ...node, attributes };
  }
  if (node.op === 'resample')
    return { ...node, attributes: { ...node.attributes, weights: node.attributes.weights.map(Math.abs) } };
  if (node.op === 'pool2d' && node.attributes.kind === 'max')
    return { ...node, attributes: { ...node.attributes, kind: 'sum' } };
  return node;
}

function expectWithin(
  actual: FloatArray,
  expected: FloatArray,
  bound: (index: number) => number,
  what: string,
): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (Math.abs(actual[i] - expected[i]) <= bound(i)) continue;
    expect.fail(`${what} element ${i} is ${actual[i]}; expected ${expected[i]} within ${bound(i)}`);
  }
}

function describeCase({ graph: { nodes } }: ProgramDescription, samples: number): string {
  const parts = nodes.map(
    ({ op, inputs, attributes, outputs: [{ shape }] }) =>
      `${op}(${inputs.join()}) ${JSON.stringify(attributes)} -> [${shape.join()}]`,
  );
  return `${samples} samples through ${parts.join(', ')}`;
}

export function samplesOn(engine: Engine, shape: readonly number[], values: SampleArray): Samples {
  const dtype = values instanceof Int32Array ? 'int32' : values instanceof Uint8Array ? 'uint8' : 'float32';
  const samples = engine.allocateSamples(shape, dtype);
  samples.write(values, 0);
  return samples;
}

/** The same program with the same weights on both engines, on the reference engine in float64. */
export function pair(description: ProgramDescription, draw: Draw): { engine: Engine; program: Program }[] {
  const pairs = [
    { engine: nativeEngine(), program: nativeEngine().createProgram(description) },
    { engine: referenceEngine(), program: new ReferenceProgram(description, 'float64') },
  ];
  for (const { program } of pairs) {
    program.writeWeights(
      program.readWeights().map(({ length }, index) => new Float32Array(draw(length, index))),
    );
  }
  return pairs;
}

/** Draws the sizes of random cases. */
export class Sampler {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = new RandomGenerator(seed);
  }

  /** A whole number in [low, high]. */
  whole(low: number, high: number): number {
    return low + this.#generator.integer(high - low + 1);
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)];
  }

  two(low: number, high: number): [number, number] {
    return [this.whole(low, high), this.whole(low, high)];
  }
}
