import { afterAll, describe, expect, test } from 'vitest';
import { engineInfo, nativeEngine, setThreads } from '../../lib/program/native-engine.js';
import { activation, conv2d, type Link } from '../support/chain.js';
import { Graph } from '../support/graph.js';
import { batchNormalization } from '../support/normalization.js';
import { randomNumbers, sizeOf } from '../support/numeric.js';

// 1x1 and depthwise convolutions that inference computes together, some rows at a time. The same nodes are computed one
// by one where the values between them are outputs too, and must give the same bits.

const threads = engineInfo().threads;
afterAll(() => setThreads(threads));

const RELU6 = { maxValue: 6 };
type Sides = [number, number, number, number];

function depthwise(
  filters: number,
  size: number,
  options: { strides?: number; padding?: Sides; dilation?: number },
): Link {
  const { strides = 1, padding = [1, 1, 1, 1], dilation = 1 } = options;
  return conv2d([size, size], filters, {
    groups: filters,
    strides: [strides, strides],
    dilation: [dilation, dilation],
    padding,
  });
}

interface Chain {
  image: [number, number, number];
  samples: number;
  links: Link[];
  /** The convolutions that the one before has absorbed. */
  absorbed: number;
}

const wide = { bias: false };

const CHAINS: Record<string, Chain> = {
  'an inverted residual block': {
    image: [30, 29, 16],
    samples: 4,
    links: [
      ...[conv2d([1, 1], 96, wide), batchNormalization(), activation('relu', RELU6)],
      ...[depthwise(96, 3, {}), batchNormalization(), activation('relu', RELU6)],
      ...[conv2d([1, 1], 24, wide), batchNormalization()],
    ],
    absorbed: 2,
  },
  'in strides of 2, without normalization': {
    image: [41, 37, 8],
    samples: 2,
    links: [
      ...[conv2d([1, 1], 100), activation('relu'), depthwise(100, 3, { strides: 2, padding: [0, 1, 1, 0] })],
      ...[activation('relu'), conv2d([1, 1], 33), activation('tanh')],
    ],
    absorbed: 2,
  },
  'an activation that products leave to a pass of its own': {
    image: [26, 26, 5],
    samples: 6,
    links: [
      ...[conv2d([1, 1], 70), activation('tanh'), depthwise(70, 5, { padding: [2, 2, 2, 2] })],
      ...[activation('sigmoid'), conv2d([1, 1], 7)],
    ],
    absorbed: 2,
  },
  'a depthwise convolution at the start': {
    image: [40, 42, 64],
    samples: 3,
    links: [depthwise(64, 3, {}), activation('relu'), conv2d([1, 1], 32), activation('relu', RELU6)],
    absorbed: 1,
  },
  'a depthwise convolution at the end': {
    image: [31, 33, 9],
    samples: 4,
    links: [
      conv2d([1, 1], 80),
      depthwise(80, 3, { dilation: 3, padding: [3, 3, 3, 3] }),
      activation('sigmoid'),
    ],
    absorbed: 1,
  },
  'padding that is larger than the image': {
    image: [3, 64, 16],
    samples: 16,
    links: [conv2d([1, 1], 88), depthwise(88, 7, { padding: [6, 6, 6, 6] }), conv2d([1, 1], 16)],
    absorbed: 2,
  },
};

function graphOf({ image, links }: Chain): { graph: Graph; last: number } {
  const graph = new Graph(image);
  return { graph, last: graph.after(0, ...links) };
}

describe.each(Object.entries(CHAINS))('%s', (_, chain) => {
  const { graph, last } = graphOf(chain);
  const together = nativeEngine().createProgram(graph.describe(undefined, [last]));
  // What convolutions read.
  const values = graph.nodes.flatMap(({ op, inputs }) => (op === 'conv2d' && inputs[0] !== 0 ? inputs : []));
  const apart = nativeEngine().createProgram(graph.describe(undefined, [last, ...values]));
  const weights = graph.nodes.flatMap(({ parameters }) =>
    parameters.map(({ name, shape }, i) => {
      const drawn = new Float32Array(randomNumbers(sizeOf(shape), 3 + i));
      return name === 'moving_variance' ? drawn.map((value) => 0.1 + Math.abs(value)) : drawn;
    }),
  );
  for (const program of [together, apart]) program.writeWeights(weights);
  const x = new Float32Array(randomNumbers(chain.samples * sizeOf(chain.image), 11));

  test.each([1, 2, 3])('has the bits of its parts on %i threads', (count) => {
    setThreads(count);
    const [expected] = apart.runHere([x], chain.samples);
    const [actual] = together.runHere([x], chain.samples);
    expect(actual.some((value) => value !== 0)).toBe(true);
    expect(Buffer.from(actual.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
  });

  test('is one pass, which names its parts', () => {
    const passes = together.explain('predict', chain.samples).wait().passes;
    const chained = passes.filter(({ algorithm }) => algorithm === 'chained rows');
    expect(chained).toHaveLength(1);
    expect(chained[0].fused.split('; ').filter((part) => part.startsWith('conv2d'))).toHaveLength(
      chain.absorbed,
    );
    expect(passes.filter(({ kind }) => kind === 'forward')).toHaveLength(1);
    const dense = apart.explain('predict', chain.samples).wait().passes;
    expect(dense.some(({ algorithm }) => algorithm === 'chained rows')).toBe(false);
    const flops = (list: typeof passes) => list.reduce((sum, pass) => sum + pass.flops, 0);
    expect(flops(passes)).toBe(flops(dense));
  });
});

test.each<[string, [number, number, number], Link]>([
  ['small values', [7, 7, 16], depthwise(96, 3, {})],
  // Three of its rows take 1.2 MB.
  ['large rows', [5, 1060, 16], depthwise(96, 3, {})],
  [
    'windows that span many rows',
    [130, 60, 16],
    depthwise(96, 3, { dilation: 40, padding: [40, 40, 40, 40] }),
  ],
])('%s are computed one after the other', (_, image, middle) => {
  const graph = new Graph(image);
  const last = graph.after(0, conv2d([1, 1], 96), middle, conv2d([1, 1], 16));
  const program = nativeEngine().createProgram(graph.describe(undefined, [last]));
  const passes = program.explain('predict', 1).wait().passes;
  expect(passes.map(({ algorithm }) => algorithm).slice(1)).toEqual(['pointwise', 'depthwise', 'pointwise']);
});
