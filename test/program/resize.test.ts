import '@tensorflow/tfjs-backend-cpu';
import * as tfjs from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { ReferenceProgram, referenceEngine } from '../../lib/program/reference-engine/index.js';
import { chain, conv2d, training } from '../support/chain.js';
import { expectError } from '../support/convforge-error.js';
import { samplesOn } from '../support/engine-comparison.js';
import { expectClose, randomNumbers } from '../support/numeric.js';
import { type Corners, resize } from '../support/shape-links.js';

// The modes of corners that TF.js has, compared with TF.js: the values and the gradient by the image, for one
// sample.

const CHANNELS = 3;
const ENGINES = { native: nativeEngine(), reference: referenceEngine() };

/** Input and output sizes: larger, smaller, equal, one row or column, ratios that aren't exact in float64. */
const SIZES: readonly [readonly [number, number], readonly [number, number]][] = [
  [
    [3, 4],
    [6, 8],
  ],
  [
    [5, 7],
    [11, 9],
  ],
  [
    [7, 6],
    [3, 4],
  ],
  [
    [10, 3],
    [5, 49],
  ],
  [
    [4, 5],
    [4, 5],
  ],
  [
    [6, 5],
    [1, 1],
  ],
  [
    [1, 4],
    [3, 1],
  ],
  [
    [2, 3],
    [7, 13],
  ],
];

function byTfjs(
  kind: 'bilinear' | 'nearest',
  alignCorners: boolean,
  x: Float32Array,
  [from, to]: (typeof SIZES)[number],
  dy: Float32Array,
): { y: Float32Array; dx: Float32Array | null } {
  const resizing = tfjs.image[kind === 'nearest' ? 'resizeNearestNeighbor' : 'resizeBilinear'];
  const images = tfjs.tensor4d(x, [1, ...from, CHANNELS]);
  const y = resizing(images, [...to], alignCorners, false).dataSync() as Float32Array;
  // TF.js's gradient of aligned nearest neighbours never ends for images of one row.
  if (kind === 'nearest' && alignCorners && Math.min(...from) === 1) return { y, dx: null };
  // Calls TF.js's kernel: the gradient of its 'bilinear' op has a wrong shape for non-square images.
  const kernel = kind === 'nearest' ? tfjs.ResizeNearestNeighborGrad : tfjs.ResizeBilinearGrad;
  const inputs = { images, dy: tfjs.tensor4d(dy, [1, ...to, CHANNELS]) };
  const dx: tfjs.Tensor = tfjs.engine().runKernel(kernel, inputs, { alignCorners });
  return { y, dx: dx.dataSync() as Float32Array };
}

/** A 1x1 identity convolution comes first. Its gradient shows the gradient by the image. */
const identity = Float32Array.from({ length: CHANNELS ** 2 }, (_, i) => (i % (CHANNELS + 1) === 0 ? 1 : 0));

beforeAll(() => tfjs.setBackend('cpu').then(() => {}));

describe.each(Object.keys(ENGINES) as (keyof typeof ENGINES)[])('the %s engine', (name) => {
  const engine = ENGINES[name];

  test.each([
    ['bilinear', 'topLeft'],
    ['bilinear', 'aligned'],
    ['nearest', 'topLeft'],
    ['nearest', 'aligned'],
  ] as const)('%s, corners %s, as TF.js', async (kind, corners) => {
    for (const sizes of SIZES) {
      const [from, to] = sizes;
      const links = [conv2d([1, 1], CHANNELS, { bias: false }), resize(kind, to, corners)];
      const program = engine.createProgram(chain([...from, CHANNELS], links, training('halfSquaredError')));
      program.writeWeights([identity]);
      const x = Float32Array.from(randomNumbers(from[0] * from[1] * CHANNELS, 1));
      const dy = Float32Array.from(randomNumbers(to[0] * to[1] * CHANNELS, 2));
      const expected = byTfjs(kind, corners === 'aligned', x, sizes, dy);
      const y = program.runHere([x], 1)[0];
      const what = `${from.join('x')} to ${to.join('x')}`;
      expectClose(y, expected.y, { absolute: kind === 'nearest' ? 0 : 1e-6, what });
      // Half the squared error has the gradient y - t, which must be dy.
      const { gradients } = await program.gradients({
        x: [samplesOn(engine, [1, ...from, CHANNELS], x)],
        y: [
          samplesOn(
            engine,
            [1, ...to, CHANNELS],
            y.map((value, i) => value - dy[i]),
          ),
        ],
        seed: 1,
      });
      if (expected.dx) {
        const bound = { absolute: 2e-5, what: `gradient, ${what}` };
        expectClose(gradients[0], kernelGradient(x, expected.dx), bound);
      }
      program.dispose();
    }
  });
});

/** The gradient of the 1x1 convolution: sum over pixels of x[i] * dy[j]. */
function kernelGradient(x: Float32Array, dy: Float32Array): Float32Array {
  const sums = new Float64Array(CHANNELS ** 2);
  for (let pixel = 0; pixel < x.length; pixel += CHANNELS) {
    for (let i = 0; i < sums.length; i++) {
      sums[i] += x[pixel + Math.floor(i / CHANNELS)] * dy[pixel + (i % CHANNELS)];
    }
  }
  return Float32Array.from(sums);
}

test('refuses unknown corners', async () => {
  const description = chain([3, 3, 1], [resize('nearest', [2, 2], 'middle' as Corners)]);
  await expectError(() => new ReferenceProgram(description), 'UNSUPPORTED', /no corners 'middle'/);
  await expectError(() => nativeEngine().createProgram(description), 'UNSUPPORTED', /no corners 'middle'/);
});

test('an image that keeps its size keeps its bits', () => {
  const x = new Float32Array([0.1, -3e38, Number.POSITIVE_INFINITY, 1e-30, Number.NaN, 2]);
  for (const engine of Object.values(ENGINES)) {
    for (const corners of ['halfPixel', 'topLeft', 'aligned'] as const) {
      const program = engine.createProgram(chain([2, 3, 1], [resize('bilinear', [2, 3], corners)]));
      expect(program.runHere([x], 1)[0]).toEqual(x);
      program.dispose();
    }
  }
});
