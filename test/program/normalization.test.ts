import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import type { ProgramDescription, Shape } from '../../lib/program/description.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';
import type { Program } from '../../lib/program/engine.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  type Link,
  reshape,
  training,
  shapeAfter,
} from '../support/chain.js';
import { pair, Sampler, samplesOn } from '../support/engine-comparison.js';
import { ENGINES } from '../support/engines.js';
import { expectClose, randomNumbers, sizeOf } from '../support/numeric.js';
import {
  batchNormalization,
  groupNormalization,
  layerNormalization,
  type NormalizationCase,
} from '../support/normalization.js';

const upTo = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

/** Positive weights, since some are variances. */
const draw = (length: number, index: number) => randomNumbers(length, 90 + index, 0.5, 1.5).map(Math.fround);

/**
 * Predicts, makes one step on all samples, and predicts again, on the native engine and on the reference
 * engine in float64.
 */
async function compare(input: Shape, links: readonly Link[], samples: number, centre = 0): Promise<void> {
  // Gradients are sums over places that cancel each other. A mean is rounded, and distances from it are off by that.
  const places = sizeOf(input) / input[input.length - 1];
  const rounding = 3e-5 * (1 + Math.abs(centre) / 250);
  const description = chain(input, links, training('halfSquaredError'));
  const output = description.graph.nodes[description.graph.nodes.length - 1].outputs[0].shape;
  const x = new Float32Array(randomNumbers(samples * sizeOf(input), 7, centre - 1, centre + 1));
  const t = new Float32Array(randomNumbers(samples * sizeOf(output), 8));
  const [native, exact] = await Promise.all(
    pair(description, draw).map(async ({ engine, program }) => {
      const xs = [samplesOn(engine, [samples, ...input], x)];
      const y = [samplesOn(engine, [samples, ...output], t)];
      const before = await program.predict({ x: xs, batchSize: samples }).promise;
      const totals = await program.train({ x: xs, y, batchSize: samples, order: upTo(samples), seed: 1 });
      return { before: before[0], loss: totals.loss, weights: program.readWeights() };
    }),
  );
  const what = `${samples} samples of [${input}] through ${description.graph.nodes.map(({ op, attributes }) => `${op} ${JSON.stringify(attributes)}`).join(', ')}:`;
  const within = (actual: ArrayLike<number>, expected: ArrayLike<number>, name: string) => {
    const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const absolute = rounding * (largest + places / 10);
    expectClose(actual, expected, { absolute, relative: 0, what: `${what} ${name}` });
  };
  within(native.before, exact.before, 'output');
  within([native.loss], [exact.loss], 'loss');
  native.weights.forEach((values, i) => void within(values, exact.weights[i], `weight ${i}`));
}

const CHANNELS = [1, 2, 3, 8, 15, 16, 17, 31, 32, 33, 64, 130, 300];

function drawCase(sampler: Sampler): { input: Shape; samples: number; options: NormalizationCase } {
  const channels = sampler.oneOf(CHANNELS);
  const input =
    sampler.whole(0, 3) === 0 ? [channels] : [...sampler.two(1, channels > 64 ? 5 : 13), channels];
  const options = { center: sampler.whole(0, 3) > 0, scale: sampler.whole(0, 3) > 0, epsilon: 0.01 };
  return { input, samples: sampler.whole(1, 9), options };
}

/** Its gradient shows the gradient by the normalization's input. */
const probe: Link = (input) =>
  input.length === 3
    ? conv2d([1, 1], input[2], { groups: input[2] })(input)
    : dense(Math.min(input[0], 40))(input);

describe('native and reference engine agree', () => {
  test('on batch normalization, with and without relu, frozen and not', async () => {
    const sampler = new Sampler(1);
    for (let i = 0; i < 60; i++) {
      const { input, samples, options } = drawCase(sampler);
      const after = sampler.oneOf([[], [activation('relu')], [activation('tanh')]]);
      const frozen = sampler.whole(0, 3) === 0;
      await compare(input, [probe, batchNormalization({ ...options, frozen }), ...after], samples);
    }
  });

  test('on group normalization', async () => {
    const sampler = new Sampler(2);
    for (let i = 0; i < 60; i++) {
      const { input, samples, options } = drawCase(sampler);
      const channels = shapeAfter(probe, input).at(-1) as number;
      const groups = sampler.oneOf([1, 2, 3, 4, 8, channels].filter((count) => channels % count === 0));
      const after = sampler.oneOf([[], [activation('relu')]]);
      await compare(input, [probe, groupNormalization(groups, options), ...after], samples);
    }
  });

  test('on layer normalization', async () => {
    const sampler = new Sampler(3);
    for (let i = 0; i < 60; i++) {
      const { input, samples, options } = drawCase(sampler);
      await compare(input, [probe, layerNormalization(sampler.whole(1, input.length), options)], samples);
    }
  });

  test('on sets shared by several tasks', async () => {
    await compare([40, 40, 17], [probe, batchNormalization(), activation('relu')], 5);
    await compare([70, 70, 20], [probe, groupNormalization(4), activation('relu')], 2);
    await compare([30, 30, 12], [probe, layerNormalization(3)], 20);
    await compare([600, 5, 8], [probe, layerNormalization(1)], 3);
  });

  test('on the first node, and on values far from zero', async () => {
    await compare([20, 20, 3], [batchNormalization()], 4, 1000);
    await compare([20, 20, 4], [groupNormalization(2)], 4, -1000);
    await compare([20, 20, 4], [layerNormalization(2)], 4, 1000);
  });

  test('on several normalizations in a network', async () => {
    const links = [
      conv2d([3, 3], 8),
      batchNormalization(),
      activation('relu'),
      conv2d([3, 3], 8),
      groupNormalization(4),
      activation('relu'),
      reshape(6 * 5 * 8),
      layerNormalization(1),
      dense(5),
      batchNormalization(),
    ];
    await compare([10, 9, 2], links, 6);
  });
});

test('the native engine gives the same bits for any number of threads and prediction batches', async () => {
  const links = [
    probe,
    batchNormalization(),
    activation('relu'),
    groupNormalization(4),
    layerNormalization(2),
  ];
  const description = chain([9, 9, 12], links, training('halfSquaredError'));
  const [{ engine, program }] = pair(description, draw);
  const x = samplesOn(engine, [7, 9, 9, 12], new Float32Array(randomNumbers(7 * 972, 5)));
  const [whole] = await program.predict({ x: [x], batchSize: 7 }).promise;
  const [parts] = await program.predict({ x: [x], batchSize: 2 }).promise;
  expect(parts).toEqual(whole);
});

const SGD: OptimizerDescription = { kind: 'sgd', learningRate: 0, momentum: 0, nesterov: false };

function described(link: Link, input: Shape, optimizer = SGD): ProgramDescription {
  return chain(input, [link], training('halfSquaredError', { optimizer }));
}

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  const start = (description: ProgramDescription, weights: number[][]): Program => {
    const program = currentEngine().createProgram(description);
    program.writeWeights(weights.map((values) => Float32Array.from(values)));
    return program;
  };
  const samples = (shape: Shape, values: ArrayLike<number>) =>
    samplesOn(currentEngine(), shape, Float32Array.from(values));
  const train = (program: Program, shape: Shape, values: ArrayLike<number>, batchSize = shape[0]) => {
    const x = [samples(shape, values)];
    return program.train({ x, y: x, batchSize, order: upTo(shape[0]), seed: 1 });
  };

  test('updates moving statistics of the population, step by step', async () => {
    const shape = [10, 3, 2];
    const x = randomNumbers(60, 9, 2, 5).map(Math.fround);
    const program = start(described(batchNormalization({ momentum: 0.8 }), [3, 2]), [
      [1, 1],
      [0, 0],
      [5, 0],
      [1, 2],
    ]);
    await train(program, shape, x, 4);
    const mean = [5, 0];
    const variance = [1, 2];
    for (const [first, end] of [
      [0, 4],
      [4, 8],
      [8, 10],
    ]) {
      for (const c of [0, 1]) {
        const values = Array.from(x.slice(first * 6, end * 6)).filter((_, i) => i % 2 === c);
        const batchMean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const squares = values.reduce((sum, value) => sum + (value - batchMean) ** 2, 0);
        mean[c] = mean[c] * 0.8 + batchMean * 0.2;
        variance[c] = variance[c] * 0.8 + (squares / values.length) * 0.2;
      }
    }
    const weights = program.readWeights();
    expectClose(weights[2], mean);
    expectClose(weights[3], variance);
    const [y] = await program.predict({ x: [samples([1, 3, 2], x.slice(0, 6))], batchSize: 1 }).promise;
    expectClose(
      y,
      Array.from(x.slice(0, 6), (v, i) => (v - mean[i % 2]) / Math.sqrt(variance[i % 2] + 1e-3)),
    );
    program.dispose();
  });

  test("doesn't update them in evaluation and prediction", async () => {
    const program = start(described(batchNormalization(), [2]), [
      [1, 1],
      [0, 0],
      [5, 0],
      [1, 2],
    ]);
    const before = program.readWeights();
    const x = [samples([4, 2], [1, 2, 3, 4, 5, 6, 7, 8])];
    await program.predict({ x, batchSize: 2 }).promise;
    const { loss } = await program.evaluate({ x, y: x, batchSize: 4 }).promise;
    expect(program.readWeights()).toEqual(before);
    const deviations = [Math.sqrt(1.001), Math.sqrt(2.001)];
    const losses = [1, 2, 3, 4, 5, 6, 7, 8].map(
      (v, i) => ((v - [5, 0][i % 2]) / deviations[i % 2] - v) ** 2 / 2,
    );
    expect(loss).toBeCloseTo(
      losses.reduce((sum, value) => sum + value, 0),
      3,
    );
  });

  test("doesn't update a frozen one, and trains with its moving statistics", async () => {
    const link: Link = (shape) => {
      const node = batchNormalization({ frozen: true })(shape);
      return { ...node, parameters: node.parameters.map((each) => ({ ...each, trainable: false })) };
    };
    const weights = [
      [1, 1],
      [0, 0],
      [5, 0],
      [1, 2],
    ];
    const program = start(described(link, [2], { ...SGD, learningRate: 1 }), weights);
    const { loss } = await train(program, [2, 2], [1, 2, 3, 4]);
    expect(program.readWeights().map((values) => Array.from(values))).toEqual(weights);
    const y = [1, 2, 3, 4].map((v, i) => (v - [5, 0][i % 2]) / Math.sqrt([1.001, 2.001][i % 2]));
    expect(loss).toBeCloseTo(
      y.reduce((sum, each, i) => sum + (each - (i + 1)) ** 2 / 2, 0),
      3,
    );
  });

  test('accepts a batch of one value per channel', async () => {
    const optimizer = { ...SGD, learningRate: 1 };
    const program = start(described(batchNormalization({ momentum: 0.5 }), [1, 1, 2], optimizer), [
      [3, 3],
      [7, 8],
      [0, 0],
      [1, 1],
    ]);
    // The output is beta for any x: loss (7 - 4)^2 / 2 + (8 - 10)^2 / 2, gradient of beta [3, -2].
    const { loss } = await train(program, [1, 1, 1, 2], [4, 10]);
    expect(loss).toBe(6.5);
    expect(program.readWeights().map((values) => Array.from(values))).toEqual([
      [3, 3],
      [4, 10],
      [2, 5],
      [0.5, 0.5],
    ]);
  });

  const refuse = (link: Link, input: Shape, code: string, text: RegExp) => {
    expect(() => currentEngine().createProgram(described(link, input))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(text) }),
    );
  };
  const changed =
    (link: Link, change: object): Link =>
    (shape) => ({ ...link(shape), ...change });

  test('refuses other shapes and attributes', () => {
    refuse(
      groupNormalization(3),
      [2, 4],
      'SHAPE_MISMATCH',
      /groupNormalization_1: 4 channels can't be divided into 3 groups/,
    );
    refuse(
      layerNormalization(3),
      [2, 4],
      'SHAPE_MISMATCH',
      /layerNormalization_1: its input \[2, ?4\] has no 3 axes/,
    );
    refuse(
      batchNormalization({ momentum: 1.5 }),
      [4],
      'INVALID_ARGUMENT',
      /momentum is .*1.5|momentum is a number in \[0, 1\], not 1.5/,
    );
    for (const link of [
      batchNormalization({ epsilon: 0 }),
      groupNormalization(2, { epsilon: -1 }),
      layerNormalization(1, { epsilon: 0 }),
    ])
      refuse(link, [4], 'INVALID_ARGUMENT', /epsilon (is|must)/);
    const gamma = [{ name: 'gamma', shape: [3] }];
    refuse(changed(groupNormalization(2), { parameters: gamma }), [4], 'SHAPE_MISMATCH', /gamma (has|must)/);
    refuse(changed(layerNormalization(1), { parameters: gamma }), [4], 'SHAPE_MISMATCH', /gamma (has|must)/);
    refuse(
      changed(batchNormalization(), { parameters: [] }),
      [4],
      'INVALID_ARGUMENT',
      /takes the parameters \[moving_mean, moving_variance\]/,
    );
    refuse(
      changed(layerNormalization(1), {
        parameters: [
          { name: 'beta', shape: [4] },
          { name: 'gamma', shape: [4] },
        ],
      }),
      [4],
      'INVALID_ARGUMENT',
      /takes the parameters \[gamma, beta\]/,
    );
  });
});

test('relu is fused, as explain shows', () => {
  const program = nativeEngine().createProgram(chain([4, 4, 8], [batchNormalization(), activation('relu')]));
  const passes = program
    .explain('predict')
    .wait()
    .passes.filter(({ kind }) => kind === 'forward');
  expect(passes).toEqual([
    expect.objectContaining({ node: 'batchNormalization_1', algorithm: 'by channel', fused: 'relu' }),
  ]);
});
