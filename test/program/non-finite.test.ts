import { describe, expect, test } from 'vitest';
import type { MetricDescription, ProgramDescription } from '../../lib/program/description.js';
import type { Engine } from '../../lib/program/engine.js';
import { ReferenceProgram } from '../../lib/program/reference-engine/index.js';
import { ACTIVATION_CASES } from '../support/activation-cases.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  dropout,
  gaussianNoise,
  type Link,
  pool2d,
  prelu,
  rescaling,
  training,
  UNIT_SGD,
} from '../support/chain.js';
import { NAMED_ENGINES, samplesOn } from '../support/engine-comparison.js';
import { add, Graph } from '../support/graph.js';
import { batchNormalization, groupNormalization, layerNormalization } from '../support/normalization.js';
import { randomNumbers, sizeOf } from '../support/numeric.js';
import {
  broadcast,
  concatenate,
  conv2dTranspose,
  merge,
  pad,
  permute,
  resize,
  standardize,
  unitLength,
} from '../support/shape-links.js';

// An op's forward pass must never hide NaN or infinity.

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

/** The outputs for inputs of the program's shapes. The weights are `weights`, or small positive numbers. */
function run(
  engine: Engine,
  description: ProgramDescription,
  x: readonly Float32Array[],
  weights?: Float32Array[],
) {
  const program = engine.createProgram(description);
  const drawn = program
    .readWeights()
    .map(({ length }, i) => Float32Array.from(randomNumbers(length, i, 0.1)));
  program.writeWeights(weights ?? drawn);
  const samples = x[0].length / sizeOf(description.graph.nodes[0].outputs[0].shape);
  const [y] = program.runHere(x, samples);
  program.dispose();
  return y;
}

/** 'NaN', '+', '-' or '.' for each value. */
const pattern = (values: ArrayLike<number>) =>
  Array.from(values, (value) =>
    Number.isNaN(value) ? 'NaN' : value === INF ? '+' : value === -INF ? '-' : '.',
  ).join(' ');

/** Whole numbers with some NaN and infinities. */
function sprinkled(length: number, seed: number): Float32Array {
  const kinds = randomNumbers(length, seed, 0, 40).map(Math.floor);
  return Float32Array.from(randomNumbers(length, seed + 1, -5, 5).map(Math.round), (value, i) =>
    kinds[i] === 0 ? NAN : kinds[i] === 1 ? INF : kinds[i] === 2 ? -INF : value,
  );
}

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  test.each<[string, Link]>([
    ...ACTIVATION_CASES.map(([kind, numbers]): [string, Link] => [
      `${kind} ${JSON.stringify(numbers)}`,
      activation(kind, numbers),
    ]),
    ['prelu', prelu([1])],
    ['rescaling', rescaling(0, 1)],
    ['standardize', standardize(Array(35).fill(1), Array(35).fill(0))],
    ['dropout', dropout(0.5)],
    ['gaussianNoise', gaussianNoise(1)],
  ])('%s keeps each NaN in its position', (_name, link) => {
    const x = Float32Array.from({ length: 70 }, (_value, i) => (i % 3 === 0 ? NAN : (i % 7) - 3));
    expect(pattern(run(engine, chain([35], [link]), [x]))).toBe(pattern(x));
  });

  test.each(['subtract', 'multiply', 'average', 'maximum', 'minimum', 'add'])(
    '%s shows a NaN of either input',
    (kind) => {
      for (const count of kind === 'subtract' ? [2] : [2, 3]) {
        const graph = new Graph(...Array.from({ length: count }, () => [37]));
        graph.after(
          Array.from({ length: count }, (_value, i) => i),
          kind === 'add' ? add : merge(kind),
        );
        for (let place = 0; place < count; place++) {
          const inputs = Array.from({ length: count }, (_value, i) =>
            new Float32Array(37).fill(i === place ? NAN : 1 - i),
          );
          expect(pattern(run(engine, graph.describe(), inputs))).toBe(Array(37).fill('NaN').join(' '));
        }
      }
    },
  );

  // Pooling alone, and pooling that is fused with a convolution: in registers, and in a strip of rows.
  test.each<[string, [number, number], Link[]]>([
    ['2x2', [2, 2], []],
    ['3x3', [3, 3], []],
    ['1x5', [1, 5], []],
    ['17x18', [17, 18], []],
    ['2x2 after a convolution', [2, 2], [conv2d([1, 1], 33, { bias: false })]],
    ['2x2 after a convolution and relu', [2, 2], [conv2d([1, 1], 5), activation('relu')]],
    ['3x3 after a convolution and tanh', [3, 3], [conv2d([1, 1], 17), activation('tanh')]],
    ['2x2 after a convolution of one filter', [2, 2], [conv2d([1, 1], 1)]],
  ])('max-pooling over %s propagates a NaN of each cell', (_name, size, links) => {
    const description = chain([...size, 1], [...links, pool2d('max', size)]);
    for (let cell = 0; cell < sizeOf(size); cell++) {
      const x = new Float32Array(sizeOf(size)).fill(1);
      x[cell] = NAN;
      for (const value of run(engine, description, [x])) expect(value, `NaN in cell ${cell}`).toBeNaN();
    }
  });

  test('max-pooling over a whole image, and with padding, propagates NaN', () => {
    const x = new Float32Array(40 * 41).fill(-1);
    x[40 * 41 - 1] = NAN;
    const whole = chain([40, 41, 1], [pool2d('max', [40, 41])]);
    expect(run(engine, whole, [x])[0]).toBeNaN();
    const padded = chain([3, 3, 1], [pool2d('max', [3, 3], { strides: [1, 1], padding: [1, 1, 1, 1] })]);
    const corner = run(engine, padded, [Float32Array.of(NAN, 0, 0, 0, 0, 0, 0, 0, 0)]);
    expect(pattern(corner)).toBe('NaN NaN . NaN NaN . . . .');
  });

  test.each([1, 2, 3, 8])('a dense layer propagates non-finite kernel values to %d samples', (samples) => {
    for (const units of [1, 5, 100, 130]) {
      const kernel = new Float32Array(3 * units).fill(1);
      kernel[0] = NAN;
      kernel[units - 1] = units === 1 ? NAN : INF;
      const x = Float32Array.from({ length: 3 * samples }, (_value, i) => (i % 3 === 0 ? 0 : 1));
      for (const trains of [false, true]) {
        const description = chain(
          [3],
          [dense(units, { bias: false })],
          trains ? training('halfSquaredError') : undefined,
        );
        const y = run(engine, description, [x], [kernel]);
        const row = ['NaN', ...Array(Math.max(units - 2, 0)).fill('.'), ...(units > 1 ? ['NaN'] : [])];
        expect(pattern(y)).toBe(Array(samples).fill(row.join(' ')).join(' '));
      }
    }
  });

  test('a dense layer that trains on one sample propagates them, too', async () => {
    const program = engine.createProgram(
      chain([2], [dense(1, { bias: false })], training('halfSquaredError')),
    );
    program.writeWeights([Float32Array.of(NAN, 1)]);
    const batch = {
      x: [samplesOn(engine, [1, 2], Float32Array.of(0, 1))],
      y: [samplesOn(engine, [1, 1], Float32Array.of(0))],
      seed: 1,
    };
    expect((await program.gradients(batch)).totals.loss).toBeNaN();
    program.dispose();
  });

  test.each<[MetricDescription, number[][]]>([
    // [right, all] of a row without NaN, then of rows that would be right but for a NaN.
    [{ kind: 'categoricalAccuracy' }, [[1, 4]]],
    [{ kind: 'topKCategoricalAccuracy', k: 1 }, [[1, 4]]],
    [{ kind: 'binaryAccuracy', threshold: 0.5 }, [[9, 12]]],
    [{ kind: 'classCounts' }, [[1, 0, 3, 0, 0, 0, 0, 0, 0]]],
  ])('%o never counts a NaN as correct', async (metric, expected) => {
    const description = chain([3], [rescaling(1, 0)], {
      outputs: [{ loss: { kind: 'categoricalCrossentropy' }, metrics: [metric] }],
      optimizer: UNIT_SGD,
    });
    const p = [
      [0.8, 0.1, 0.1],
      [NAN, 0.1, 0.1],
      [0.8, NAN, 0.1],
      [0.8, 0.1, NAN],
    ].flat();
    const t = Array(4).fill([1, 0, 0]).flat();
    const program = engine.createProgram(description);
    const { metrics } = program
      .evaluate({
        x: [samplesOn(engine, [4, 3], Float32Array.from(p))],
        y: [samplesOn(engine, [4, 3], Float32Array.from(t))],
        batchSize: 4,
      })
      .wait();
    program.dispose();
    expect(metrics).toEqual(expected);
  });
});

/** For inputs with NaN and infinities, each native op shows them where the reference engine does. */
describe('the native engine propagates them like the reference engine:', () => {
  const graphs: [string, number[], Link[]][] = [
    ['dense', [19], [dense(35)]],
    ['dense and relu', [40], [dense(70), activation('relu')]],
    ['convolution', [6, 7, 3], [exact(conv2d([3, 3], 18))]],
    ['convolution with strides', [7, 8, 3], [conv2d([3, 2], 5, { strides: [2, 3] })]],
    ['dilated convolution', [7, 8, 3], [conv2d([2, 2], 5, { dilation: [2, 3] })]],
    ['padded convolution', [6, 7, 17], [exact(conv2d([3, 3], 4, { padding: [1, 1, 1, 1] }))]],
    ['pointwise convolution', [6, 7, 17], [conv2d([1, 1], 40)]],
    ['depthwise convolution', [6, 7, 17], [conv2d([3, 3], 17, { groups: 17 })]],
    ['convolution in groups', [6, 7, 8], [conv2d([3, 3], 6, { groups: 2 })]],
    ['pooled convolution', [8, 8, 3], [exact(conv2d([3, 3], 18)), pool2d('max', [2, 2])]],
    ['pooled in strips', [8, 8, 3], [exact(conv2d([3, 3], 18)), activation('relu'), pool2d('max', [3, 3])]],
    ['transposed convolution', [4, 5, 3], [conv2dTranspose([3, 3], [6, 7, 5])]],
    ['max-pooling', [7, 7, 17], [pool2d('max', [3, 3], { strides: [2, 2], padding: [1, 1, 1, 1] })]],
    ['average pooling', [7, 7, 17], [pool2d('average', [2, 2])]],
    ['softmax', [3, 19], [activation('softmax')]],
    ['softmax over another axis', [3, 19], [activation('softmax', { axis: 0 })]],
    ['logSoftmax', [3, 19], [activation('logSoftmax')]],
    ['layer normalization', [9, 19], [layerNormalization(1)]],
    ['group normalization', [9, 18], [groupNormalization(3)]],
    ['batch normalization', [9, 18], [batchNormalization(), activation('relu')]],
    ['unit length', [9, 6], [unitLength()]],
    ['bilinear resizing', [6, 7, 2], [resize('bilinear', [9, 5])]],
    ['nearest resizing', [6, 7, 2], [resize('nearest', [9, 5])]],
    ['padding and cropping', [6, 7, 2], [pad([1, -2, 0], [2, 1, 0])]],
    ['permutation', [6, 7, 2], [permute(2, 0, 1)]],
    ['broadcast', [6, 1, 2], [broadcast(6, 3, 2)]],
  ];

  test.each(graphs)('%s', (_, shape, links) => {
    for (const samples of [1, 2, 9]) {
      const x = sprinkled(samples * sizeOf(shape), 3 + samples);
      const [native, reference] = NAMED_ENGINES.map(([, engine]) => run(engine, chain(shape, links), [x]));
      expect(pattern(reference)).toMatch(/NaN/);
      expect(pattern(native)).toBe(pattern(reference));
    }
  });

  test('concatenation', () => {
    const graph = new Graph([5], [7]);
    graph.after([0, 1], concatenate(0));
    const x = [sprinkled(50, 1), sprinkled(70, 2)];
    const [native, reference] = NAMED_ENGINES.map(([, engine]) => run(engine, graph.describe(), x));
    expect(native).toEqual(reference);
  });

  test.each([
    ['3x3', conv2d([3, 3], 33, { padding: [1, 1, 1, 1] })],
    ['5x5', conv2d([5, 5], 33, { padding: [2, 2, 2, 2] })],
  ])("Winograd's convolution %s, pooled or not, propagates them within a tile", (_, link) => {
    for (const after of [[], [pool2d('max', [2, 2])], [activation('relu'), pool2d('max', [2, 2])]]) {
      const x = sprinkled(16 * 16 * 16, 9).map((value, i) => (i % 17 === 0 ? value : 1));
      const [native, reference] = NAMED_ENGINES.map(([, engine]) =>
        run(engine, chain([16, 16, 16], [link, ...after]), [x]),
      );
      expect(pattern(reference)).toMatch(/NaN/);
      const hidden = native.filter((value, i) => Number.isFinite(value) && !Number.isFinite(reference[i]));
      expect([...hidden]).toEqual([]);
    }
  });
});

/** A convolution whose algorithm doesn't spread infinities. */
function exact(link: Link): Link {
  return (shape) => {
    const node = link(shape);
    return { ...node, attributes: { ...node.attributes, exact: true } };
  };
}

test('the last NaN of a window, and the first of several inputs, get the gradient', () => {
  const x = Float64Array.of(3, NAN, 1, NAN);
  const pooled = new ReferenceProgram(
    chain([2, 2, 1], [pool2d('max', [2, 2])], training('halfSquaredError')),
    'float64',
  );
  const batch = { samples: 1, inputs: [x], targets: [Float64Array.of(0)] };
  const { inputGradients } = pooled.gradientsOf(batch, { seed: 0, step: 0 });
  expect(pattern(inputGradients[0])).toBe('. . . NaN');
});
