import { describe, expect, test } from 'vitest';
import { setEngine } from '../../lib/program/current-engine.js';
import {
  shapeOf,
  type ProgramDescription,
  type ValueGradientsDescription,
} from '../../lib/program/description.js';
import type { Engine, ValueGradients } from '../../lib/program/engine.js';
import { ReferenceProgram, referenceEngine } from '../../lib/program/reference-engine/index.js';
import { randomAffine, randomCrop, randomFlip, randomTone } from '../support/augmentation-links.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  dropout,
  gaussianNoise,
  pool2d,
  prelu,
  rescaling,
  type Link,
  reshape,
  training,
  UNIT_SGD,
} from '../support/chain.js';
import { create, expectRefusal, samplesOf } from '../support/engine-runs.js';
import { pair, samplesOn } from '../support/engine-comparison.js';
import { ENGINES } from '../support/engines.js';
import { add, Graph } from '../support/graph.js';
import { batchNormalization, groupNormalization, layerNormalization } from '../support/normalization.js';
import { centralDifference, expectClose, randomNumbers, sizeOf } from '../support/numeric.js';
import {
  concatenate,
  conv2dTranspose,
  embedding,
  merge,
  pad,
  permute,
  resize,
  standardize,
  unitLength,
} from '../support/shape-links.js';
import { randomSets } from '../support/whole-programs.js';

const SAMPLES = 3;
const draw = (length: number, index: number) => randomNumbers(length, 60 + index, -0.6, 0.6).map(Math.fround);
/** Positive weights for variances, too. */
const drawPositive = (length: number, index: number) =>
  draw(length, index).map((value) => 0.05 + Math.abs(value) / 8);

/** The gradients of every node, or of the inputs only, so that other ops are fused. */
function wanted({ graph: { nodes } }: ProgramDescription, every: boolean): number[] {
  return nodes.flatMap(({ op }, index) => (every || op === 'input' ? [index] : []));
}

function describeGradients(
  description: ProgramDescription,
  of: ValueGradientsDescription['of'],
  every: boolean,
): ProgramDescription {
  const { training: _, ...predicting } = description;
  const base = of === 'loss' ? description : predicting;
  return { ...base, valueGradients: { by: wanted(description, every), of } };
}

/** Random factors for the first output's elements. */
function factorsOn(engine: Engine, { graph }: ProgramDescription) {
  const { nodes, outputs = [nodes.length - 1] } = graph;
  const shape = shapeOf(nodes, outputs[0]);
  const values = new Float32Array(randomNumbers(SAMPLES * sizeOf(shape), 9));
  return [samplesOn(engine, [SAMPLES, ...shape], values)];
}

async function expectSame(description: ProgramDescription, of: 'loss' | 'output'): Promise<void> {
  for (const every of [false, true]) {
    const described = describeGradients(description, of, every);
    const results: ValueGradients[] = [];
    const drawn = described.graph.nodes.some(({ attributes }) => 'frozen' in attributes && attributes.frozen)
      ? drawPositive
      : draw;
    for (const { engine, program } of pair(described, drawn)) {
      const sets = randomSets(engine, described, SAMPLES, { weighted: of === 'loss' });
      const y = of === 'loss' ? sets.y : factorsOn(engine, described);
      const before = program.readWeights();
      results.push(await program.valueGradients({ ...sets, y, seed: 4 }));
      expect(program.readWeights()).toEqual(before);
    }
    const [native, reference] = results;
    expectClose([native.totals.loss], [reference.totals.loss], { what: 'loss' });
    for (const part of ['outputs', 'gradients'] as const) {
      reference[part].forEach((expected, i) => {
        const most = Math.max(...expected.map(Math.abs));
        expectClose(native[part][i], expected, { absolute: 3e-5 * most, what: `${part} ${i}, element` });
      });
    }
    // Each input has a gradient.
    const inputs = described.graph.nodes.filter(({ op }) => op === 'input').length;
    for (const gradient of reference.gradients.slice(0, inputs))
      expect(gradient.some((value) => value !== 0)).toBe(true);
  }
}

const flatten: Link = (shape) => reshape(sizeOf(shape))(shape);

const image = (...links: Parameters<typeof chain>[1]) =>
  chain([9, 8, 3], [...links, flatten, dense(4), activation('softmax')], training('categoricalCrossentropy'));

function residual(): ProgramDescription {
  const graph = new Graph([8, 8, 2], [8, 8, 2]);
  const first = graph.after(0, conv2d([3, 3], 4, { padding: [1, 1, 1, 1] }), batchNormalization());
  const second = graph.after(1, conv2d([1, 1], 4), activation('tanh'));
  const sum = graph.after([first, second], add, activation('relu'), pool2d('max', [2, 2]));
  const product = graph.after([sum, sum], merge('multiply'));
  const joined = graph.after([product, sum], concatenate(2), reshape(128));
  const head = graph.after(joined, dense(3));
  const side = graph.after(joined, dense(2), activation('sigmoid'));
  const outputs = [
    { loss: { kind: 'meanSquaredError' }, metrics: [] },
    { loss: { kind: 'binaryCrossentropy' }, weight: 0.5, metrics: [] },
  ] as const;
  return graph.describe({ outputs, optimizer: UNIT_SGD }, [head, side]);
}

describe('gradients by values, native and in float64', () => {
  test.each<[string, ProgramDescription]>([
    ['pooled convolutions', image(conv2d([3, 3], 6), activation('relu'), pool2d('max', [2, 2]))],
    [
      'convolutions of groups, with strides',
      image(conv2d([3, 3], 6, { groups: 3, strides: [2, 1] }), activation('elu'), conv2d([1, 1], 5)),
    ],
    ['Winograd convolutions', image(conv2d([3, 3], 32), conv2d([3, 3], 32), activation('relu'))],
    ['other poolings', image(pool2d('average', [2, 3]), prelu([1, 1, 3]), pool2d('sum', [2, 1]))],
    ['a rescaling at the start', image(rescaling(1 / 255, -0.5), conv2d([2, 2], 4), activation('gelu'))],
    ['batch normalization', image(conv2d([3, 3], 4), batchNormalization(), activation('relu'))],
    ['frozen batch normalization', image(batchNormalization({ frozen: true }), conv2d([3, 3], 4))],
    ['other normalizations', image(conv2d([1, 1], 4), groupNormalization(2), layerNormalization(3))],
    ['draws', image(dropout(0.3, 1), gaussianNoise(0.1, 2), conv2d([3, 3], 4), dropout(0.2, 3))],
    [
      'augmentation',
      image(
        randomFlip(true, true),
        randomAffine('rotation', [-0.1, 0.1]),
        randomCrop(7, 6),
        randomTone('contrast', [0.5, 1.5], [-9, 9]),
      ),
    ],
    [
      'shapes',
      image(
        pad([1, 0, 0], [0, -1, 0]),
        permute(1, 0, 2),
        resize('bilinear', [6, 5]),
        standardize([0.1, 0.2, 0.3], [1, 2, 3]),
        conv2dTranspose([2, 2], [12, 10, 2], { strides: [2, 2] }),
        unitLength(),
      ),
    ],
    ['branches, several inputs and outputs', residual()],
  ])('%s', async (_, description) => {
    await expectSame(description, 'loss');
    await expectSame(description, 'output');
  });
});

describe('gradients by values in float64', () => {
  test.each(['loss', 'output'] as const)('of the %s equal central differences', async (of) => {
    const description = image(conv2d([3, 3], 3), batchNormalization(), activation('sigmoid'), dropout(0.2));
    const program = new ReferenceProgram(describeGradients(description, of, false), 'float64');
    const other = new ReferenceProgram(description, 'float64');
    program.writeWeights(program.readWeights().map(({ length }, i) => new Float32Array(draw(length, i))));
    other.writeWeights(program.readWeights());
    const engine = referenceEngine();
    const values = randomNumbers(SAMPLES * 216, 1).map(Math.fround);
    const targets = new Float32Array(randomNumbers(SAMPLES * 4, 2, 0, 1));
    const { gradients } = await program.valueGradients({
      x: [samplesOn(engine, [SAMPLES, 9, 8, 3], new Float32Array(values))],
      y: [samplesOn(engine, [SAMPLES, 4], targets)],
      seed: 5,
    });
    const measure = () => {
      const batch = { samples: SAMPLES, inputs: [values], targets: [targets] };
      const { loss, outputs } = other.gradientsOf(batch, { seed: 5, step: 0 });
      if (of === 'loss') return loss / SAMPLES;
      return Array.from(outputs[0]).reduce((sum, value, i) => sum + value * targets[i], 0);
    };
    const expected = values.map((_, i) => centralDifference(measure, values, i));
    expectClose(gradients[0], expected, { absolute: 1e-7, relative: 1e-4, what: 'gradient' });
  });
});

describe.each(ENGINES)('gradients by values in the %s engine', (engine) => {
  const samples = (seed: number, ...shape: number[]) =>
    samplesOf(shape, 'float32', new Float32Array(randomNumbers(sizeOf(shape), seed)));

  test('by an inner value equal those by a term added to it', async () => {
    setEngine(engine);
    const build = (extra: boolean) => {
      const graph = new Graph([6, 6, 2], ...(extra ? [[2, 2, 3]] : []));
      const inner = graph.after(0, conv2d([3, 3], 3), activation('relu'), pool2d('max', [2, 2]));
      const value = extra ? graph.after([inner, 1], add) : inner;
      graph.after(value, activation('tanh'), reshape(12), dense(2));
      const by = extra ? [0, 1] : [0, inner];
      return { ...graph.describe(), valueGradients: { by, of: 'output' } } as const;
    };
    const x = samples(1, 4, 6, 6, 2);
    const y = [samples(2, 4, 2)];
    const zeros = samplesOf([4, 2, 2, 3], 'float32', new Float32Array(48));
    const inner = await create(build(false)).valueGradients({ x: [x], y, seed: 1 });
    const added = await create(build(true)).valueGradients({ x: [x, zeros], y, seed: 1 });
    inner.gradients.forEach((gradient, i) => void expectClose(gradient, added.gradients[i]));
    expect(inner.gradients[1].some((value) => value !== 0)).toBe(true);
  });

  test("are 0 by unused values, and by an embedding's indices", async () => {
    setEngine(engine);
    const graph = new Graph([3], [2]);
    const vectors = graph.after(0, embedding(5, 4), reshape(12), dense(2));
    const other = graph.after(1, dense(1));
    const by = [0, 1, 3, other];
    const description = {
      ...graph.describe(undefined, [vectors, other]),
      valueGradients: { by, of: 'output' },
    };
    const program = create(description as ProgramDescription);
    const indexes = samplesOf([1, 3], 'float32', Float32Array.of(0, 4, 2));
    const { gradients, outputs } = await program.valueGradients({
      x: [indexes, samples(3, 1, 2)],
      y: [samplesOf([1, 2], 'float32', Float32Array.of(1, 1))],
      seed: 1,
    });
    expect(Array.from(gradients[0])).toEqual([0, 0, 0]);
    expect(Array.from(gradients[1])).toEqual([0, 0]);
    expect(gradients[2].every((value) => value !== 0)).toBe(true);
    expect(Array.from(gradients[3])).toEqual([0]);
    expect(outputs.map(({ length }) => length)).toEqual([2, 1]);
  });

  test('are computed during predictions, and refused in other programs', async () => {
    setEngine(engine);
    const description = chain([2], [dense(2)], training('meanSquaredError'));
    const run = { x: [samples(1, 3, 2)], y: [samples(2, 3, 2)], seed: 1 };
    await expectRefusal(
      () => create(description).valueGradients(run),
      'INVALID_ARGUMENT',
      "isn't for gradients",
    );
    const by = { ...description, valueGradients: { by: [0], of: 'loss' } } as const;
    const program = create(by);
    await expectRefusal(() => program.gradients(run), 'INVALID_ARGUMENT', 'not for training');
    const order = Uint32Array.of(0, 1, 2);
    await expectRefusal(() => program.train({ ...run, order, batchSize: 3 }), 'INVALID_ARGUMENT', 'not for');
    const [outputs] = await program.predict({ x: run.x, batchSize: 3 }).promise;
    expect((await program.valueGradients(run)).outputs[0]).toEqual(outputs);
    await expectRefusal(() => program.valueGradients({ ...run, y: [] }), 'INVALID_ARGUMENT');
    const factors = create({ ...chain([2], [dense(2)]), valueGradients: { by: [0], of: 'output' } });
    await expectRefusal(() => factors.valueGradients({ ...run, y: [samples(2, 3, 3)] }), 'SHAPE_MISMATCH');
    await expectRefusal(() => factors.valueGradients({ ...run, y: [samples(2, 2, 2)] }), 'SHAPE_MISMATCH');
    await expectRefusal(
      () => create({ ...description, valueGradients: { by: [7], of: 'loss' } }),
      'INVALID_ARGUMENT',
      'node 7',
    );
  });
});
