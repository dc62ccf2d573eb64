import { describe, test } from 'vitest';
import type { Shape } from '../../lib/program/description.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { ReferenceProgram } from '../../lib/program/reference-engine/index.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  dropout,
  type Link,
  pool2d,
  rescaling,
  reshape,
  shapeAfter,
} from '../support/chain.js';
import { type Case, expectSameAsReference, expectSameBits, Sampler } from '../support/engine-comparison.js';
import { expectClose, randomNumbers } from '../support/numeric.js';
import { outputOf } from '../support/one-batch.js';

// Random shapes: the native engine in float32 and the reference engine in float64.

const CHANNELS = [1, 2, 3, 8, 15, 16, 17, 31, 32, 33];
const SQUASHES = ['relu', 'sigmoid', 'tanh'] as const;

/** A convolution and the size of its images, with at most some 10^5 multiplications an image. */
function drawConv(sampler: Sampler): { input: Shape; link: Link } {
  for (;;) {
    const image = sampler.two(1, 13);
    const channels = sampler.oneOf(CHANNELS);
    const filters = sampler.oneOf(CHANNELS);
    const size = sampler.oneOf([sampler.two(1, 5), image]) as [number, number];
    const options = {
      strides: sampler.oneOf<[number, number]>([[1, 1], sampler.two(1, 3)]),
      dilation: sampler.oneOf<[number, number]>([[1, 1], sampler.two(1, 3)]),
      padding: sampler.oneOf([
        [0, 0, 0, 0],
        [...sampler.two(0, 3), ...sampler.two(0, 3)],
      ]) as [number, number, number, number],
      bias: sampler.whole(0, 3) > 0,
    };
    const link = conv2d(size, filters, options);
    const input = [...image, channels];
    const [rows, columns] = shapeAfter(link, input);
    const cost = rows * columns * size[0] * size[1] * channels * filters;
    if (rows > 0 && columns > 0 && cost < 150_000) return { input, link };
  }
}

/**
 * Groups of few channels and of many, whose filters cross the panels of 32 in which kernels are stored, and
 * depthwise convolutions.
 */
function drawGrouped(sampler: Sampler): { input: Shape; link: Link } {
  for (;;) {
    const [groups, channels, filters] = sampler.oneOf([
      [2, 6, 10],
      [4, 12, 20],
      [3, 9, 60],
      [2, 34, 66],
      [5, 10, 5],
      ...[1, 3, 31, 128, 130].map((depthwise) => [depthwise, depthwise, depthwise]),
      ...[1, 3, 17, 64].map((depthwise) => [depthwise, depthwise, 2 * depthwise]),
      [11, 11, 33],
    ]);
    const size = sampler.oneOf([[3, 3], [5, 5], sampler.two(1, 7)]) as [number, number];
    const options = {
      groups,
      strides: sampler.oneOf<[number, number]>([[1, 1], [2, 2], sampler.two(1, 3)]),
      dilation: sampler.oneOf<[number, number]>([[1, 1], sampler.two(1, 3)]),
      padding: sampler.oneOf([
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [...sampler.two(0, 4), ...sampler.two(0, 4)],
      ]) as [number, number, number, number],
      bias: sampler.whole(0, 3) > 0,
    };
    const link = conv2d(size, filters, options);
    const input = [...sampler.two(1, 15), channels];
    const [rows, columns] = shapeAfter(link, input);
    if (rows > 0 && columns > 0) return { input, link };
  }
}

type PoolKind = 'max' | 'average' | 'sum';

/** Windows that are apart, touch or overlap, that leave a remainder, and that reach into the padding. */
function drawPool(
  sampler: Sampler,
  [height, width]: Shape,
  kinds: readonly PoolKind[] = ['max', 'average', 'sum'],
): Link | undefined {
  const size = sampler.two(1, 4);
  const strides = sampler.oneOf<[number, number]>([size, sampler.two(1, 4)]);
  const pads = size.flatMap((cells) => [sampler.whole(0, cells - 1), sampler.whole(0, cells - 1)]);
  const padding = sampler.oneOf([[0, 0, 0, 0], pads]) as [number, number, number, number];
  if (size[0] > height + padding[0] + padding[1] || size[1] > width + padding[2] + padding[3])
    return undefined;
  return pool2d(sampler.oneOf(kinds), size, { strides, padding });
}

const drawInput = (sampler: Sampler): Shape => [...sampler.two(1, 13), sampler.oneOf(CHANNELS)];

/**
 * A 1x1 convolution that keeps the number of channels. Its gradient shows the next node's gradient by its
 * input.
 */
const probe: Link = (input) => conv2d([1, 1], input[input.length - 1])(input);
/** As above, in groups of one channel, since many channels may follow. */
const scale: Link = (input) => conv2d([1, 1], input[2], { groups: input[2] })(input);
const denseProbe: Link = (input) => dense(input[input.length - 1])(input);

async function expectAll(
  count: number,
  seed: number,
  draw: (sampler: Sampler) => Omit<Case, 'seed'>,
): Promise<void> {
  const sampler = new Sampler(seed);
  for (let i = 0; i < count; i++) await expectSameAsReference({ ...draw(sampler), seed: 100 * i });
}

async function expectBits(
  count: number,
  seed: number,
  draw: (sampler: Sampler) => Omit<Case, 'seed'>,
): Promise<void> {
  const sampler = new Sampler(seed);
  for (let i = 0; i < count; i++)
    await expectSameBits({ ...draw(sampler), samples: sampler.oneOf([1, 2, 4]), seed: 100 * i });
}

describe('outputs and gradients', () => {
  test('convolutions', () =>
    expectAll(80, 1, (sampler) => {
      const { input, link } = drawConv(sampler);
      return { input, links: [link], samples: sampler.whole(1, 5) };
    }));

  test('convolutions after another node, with an activation', () =>
    expectAll(60, 2, (sampler) => {
      const { input, link } = drawConv(sampler);
      return {
        input,
        links: [probe, link, activation(sampler.oneOf(SQUASHES))],
        samples: sampler.whole(1, 3),
      };
    }));

  test('grouped and depthwise convolutions', () =>
    expectAll(80, 8, (sampler) => {
      const { input, link } = drawGrouped(sampler);
      const after = sampler.oneOf([[], [activation(sampler.oneOf(SQUASHES))]]);
      return { input, links: [link, ...after], samples: sampler.whole(1, 4) };
    }));

  test('grouped and depthwise convolutions after another node, with or without pooling', () =>
    expectAll(80, 9, (sampler) => {
      const { input, link } = drawGrouped(sampler);
      const pool = drawPool(sampler, shapeAfter(link, input));
      const after = [activation(sampler.oneOf(SQUASHES)), ...(pool ? [pool] : [])];
      return { input, links: [scale, link, ...sampler.oneOf([[], after])], samples: sampler.whole(1, 3) };
    }));

  const fused = (sampler: Sampler) => {
    for (;;) {
      const { input, link } = drawConv(sampler);
      const pool = drawPool(sampler, shapeAfter(link, input));
      if (pool) return { input, link, pool };
    }
  };

  test('convolutions with activation and pooling', () =>
    expectAll(80, 3, (sampler) => {
      const { input, link, pool } = fused(sampler);
      const before = sampler.oneOf([[], [probe]]);
      return {
        input,
        links: [...before, link, activation(sampler.oneOf(SQUASHES)), pool],
        samples: sampler.whole(1, 3),
      };
    }));

  test('convolutions with pooling, then an activation or none', () =>
    expectAll(40, 4, (sampler) => {
      const { input, link, pool } = fused(sampler);
      const after = sampler.oneOf([[], [activation(sampler.oneOf(SQUASHES))]]);
      return { input, links: [probe, link, pool, ...after], samples: sampler.whole(1, 3) };
    }));

  test('pooling alone and twice', () =>
    expectAll(60, 5, (sampler) => {
      for (;;) {
        const input = drawInput(sampler);
        const first = drawPool(sampler, input);
        const second = first && drawPool(sampler, shapeAfter(first, input));
        if (!first) continue;
        return {
          input,
          links: second ? [probe, first, second] : [probe, first],
          samples: sampler.whole(1, 3),
        };
      }
    }));

  test("pooling over windows of more than 256 cells, whose indices don't fit in a byte", () =>
    expectAll(6, 7, (sampler) => ({
      input: [18, 19, sampler.oneOf(CHANNELS)],
      links: [probe, pool2d('max', sampler.two(17, 18), { strides: [1, 1], padding: [0, 2, 3, 0] })],
      samples: sampler.whole(1, 3),
    })));

  test.each([32, 50])('convolutions of small images, batch %d', (samples) =>
    expectAll(4, 8 + samples, (sampler) => {
      const strides = sampler.oneOf<[number, number]>([
        [1, 2],
        [2, 2],
      ]);
      const padding = sampler.oneOf<[number, number, number, number]>([
        [0, 0, 0, 0],
        [1, 0, 1, 2],
      ]);
      const groups = sampler.oneOf([1, 2]);
      const filters = sampler.oneOf([4, 18, 40]);
      return {
        input: [sampler.whole(3, 8), 7, 6],
        links: [
          conv2d([3, 3], filters, { strides, padding, groups }),
          activation(sampler.oneOf(['relu', 'tanh'])),
        ],
        samples,
      };
    }),
  );

  test.each([1, 16, 17, 130])('dense layers, batch %d', (samples) =>
    expectAll(12, 6 + samples, (sampler) => {
      const features = sampler.oneOf([1, 2, 10, 33, 256]);
      const units = sampler.oneOf([1, 3, 10, 16, 17, 33, 100]);
      const axes = sampler.oneOf([[], [sampler.whole(1, 3)], sampler.two(1, 3)]);
      const between = sampler.oneOf([[], [activation(sampler.oneOf(SQUASHES))]]);
      const links = [
        dense(units, { bias: sampler.whole(0, 2) > 0 }),
        ...between,
        dense(sampler.oneOf([1, 5, 17])),
      ];
      return { input: [...axes, features], links, samples };
    }),
  );

  test('activations, rescaling, dropout and reshaping between dense layers', () =>
    expectAll(40, 7, (sampler) => {
      const size = sampler.oneOf([1, 2, 5, 15, 16, 17, 33, 100]);
      const links = [
        denseProbe,
        sampler.oneOf([rescaling(-1.5, 0.25), dropout(0.3, 2), reshape(1, size), activation('relu')]),
        sampler.oneOf([activation('tanh'), dropout(0.5, 7), activation('sigmoid')]),
        reshape(size),
        dense(4),
      ];
      return { input: [size], links, samples: sampler.whole(1, 20) };
    }));
});

describe('activations alone, within a few ulp', () => {
  const values = [1e-30, 1e-4, 0.01, 0.3, 0.62, 0.63, 1, 3, 9, 30, 80].flatMap((scale, i) =>
    Array.from(randomNumbers(300, 40 + i, -scale, scale)),
  );
  const x = new Float32Array([0, ...values]);

  test.each(['relu', 'sigmoid', 'tanh', 'softmax'] as const)('%s', (kind) => {
    const rows = kind === 'softmax' ? 100 : 1;
    const columns = Math.floor(x.length / rows);
    const description = chain([columns], [activation(kind)]);
    const inputs = x.subarray(0, rows * columns);
    const expected = outputOf(new ReferenceProgram(description, 'float64'), inputs, rows);
    const actual = outputOf(nativeEngine().createProgram(description), inputs, rows);
    // A softmax's exponents are differences of up to 160, which are rounded before the exponential.
    const relative = kind === 'softmax' ? 160 * 2 ** -24 : 4 * 2 ** -23;
    expectClose(actual, expected, { absolute: 1e-37, relative, what: kind });
  });
});

describe('integers, bit for bit', () => {
  test('convolutions after another node', () =>
    expectBits(60, 11, (sampler) => {
      const { input, link } = drawConv(sampler);
      return {
        input,
        links: sampler.oneOf([[link], [conv2d([1, 1], input[2], { bias: false }), link]]),
        samples: 1,
      };
    }));

  test('grouped and depthwise convolutions after another node', () =>
    expectBits(60, 14, (sampler) => {
      const { input, link } = drawGrouped(sampler);
      return { input, links: sampler.oneOf([[link], [scale, link]]), samples: 1 };
    }));

  test('convolutions with relu and pooling, whose ties go to the first cell', () =>
    expectBits(60, 12, (sampler) => {
      for (;;) {
        const { input, link } = drawConv(sampler);
        const pool = drawPool(sampler, shapeAfter(link, input), ['max', 'sum']);
        if (pool)
          return {
            input,
            links: sampler.oneOf([
              [link, activation('relu'), pool],
              [link, pool],
            ]),
            samples: 1,
          };
      }
    }));

  test('dense layers with relu', () =>
    expectBits(40, 13, (sampler) => {
      const links = [dense(sampler.oneOf(CHANNELS)), activation('relu'), dense(sampler.oneOf(CHANNELS))];
      return { input: [sampler.oneOf([1, 10, 33, 256])], links, samples: 1 };
    }));
});
