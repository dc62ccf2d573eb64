import { describe, expect, test } from 'vitest';
import {
  activation,
  conv2d,
  dense,
  dropout,
  type Link,
  pool2d,
  rescaling,
  reshape,
  training,
} from '../support/chain.js';
import { expectProgramAsReference, expectProgramBits, Sampler } from '../support/engine-comparison.js';
import { ADAM } from '../support/engine-runs.js';
import { add, Graph } from '../support/graph.js';
import { expectClose, randomIntegers } from '../support/numeric.js';
import { trainBoth } from '../support/training-comparison.js';

// Programs that branch and join: the native engine in float32 and the reference engine in float64.

const CHANNELS = 5;

/** A 3x3 convolution that keeps the shape. */
const conv = (filters = CHANNELS): Link => conv2d([3, 3], filters, { padding: [1, 1, 1, 1] });
const relu = activation('relu');
const tanh = activation('tanh');

/** Each graph starts from node 1, a convolution of the input [6, 7, 5] to [6, 7, 5]. */
const GRAPHS: Record<string, (graph: Graph) => void> = {
  'a skip around one convolution': (g) => {
    g.after([g.after(1, conv()), 1], add);
  },
  'a skip around two convolutions, then relu': (g) => {
    const block = g.after([g.after(1, conv(), relu, conv()), 1], add, relu);
    g.after(block, conv());
  },
  'two residual blocks, the second halving the image': (g) => {
    const block = g.after([1, g.after(1, conv(), relu, conv())], add, relu);
    const main = g.after(block, conv2d([3, 3], 8, { strides: [2, 2], padding: [1, 1, 1, 1] }), relu, conv(8));
    const projected = g.after(block, conv2d([1, 1], 8, { strides: [2, 2] }));
    const joined = g.after([main, projected], add, relu, pool2d('average', [3, 4]));
    g.after(joined, reshape(8), dense(3));
  },
  'a value used three times': (g) => {
    g.after([g.after(1, conv()), g.after(1, tanh), g.after(1, rescaling(0.5, 1), conv())], add, conv());
  },
  'a value used four times, directly in a sum of four': (g) => {
    g.after([1, g.after(1, conv(), tanh), 1, 1], add, conv());
  },
  'a skip from the input': (g) => {
    g.after([0, g.after(1, conv()), 0], add, relu, conv());
  },
  'the input rescaled and as it is': (g) => {
    g.after([g.after(0, rescaling(0.25, -1)), 0, 1], add, conv());
  },
  'the same node twice': (g) => {
    g.after([1, 1], add, conv());
  },
  'the same node twice at the end': (g) => {
    g.after([1, 1], add);
  },
  'sums of sums that pass one gradient on': (g) => {
    const sum = g.after([1, 0], add);
    const more = g.after([sum, 1], add);
    g.after([more, sum, 1], add);
  },
  'a convolution whose output is needed before its relu': (g) => {
    const convolved = g.after(1, conv());
    g.after([g.after(convolved, relu), convolved], add);
  },
  'a convolution whose output is pooled by two windows': (g) => {
    const convolved = g.after(1, conv(), relu);
    const largest = g.after(convolved, pool2d('max', [2, 2]));
    g.after([largest, g.after(convolved, pool2d('average', [2, 2]))], add, conv());
  },
  'a sum whose value is needed before its tanh': (g) => {
    const sum = g.after([1, g.after(1, conv())], add);
    g.after([sum, g.after(sum, tanh)], add, conv());
  },
  'a dense layer whose output is needed before its tanh': (g) => {
    const flat = g.after(1, reshape(6 * 7 * CHANNELS), dense(9));
    g.after([flat, g.after(flat, tanh)], add, dense(2));
  },
  'views of a value beside it': (g) => {
    const flat = g.after(1, reshape(7, 6, CHANNELS), reshape(6, 7, CHANNELS));
    const dropped = g.after(1, dropout(0.5, 3));
    g.after([flat, 1, g.after(flat, relu), dropped], add, conv());
  },
  'dropout on either side of a skip': (g) => {
    const dropped = g.after(1, dropout(0.3, 1));
    g.after([g.after(dropped, conv(), dropout(0.4, 2)), dropped], add, tanh, conv());
  },
  'a branch that does not learn': (g) => {
    g.after([g.after(0, pool2d('max', [3, 3], { strides: [1, 1], padding: [1, 1, 1, 1] }), tanh), 1], add);
  },
};

const WINDOW = {
  strides: [1, 1] as [number, number],
  padding: [1, 1, 1, 1] as [number, number, number, number],
};

/** Ten random nodes, and the sum of all values that would be unused. */
function randomGraph(sampler: Sampler): Graph {
  const shape = [sampler.whole(2, 6), sampler.whole(2, 6), sampler.oneOf([1, 3, 17])];
  const [height, width, channels] = shape;
  const links: Link[] = [
    conv(channels),
    conv(channels),
    relu,
    tanh,
    rescaling(-0.5, 0.5),
    dropout(0.25, 6),
    reshape(height, width, channels),
    pool2d('max', [3, 3], WINDOW),
    pool2d('average', [3, 3], WINDOW),
    conv2d([1, 1], channels),
  ];
  const graph = new Graph(shape);
  graph.after(0, conv(channels));
  for (let i = 0; i < 10; i++) {
    const any = () => sampler.whole(Math.max(0, graph.nodes.length - 4), graph.nodes.length - 1);
    const chosen = sampler.whole(0, 2);
    if (chosen === 0) graph.after(Array.from({ length: sampler.whole(2, 4) }, any), add);
    else graph.after(any(), sampler.oneOf(links));
  }
  const used = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const unused = graph.nodes.map((_, index) => index).filter((index) => !used.has(index));
  if (unused.length > 1) graph.after(unused, add);
  return graph;
}

describe('outputs and gradients', () => {
  test.each(Object.entries(GRAPHS))('%s', async (_, build) => {
    const graph = new Graph([6, 7, CHANNELS]);
    graph.after(0, conv());
    build(graph);
    await expectProgramAsReference(graph.describe(training('halfSquaredError')), 3, 17);
  });

  test('random graphs', async () => {
    const sampler = new Sampler(31);
    for (let i = 0; i < 60; i++) {
      const graph = randomGraph(sampler);
      await expectProgramAsReference(
        graph.describe(training('halfSquaredError')),
        sampler.whole(1, 3),
        100 * i,
      );
    }
  });

  test('integer values over several tasks, bit for bit', async () => {
    const graph = new Graph([40, 41, 4]);
    const first = graph.after(0, conv2d([1, 1], 4, { bias: false }));
    const second = graph.after(first, relu, conv2d([1, 1], 4, { bias: false }));
    graph.after([first, second, 0, first], add, relu);
    await expectProgramBits(graph.describe(training('halfSquaredError')), 4, 5);
  });
});

test('a program of sums alone has no parameters', async () => {
  const graph = new Graph([4]);
  graph.after([graph.after([0, 0], add), 0], add);
  await expectProgramAsReference(graph.describe(training('halfSquaredError')), 2, 1);
});

/** Two residual blocks without normalization, the second with a projection. */
function smallResNet(): Graph {
  const graph = new Graph([12, 12, 1]);
  let value = graph.after(0, rescaling(1 / 255, 0), conv(8), relu);
  for (const filters of [8, 12]) {
    const strides: [number, number] = filters === 8 ? [1, 1] : [2, 2];
    const main = graph.after(
      value,
      conv2d([3, 3], filters, { strides, padding: [1, 1, 1, 1] }),
      relu,
      conv(filters),
    );
    const skip = filters === 8 ? value : graph.after(value, conv2d([1, 1], filters, { strides }));
    value = graph.after([main, skip], add, relu);
  }
  graph.after(value, pool2d('average', [2, 2]), reshape(108), dropout(0.2), dense(5), activation('softmax'));
  return graph;
}

test("the loss curve of a small ResNet equals the reference engine's over 40 steps", async () => {
  const count = 160;
  const x = new Uint8Array(randomIntegers(count * 144, 21, 0, 90));
  const y = Int32Array.from(randomIntegers(count, 22, 0, 4));
  y.forEach((label, n) => {
    for (let i = 0; i < 12; i++) x[n * 144 + (2 * label + 1) * 12 + i] = 255;
  });
  const description = smallResNet().describe(
    training('sparseCategoricalCrossentropy', {
      optimizer: { ...ADAM, learningRate: 0.005 },
      metrics: [{ kind: 'sparseCategoricalAccuracy' }],
    }),
  );
  const [native, reference] = await trainBoth(
    description,
    { x, y, count },
    { steps: 40, batchSize: 16, scale: 0.25 },
  );
  expectClose(native.losses, reference.losses, { absolute: 1e-6, relative: 1e-4, what: 'loss' });
  expectClose(native.outputs, reference.outputs, { absolute: 2e-4, relative: 2e-3, what: 'output' });
  expect(native.evaluated.metrics[0][0] / count).toBeCloseTo(reference.evaluated.metrics[0][0] / count, 1);
  expect(reference.losses[39]).toBeLessThan(reference.losses[0] * 0.8);
}, 30_000);
