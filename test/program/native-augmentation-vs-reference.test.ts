import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { type FloatArray, ReferenceProgram } from '../../lib/program/reference-engine/index.js';
import { randomAffine, randomCrop, randomFlip } from '../support/augmentation-links.js';
import { chain, dense, type Link, prelu, reshape, training } from '../support/chain.js';
import { samplesOn } from '../support/engine-comparison.js';
import { expectClose, expectGradients, randomNumbers } from '../support/numeric.js';
import { gradientsOf, outputOf } from '../support/one-batch.js';

const SHAPE = [5, 7, 3];
const SIZE = 105;
const SAMPLES = 5;

const FILLS = ['constant', 'reflect', 'wrap', 'nearest'];
const INTERPOLATIONS = ['bilinear', 'nearest'];
const MOTIONS: readonly ['translation' | 'zoom' | 'rotation', number[], object][] = [
  ['translation', [-1, 1, -0.7, 0.9], {}],
  ['zoom', [-0.8, 1, -0.5, 0.9], {}],
  ['zoom', [-0.5, 0.5, -0.5, 0.5], { keepAspect: true }],
  ['rotation', [-1, 1], {}],
];

const CASES: readonly [name: string, link: Link][] = [
  ['flip both ways', randomFlip(true, true)],
  ['flip horizontally', randomFlip(true, false)],
  ['flip vertically, by a seed of its own', randomFlip(false, true, { seed: 2 ** 40 + 3 })],
  ['crop', randomCrop(3, 4)],
  ['crop rows', randomCrop(2, 7)],
  ...MOTIONS.flatMap(([kind, ranges, options]) =>
    FILLS.flatMap((fill) =>
      INTERPOLATIONS.map((interpolation): [string, Link] => [
        `${kind} ${JSON.stringify(options)}, ${fill}, ${interpolation}`,
        randomAffine(kind, ranges, { ...options, fill, interpolation, fillValue: -0.5 }),
      ]),
    ),
  ),
];

const RANDOM = { seed: 2 ** 35 + 11, step: 0 };

/** Gradients of a native program with these weights. */
async function nativeGradients(
  description: ReturnType<typeof chain>,
  weights: readonly FloatArray[],
  x: FloatArray,
  t: FloatArray,
) {
  const engine = nativeEngine();
  const program = engine.createProgram(description);
  program.writeWeights(weights.map((values) => new Float32Array(values)));
  const samples = (values: FloatArray, node: number) =>
    samplesOn(engine, [x.length / SIZE, ...description.nodes[node].shape], new Float32Array(values));
  const { gradients } = await program.gradients({
    x: [samples(x, 0)],
    y: [samples(t, description.nodes.length - 1)],
    seed: RANDOM.seed,
  });
  program.dispose();
  return gradients;
}

describe.each(CASES)('%s', (_, link) => {
  const outputShape = link(SHAPE).shape;
  const outputSize = outputShape.reduce((product, size) => product * size, 1);
  const x = randomNumbers(SAMPLES * SIZE, 1, -2, -0.5).map(Math.fround);

  // Of negative inputs, prelu's gradient by alpha is the next node's by its input, times x.
  test('has the same gradients natively as in the reference engine, whose gradients are central differences', async () => {
    const description = chain(SHAPE, [prelu(SHAPE), link], training('halfSquaredError'));
    const exact = new ReferenceProgram(description, 'float64');
    exact.weights[0].set(randomNumbers(SIZE, 9).map(Math.fround));
    const t = randomNumbers(SAMPLES * outputSize, 2).map(Math.fround);
    expectGradients(exact, x, t, RANDOM);
    const [native] = await nativeGradients(description, exact.weights, x, t);
    const { gradients } = gradientsOf(exact, x, t, RANDOM);
    expectClose(native, gradients[0], { absolute: 1e-5, relative: 1e-5, what: 'gradient' });
  });

  // With zero weights, and a target of 0 for all other samples, a dense layer's kernel gradient is the sample it saw.
  test('has the same outputs natively as in the reference engine', async () => {
    const links = [link, reshape(outputSize), dense(1)];
    const description = chain(SHAPE, links, training('halfSquaredError'));
    const exact = new ReferenceProgram(chain(SHAPE, [link], training('halfSquaredError')), 'float64');
    const { outputs } = gradientsOf(exact, x, new Float64Array(SAMPLES * outputSize), RANDOM);
    const weights = [new Float32Array(outputSize), new Float32Array(1)];
    for (let n = 0; n < SAMPLES; n++) {
      const t = Float32Array.from({ length: SAMPLES }, (_, i) => (i === n ? -SAMPLES : 0));
      const [seen] = await nativeGradients(description, weights, x, t);
      const expected = outputs.slice(n * outputSize, (n + 1) * outputSize);
      expectClose(seen, expected, { absolute: 1e-6, relative: 1e-6, what: `output of sample ${n},` });
    }
  });

  test('does the same outside training as the reference engine', () => {
    const native = outputOf(nativeEngine().createProgram(chain(SHAPE, [link])), new Float32Array(x), SAMPLES);
    const exact = outputOf(
      new ReferenceProgram(chain(SHAPE, [link]), 'float64'),
      new Float32Array(x),
      SAMPLES,
    );
    expectClose(native, exact, { absolute: 1e-6, relative: 1e-6, what: 'output' });
    if (outputSize === SIZE) expect(native).toEqual(new Float32Array(x));
  });
});
