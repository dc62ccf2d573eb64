import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../lib/errors.js';
import type { Attribute } from '../../lib/program/description.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import {
  type FloatArray,
  ReferenceProgram,
  referenceEngine,
} from '../../lib/program/reference-engine/index.js';
import { randomAffine, randomCrop, randomFlip, randomTone } from '../support/augmentation-links.js';
import { chain, dense, type Link, prelu, reshape, training, shapeAfter } from '../support/chain.js';
import { expectError } from '../support/convforge-error.js';
import { samplesOn } from '../support/engine-comparison.js';
import { expectClose, expectGradients, randomIntegers, randomNumbers, sizeOf } from '../support/numeric.js';
import { gradientsOf, outputOf } from '../support/one-batch.js';

const SHAPE = [5, 7, 3];
const SIZE = 105;
const SAMPLES = 3;

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
  ['contrast', randomTone('contrast', [0.5, 2], [-9, 9])],
  ['contrast within limits', randomTone('contrast', [0.25, 1.75], [-1.5, -0.75])],
  ['brightness', randomTone('brightness', [-0.5, 1], [-9, 9])],
  ['brightness within limits', randomTone('brightness', [-0.5, 0.5], [-1.5, -0.75], { seed: 9 })],
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

/** The gradients of a native program with these weights. */
async function nativeGradients(
  description: ReturnType<typeof chain>,
  weights: readonly FloatArray[],
  x: FloatArray,
  t: FloatArray,
) {
  const engine = nativeEngine();
  const program = engine.createProgram(description);
  program.writeWeights(weights.map((values) => new Float32Array(values)));
  const count = x.length / sizeOf(description.graph.nodes[0].outputs[0].shape);
  const samples = (values: FloatArray, node: number) =>
    samplesOn(engine, [count, ...description.graph.nodes[node].outputs[0].shape], new Float32Array(values));
  const { gradients } = await program.gradients({
    x: [samples(x, 0)],
    y: [samples(t, description.graph.nodes.length - 1)],
    seed: RANDOM.seed,
  });
  program.dispose();
  return gradients;
}

describe.each(CASES)('%s', (_, link) => {
  const outputShape = shapeAfter(link, SHAPE);
  const outputSize = sizeOf(outputShape);
  const x = randomNumbers(SAMPLES * SIZE, 1, -2, -0.5).map(Math.fround);

  // For negative inputs, prelu's gradient by alpha is the next node's gradient by its input, times x.
  test("has the reference engine's gradients, which equal central differences", async () => {
    const description = chain(SHAPE, [prelu(SHAPE), link], training('halfSquaredError'));
    const exact = new ReferenceProgram(description, 'float64');
    exact.weights[0].set(randomNumbers(SIZE, 9).map(Math.fround));
    const t = randomNumbers(SAMPLES * outputSize, 2).map(Math.fround);
    expectGradients(exact, x, t, RANDOM);
    const [native] = await nativeGradients(description, exact.weights, x, t);
    const { gradients } = gradientsOf(exact, x, t, RANDOM);
    expectClose(native, gradients[0], { absolute: 1e-5, relative: 1e-5, what: 'gradient' });
  });

  // With zero weights, and targets of 0 for all other samples, a dense layer's kernel gradient is the sample
  // that it received.
  test("has the reference engine's outputs", async () => {
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

  test('equals the reference engine outside training', () => {
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

// Fewer pixels than a period of the native op, whole periods, and more than one accumulation.
describe.each([[[1, 2, 7]], [[2, 4, 5]], [[4, 4, 1]], [[8, 16, 3]], [[32, 64, 3]], [[64, 64, 1]]])(
  'tones of whole numbers, images of %j',
  (shape) => {
    const size = sizeOf(shape);

    test.each([
      ['contrast', [0.5, 0.5], [-6, -3]],
      ['contrast', [3, 3], [-9, 0]],
      ['brightness', [2, 2], [-4, -1]],
    ] as const)('%s %j within %j are the same, bit for bit', async (kind, range, limits) => {
      const link = randomTone(kind, [...range], [...limits]);
      // The other half of an image makes all means -4, so that nothing is rounded.
      const half = [...randomIntegers(size / 2, 4, -7, -1)];
      const x = Float64Array.from([...half, ...half.map((value) => -8 - value)]);
      const description = chain(shape, [prelu(shape), link], training('halfSquaredError'));
      const exact = new ReferenceProgram(description, 'float64');
      exact.weights[0].fill(1);
      const t = randomIntegers(size, 5, -8, 8);
      const { gradients, outputs } = gradientsOf(exact, x, t, RANDOM);
      const [gradient] = await nativeGradients(description, exact.weights, x, t);
      expect(gradient).toEqual(new Float32Array(gradients[0]));

      const links = [link, reshape(size), dense(1)];
      const weights = [new Float32Array(size), new Float32Array(1)];
      const seen = chain(shape, links, training('halfSquaredError'));
      const [output] = await nativeGradients(seen, weights, x, Float32Array.of(-1));
      expect(output).toEqual(new Float32Array(outputs));
    });
  },
);

test.each([[[70, 17, 3]], [[41, 37, 1]], [[3, 5, 19]], [[1, 1, 19]]])(
  'contrast about a large mean, images of %j',
  async (shape) => {
    const size = sizeOf(shape);
    const link = randomTone('contrast', [0.25, 1.75], [0, 255]);
    const x = randomNumbers(size, 7, 180, 280).map(Math.fround);
    const exact = new ReferenceProgram(chain(shape, [link], training('halfSquaredError')), 'float64');
    const { outputs } = gradientsOf(exact, x, new Float64Array(size), RANDOM);
    const description = chain(shape, [link, reshape(size), dense(1)], training('halfSquaredError'));
    const weights = [new Float32Array(size), new Float32Array(1)];
    const [output] = await nativeGradients(description, weights, x, Float32Array.of(-1));
    // Two roundings of at most the largest value.
    expectClose(output, outputs, { absolute: 2 * 280 * 2 ** -23, relative: 0, what: 'output' });
  },
);

describe.each([
  ['native', nativeEngine],
  ['reference', referenceEngine],
])('the %s engine', (_, engine) => {
  const refused: [string, Record<string, Attribute>, ErrorCode, RegExp][] = [
    ['kind', { kind: 'hue' }, 'UNSUPPORTED', /hue/],
    ['range the wrong way', { range: [1, 0] }, 'INVALID_ARGUMENT', /range/],
    ['limits the wrong way', { limits: [1, 0] }, 'INVALID_ARGUMENT', /limits/],
    ['range that float32 does not hold', { range: [0, 1e39] }, 'INVALID_ARGUMENT', /range/],
    ['limits that are NaN', { limits: [Number.NaN, 0] }, 'INVALID_ARGUMENT', /limits/],
    ['seed', { seed: -1 }, 'INVALID_ARGUMENT', /seed/],
  ];

  test.each(refused)('refuses a tone of another %s', async (_, attributes, code, message) => {
    const tone = randomTone('contrast', [0, 1], [0, 1], attributes);
    const make = () => engine().createProgram(chain([2, 2, 1], [tone]));
    await expectError(make, code, message);
  });

  test("refuses a tone of inputs that aren't images", async () => {
    const tone = randomTone('brightness', [0, 1], [0, 1]);
    await expectError(() => engine().createProgram(chain([4, 2], [tone])), 'SHAPE_MISMATCH', /4(x|, )2/);
  });
});
